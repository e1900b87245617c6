import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { type ControlPlane, controlPlaneTools, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { checkout, devStackFile } from "../../testbed/engine/dev-stack.ts";
import type { OperationResult } from "../../testbed/engine/engine.ts";
import { ensureToolchain, type Toolchain } from "../../testbed/toolchain/toolchain.ts";
import { namespaces } from "../../components/names.ts";
import type { Fate } from "../../commands/flip/plan.ts";
import type { Report } from "../../commands/flip/report.ts";
import { type AwsPlatform, startAwsPlatform } from "../support/aws-provider/platform.ts";
import { withoutRuns } from "../support/cron-jobs.ts";
import type { StackConfig } from "../support/platform.ts";

const minutes = 60_000;

/** The cluster that was there before. The account's own clusters have another API server. */
let home: ControlPlane;
let platform: AwsPlatform;
/** Namespaces of the platform before it moves. */
let atHome: string[];
let toolchain: Toolchain;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "datalab-flip-aws-"));
  toolchain = await ensureToolchain({ report: () => undefined });
  home = await startControlPlane({ folder: join(folder, "home"), tools: controlPlaneTools(toolchain), owned: true });
  platform = await startAwsPlatform();
  const dev = parse(devStackFile(home.kubeconfig, toolchain.charts)) as { config: StackConfig };
  platform.configure((config) => {
    for (const key of Object.keys(config)) Reflect.deleteProperty(config, key);
    // The whole platform moves to the cloud, not its domain.
    Object.assign(config, dev.config, { "datalab:platform": { domain: "example.org" } });
  });
  succeeded(await platform.engine.up());
  atHome = await platformNamespaces(home.kubeconfig);
  expect(atHome.length).toBeGreaterThan(5);
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
  await home.stop();
  rmSync(folder, { recursive: true, force: true });
}, 2 * minutes);

function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}\n${result.text}`);
  return result;
}

/** @throws with what the program says */
async function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const env = { ...process.env, ...environment, PULUMI_SKIP_CONFIRMATIONS: "true" };
  return (await promisify(execFile)(program, args, { env, cwd: checkout, maxBuffer: 100_000_000 })).stdout;
}

function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const program = toolchain.path("kubectl");
  return run(program, ["--kubeconfig", kubeconfig, ...args], { KUBECACHEDIR: join(folder, "kubectl") });
}

/** What is told; and nothing is written to the stack file, the state, the account or one of the two clusters. */
async function report(...args: readonly string[]): Promise<Report> {
  const before = await world();
  const target = ["--stack", "prod", "--config-file", platform.engine.stackFile];
  const all = [join(checkout, "commands/flip/main.ts"), "--json", ...target, ...args];
  const told = await run(join(checkout, "node_modules/.bin/node"), all, platform.engine.environment);
  expect(await world()).toEqual(before);
  return JSON.parse(told) as Report;
}

async function world(): Promise<unknown> {
  const backend = join(dirname(platform.engine.stackFile), "state/backend");
  const files = readdirSync(backend, { recursive: true, encoding: "utf8" }).map((name) => join(backend, name));
  return {
    stackFile: readFileSync(platform.engine.stackFile, "utf8"),
    state: files.filter((file) => statSync(file).isFile()).map((file) => [file, readFileSync(file, "utf8")]),
    calls: platform.account.calls(),
    home: await everythingIn(home.kubeconfig),
    cloud: await everythingIn(cloud()),
  };
}

/** Of the API server behind the account's clusters. */
function cloud(): string {
  return join(platform.engine.environment["DATALAB_TEST_AWS"] ?? "", "kubeconfig");
}

/** Every object but those that the control plane itself writes all the time. */
async function everythingIn(kubeconfig: string): Promise<string[]> {
  const kinds = (await kubectl(kubeconfig, "api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
  const list = kinds.filter((kind) => !/^(events|leases|nodes|componentstatuses)\b/.test(kind));
  const text = await kubectl(kubeconfig, "get", list.join(","), "--all-namespaces", "-o", "json");
  const { items } = JSON.parse(text) as { items: object[] };
  return withoutRuns(items)
    .map((object) => JSON.stringify(object))
    .toSorted();
}

/** Runs what the report says, as the operator would paste it; the steps of the last command. */
async function made({ commands }: Report): Promise<string[]> {
  for (const command of [...commands.release, ...commands.settings, ...commands.unprotect]) {
    await run("/bin/sh", ["-euc", command], platform.engine.environment);
  }
  return stepsOf(succeeded(await platform.engine.up()).steps);
}

function stepsOf(steps: readonly { readonly op: string; readonly urn: string }[]): string[] {
  return steps.map(({ op, urn }) => `${op} ${urn}`).toSorted();
}

/** The objects in the cluster, by what becomes of them. */
function inCluster({ resources }: Report, ...fates: readonly Fate[]): string[] {
  const all = fates.flatMap((fate) => resources[fate]);
  return all.filter(({ type }) => type.startsWith("kubernetes:")).map(({ label }) => label);
}

/** What is removed or replaced of the components of these names. */
function lostOf({ resources }: Report, ...names: readonly string[]): string[] {
  const lost = [...resources.removed, ...resources.replaced];
  return lost.filter(({ component }) => names.includes(component.split(" ")[0] ?? "")).map(({ label }) => label);
}

/** What has to be carried over by hand. */
function movesIn({ moves }: Report): (string | undefined)[] {
  return moves.map(({ what }) => what.split(":")[0]);
}

/** Every value of the prod stack's file, as an argument. */
function toCloud(clusterIdentifier: string): string[] {
  const { config } = parse(readFileSync(join(checkout, "Pulumi.prod.yaml"), "utf8")) as { config: StackConfig };
  const given = { ...config, "datalab:cluster": { ...config["datalab:cluster"], clusterIdentifier } };
  return assignments(given).map((setting) => setting.replace("datalab:", ""));
}

function assignments(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => assignments(one, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [`${path}=${String(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => assignments(inner, path === "" ? key : `${path}.${key}`));
}

