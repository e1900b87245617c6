/** When the Jobs of the realm and of the object store run: the real engine on a control plane, its nodes simulated. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { type ControlPlane, controlPlaneTools, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { type Engine, type OperationResult, openEngine } from "../../testbed/engine/engine.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { namespaces } from "../../components/names.ts";
import { isRun } from "../support/cron-jobs.ts";
import { type KubectlPlace, objectsOf, runKubectl } from "../support/kubectl.ts";

const minutes = 60_000;
const parts = [namespaces.identity, namespaces.objectStore] as const;

let folder: string;
let controlPlane: ControlPlane;
let engine: Engine;
let place: KubectlPlace;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "datalab-jobs-"));
  const toolchain = await ensureToolchain({ report: () => undefined });
  controlPlane = await startControlPlane({
    folder: join(folder, "control-plane"),
    tools: controlPlaneTools(toolchain),
    owned: true,
  });
  place = { toolchain, folder, kubeconfig: controlPlane.kubeconfig };
  engine = await openEngine({
    toolchain,
    state: join(folder, "state"),
    project: join(import.meta.dirname, "jobs"),
    stack: "test",
    environment: { KUBECONFIG: controlPlane.kubeconfig },
    checkpoints: false,
  });
}, 40 * minutes);

afterAll(async () => {
  await controlPlane.stop();
  rmSync(folder, { recursive: true, force: true });
}, 2 * minutes);

interface Job {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly status: { readonly succeeded?: number };
}

/** The one Job of each part. */
async function jobs(): Promise<[realm: Job, store: Job]> {
  const all = (await objectsOf<Job>(place, "jobs")).filter((job) => !isRun(job));
  expect(all.map(({ metadata }) => metadata.namespace).toSorted()).toEqual([...parts].toSorted());
  const [realm, store] = parts.map((part) => all.find(({ metadata }) => metadata.namespace === part)!);
  return [realm!, store!];
}

const named = (found: readonly Job[]) => found.map(({ metadata }) => metadata.name);
const uids = (found: readonly Job[]) => found.map(({ metadata }) => metadata.uid);

/** Other words for the realm, another policy for the store. */
async function change(): Promise<void> {
  await engine.configure(["jobs:displayName"], "Lab");
  await engine.configure(["jobs:publicSharing"], true);
}

async function changeBack(): Promise<void> {
  await engine.configure(["jobs:displayName"], "Datalab");
  await engine.configure(["jobs:publicSharing"], false);
}

function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}\n${result.text}`);
  return result;
}

/** An `up` while no pod can be made, so that the new Jobs do not come to their end. */
async function upWithoutPods(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (const part of parts) await runKubectl(place, ["create", "quota", "none", "-n", part, "--hard=pods=0"]);
  const { exitCode, steps } = await engine.up();
  expect(exitCode).not.toBe(0);
  const failed = steps.flatMap(({ name, failed }) => (failed ? [name] : []));
  expect([...new Set(failed)].toSorted()).toEqual(["realm-reconcile", "store-setup"]);
  await meanwhile();
  for (const part of parts) await runKubectl(place, ["delete", "quota", "none", "-n", part]);
}

describe("a Job", () => {
  let first: [Job, Job];
  let password: string;

  it(
    "runs once for what the stack file says",
    async () => {
      const { steps } = succeeded(await engine.up());
      password = steps.find(({ name }) => name === "realm-client-wiki-password")!.urn;
      first = await jobs();
      for (const { status } of first) expect(status.succeeded).toBe(1);
      succeeded(await engine.preview({ flags: ["--expect-no-changes"] }));
    },
    3 * minutes,
  );

  it(
    "runs anew when a change that failed half way is taken back",
    async () => {
      await change();
      await upWithoutPods();
      await changeBack();
      succeeded(await engine.up());
      const back = await jobs();
      expect(named(back)).toEqual(named(first));
      for (const uid of uids(back)) expect(uids(first)).not.toContain(uid);
      for (const { status } of back) expect(status.succeeded).toBe(1);
      succeeded(await engine.preview({ flags: ["--expect-no-changes"] }));
    },
    4 * minutes,
  );

  it(
    "is made again when it has failed",
    async () => {
      await change();
      await upWithoutPods(async () => {
        const deadline = JSON.stringify({ spec: { activeDeadlineSeconds: 1 } });
        for (const { metadata } of await jobs()) {
          const job = ["-n", metadata.namespace, `job/${metadata.name}`];
          await runKubectl(place, ["patch", ...job, "--patch", deadline]);
          await runKubectl(place, ["wait", ...job, "--for=condition=Failed", "--timeout=30s"]);
        }
      });
      const failed = await jobs();
      succeeded(await engine.up());
      const again = await jobs();
      expect(named(again)).toEqual(named(failed));
      for (const { status } of again) expect(status.succeeded).toBe(1);
    },
    4 * minutes,
  );

  it(
    "brings another secret of a client into the realm",
    async () => {
      const [realm, store] = await jobs();
      succeeded(await engine.up({ flags: ["--replace", password] }));
      const [again, same] = await jobs();
      expect(again.metadata.name).toBe(realm.metadata.name);
      expect(again.metadata.uid).not.toBe(realm.metadata.uid);
      expect(again.status.succeeded).toBe(1);
      expect(same.metadata.uid).toBe(store.metadata.uid);
    },
    3 * minutes,
  );
});