/** The names of the data at risk, the first ones first. */
function dataOf({ data }: Report): string[] {
  return data.map(({ resource }) => resource.label);
}

async function platformNamespaces(kubeconfig: string): Promise<string[]> {
  const names = (await kubectl(kubeconfig, "get", "namespaces", "-o", "name")).trim().split("\n");
  return names.map((name) => name.replace("namespace/", "")).filter((name) => ours.includes(name));
}

const ours: readonly string[] = Object.values(namespaces);
const backHome = ["cluster.kind=existing", "cluster.clusterIdentifier=demo", "objectStore.kind=minio"];
const withoutAws = ["certificates.issuer=privateCa", "dns.kind=none"];

describe("a flip from a cluster that was there to AWS", () => {
  it.each(["demo", "another"])(
    "replaces every object in a cluster that is called %s, and names the data first",
    async (name) => {
      const told = await report(...toCloud(name));
      // The provider goes by the cluster's ARN: by its name, the state would move and the data stay behind.
      expect(inCluster(told, "changed", "unchanged", "moved")).toEqual([]);
      expect(inCluster(told, "replaced").length).toBeGreaterThan(80);
      expect(told.data.map(({ resource, consequence }) => `${resource.label} ${consequence}`)).toEqual([
        "StatefulSet datalab-identity/keycloak-database are deleted, with the namespace datalab-identity",
        "StatefulSet datalab-storage/object-store are deleted, with the namespace datalab-storage",
        "PrivateKey private-ca-key is deleted",
      ]);
      expect(movesIn(told)).toEqual(["the users' objects", "packages", "logins", "volumes of users' services"]);
      expect(told.settings.meaningless).toEqual(["cluster.kubeconfigPath", "objectStore.console"]);
    },
    3 * minutes,
  );

  it(
    "is what `up` does: one cluster is left empty, the other one full",
    async () => {
      const told = await report(...toCloud("demo"), "objectStore.kind=minio");
      expect(inCluster(told, "changed", "unchanged", "moved")).toEqual([]);
      expect(await made(told)).toEqual(stepsOf(told.steps));
      expect(await platformNamespaces(home.kubeconfig)).toEqual([]);
      expect(await platformNamespaces(cloud())).toEqual(atHome);
    },
    10 * minutes,
  );
});

describe("a flip of single words on AWS", () => {
  it(
    "leaves the cluster alone where names and certificates change",
    async () => {
      const told = await report(...withoutAws);
      expect(dataOf(told)).toEqual(["Zone dns-zone"]);
      expect(told.commands.release.join()).toContain("Zone::dns-zone");
      expect(lostOf(told, "cluster", "network", "database", "identity", "object-store")).toEqual([]);
      expect(told.outputs.map(({ name }) => name)).toContain("nameServers");
    },
    3 * minutes,
  );

  it(
    "moves the objects to S3, and is what `up` does",
    async () => {
      const told = await report("objectStore.kind=s3");
      expect(dataOf(told)[0]).toBe("StatefulSet datalab-storage/object-store");
      expect(movesIn(told)).toEqual(["the users' objects", "packages"]);
      expect(lostOf(told, "cluster", "network", "database", "identity", "portal")).toEqual([]);
      // What Kubernetes holds needs no word of AWS.
      expect(told.commands.release).toEqual([]);
      expect(told.commands.unprotect.join()).toContain("StatefulSet::object-store-stateful-set");
      expect(await made(told)).toEqual(stepsOf(told.steps));
    },
    5 * minutes,
  );
});

describe("a flip back from AWS", () => {
  it(
    "names everything on AWS that holds data, gets it past every protection, and leaves nothing there",
    async () => {
      const told = await report(...backHome, ...withoutAws, `cluster.kubeconfigPath=${home.kubeconfig}`);
      expect(inCluster(told, "changed", "unchanged", "moved")).toEqual([]);
      const held = [
        "StatefulSet datalab-identity/keycloak-database",
        "Cluster cluster-control-plane",
        "Bucket object-store-bucket",
        "Bucket packages-place-bucket",
        "Key cluster-secrets-key",
        "FileSystem cluster-files",
        "Zone dns-zone",
      ];
      expect(dataOf(told).slice(0, held.length).toSorted()).toEqual(held.toSorted());
      expect(told.data.every(({ resource }) => resource.protected)).toBe(true);
      const { release, unprotect } = told.commands;
      const named = (commands: readonly string[]) => commands.join().match(/[\w-]+(?=')/g);
      const buckets = ["object-store-bucket", "packages-place-bucket"];
      const guarded = ["cluster-control-plane", "data-protection-policy-binding", "dns-zone", ...buckets];
      expect(named(release)?.toSorted()).toEqual(guarded);
      expect(named(unprotect)).toEqual(expect.arrayContaining(["cluster-secrets-key", "cluster-files"]));
      const records = "records of example.org that are not the platform's own";
      expect(movesIn(told)).toEqual([
        "the users' objects",
        "packages",
        "logins",
        "volumes of users' services",
        records,
      ]);

      expect(await made(told)).toEqual(stepsOf(told.steps));
      expect(platform.account.resources()).toEqual([]);
      expect(platform.account.calls().filter(({ refused }) => refused !== undefined)).toEqual([]);
      expect(await platformNamespaces(cloud())).toEqual([]);
      expect(await platformNamespaces(home.kubeconfig)).toEqual(atHome);
    },
    10 * minutes,
  );
});
