/** Every hop is broken once, and the doctor must name it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { namespaces } from "../../components/names.ts";
import { packagesBucket } from "../../components/packages/names.ts";
import type { Result } from "../../commands/doctor/runner.ts";
import { issue, validNow } from "../support/certificate-maker.ts";
import { type DoctorBench, type Examination, startDoctorBench } from "../support/doctor-bench.ts";
import { domain, password, root } from "../support/doctor-servers.ts";
import { asAlice, type Breaks } from "./doctor/break.ts";
import { cluster } from "./doctor/cluster.ts";
import { identity } from "./doctor/identity.ts";
import { objectStore } from "./doctor/object-store.ts";
import { portal } from "./doctor/portal.ts";
import { otherCertificate, waysIn } from "./doctor/ways-in.ts";
import { workspaces } from "./doctor/workspaces.ts";

const minutes = 60_000;

const unavailable = keycloakUnavailable();
const describeWithKeycloak = unavailable === undefined ? describe : describe.skip;

let bench: DoctorBench;

const firstFailure = ({ steps }: Examination): Result | undefined => steps.find(({ status }) => status === "failed");
const stepOf = ({ steps }: Examination, wanted: string): Result | undefined => steps.find(({ id }) => id === wanted);
const unhappy = ({ steps }: Examination) => steps.filter(({ status }) => status === "failed" || status === "warning");

const breaks: Breaks = { ...waysIn, ...identity, ...portal, ...objectStore, ...workspaces, ...cluster };

describeWithKeycloak(`the doctor${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  beforeAll(async () => {
    bench = await startDoctorBench();
  }, 40 * minutes);

  afterAll(async () => {
    await (bench as DoctorBench | undefined)?.stop();
  }, 2 * minutes);

  it(
    "finds nothing wrong with a platform that works, and leaves nothing behind",
    async () => {
      const before = await contentOfStore();
      const examination = await bench.examine({ args: asAlice });
      expect(unhappy(examination)).toEqual([]);
      expect(examination.steps.filter(({ status }) => status === "skipped")).toEqual([]);
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(examination, "portal-login")).toMatchObject({ status: "passed", note: "user-alice" });
      expect(examination.steps.every(({ milliseconds }) => Number.isInteger(milliseconds))).toBe(true);
      expect(stepOf(examination, "pods:identity")).toMatchObject({ note: "keycloak-database 1/1, keycloak 1/1" });
      expect(await contentOfStore()).toEqual(before);
      expect(bench.pods.made).toEqual(["made", "deleted"]);
      const [alice] = await bench.admin.get<{ id: string }[]>("datalab/users?username=alice");
      expect(await bench.admin.get(`datalab/users/${alice!.id}/sessions`)).toEqual([]);
    },
    2 * minutes,
  );

  it(
    "leaves no version of what it wrote, where a bucket keeps them",
    async () => {
      const bucket = "store/user-alice";
      for (const args of [["mb"], ["version", "enable"]]) await administrate(...args, bucket);
      try {
        const examination = await bench.examine({ args: asAlice });
        expect(stepOf(examination, "write")).toMatchObject({ status: "passed" });
        expect(await administrate("ls", "--recursive", "--versions", bucket)).toBe("");
      } finally {
        await administrate("rb", "--force", bucket);
      }
    },
    2 * minutes,
  );

  it(
    "is broken at every step below",
    async () => {
      const { steps } = await bench.examine({ args: asAlice });
      const kindOf = (id: string) => id.replace(/:.*/, "");
      const broken = Object.values(breaks).map(({ step }) => kindOf(step));
      // The simulated nodes give the Service its address back at once; a logout or a launch that fails, and images
      // without a digest, are warnings.
      const others = ["ingress-address", "logout", "launcher-log", "images"];
      expect(new Set([...broken, ...others])).toEqual(new Set(steps.map(({ id }) => kindOf(id))));
    },
    2 * minutes,
  );

  it(
    "says why it leaves out what was not asked for, and is content without it",
    async () => {
      const examination = await bench.examine();
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(examination, "login")).toMatchObject({ status: "skipped", because: "no --user was given" });
      expect(stepOf(examination, "own-bucket")).toMatchObject({
        status: "skipped",
        because: expect.stringContaining("was skipped"),
      });
    },
    2 * minutes,
  );

  it.each(Object.entries(breaks))(
    "names %s",
    async (_, { breaks: apply, step, hop, says, cause }) => {
      const { mend, options } = await apply(bench);
      let examination: Examination;
      try {
        examination = await bench.examine(options ?? { args: asAlice });
      } finally {
        await mend();
      }
      const failure = firstFailure(examination);
      expect({ id: failure?.id, text: examination.text }).toEqual({ id: step, text: examination.text });
      expect(failure).toMatchObject({
        hop,
        problem: expect.stringMatching(says),
        cause: expect.stringMatching(cause),
        cure: expect.stringMatching(/\w/),
      });
      expect(examination).toMatchObject({ code: 1, usable: false });
    },
    2 * minutes,
  );

  it(
    "warns of a certificate that ends soon, without calling the platform unusable",
    async () => {
      const soon = { from: validNow.from, to: new Date(Date.now() + 5 * 86_400_000 + 3_600_000) };
      const { mend } = await otherCertificate(() => issue(bench.authority, { names: [`*.${domain}`], ...soon }))(bench);
      const examination = await bench.examine({ args: asAlice });
      await mend();
      expect(stepOf(examination, "certificate:portal")).toMatchObject({
        status: "warning",
        problem: expect.stringContaining("ends in 5 days"),
      });
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(await bench.examine({ args: ["--expiry-days", "3650"] }), "certificate:services")?.status).toBe(
        "warning",
      );
    },
    2 * minutes,
  );

  it(
    "remembers which image ran first under a tag, and warns of another",
    async () => {
      const name = ["--namespace", namespaces.portal];
      const pods = JSON.parse(await bench.platform.kubectl(...name, "get", "pods", "-o", "json")) as {
        items: { metadata: { name: string }; status: { containerStatuses: { image: string; imageID: string }[] } }[];
      };
      /** As a registry's image, with a digest of one letter. */
      const runAs = async (letter: string) => {
        for (const { metadata, status } of pods.items) {
          const containerStatuses = status.containerStatuses.map((container) => ({
            ...container,
            imageID: `${container.image.replace(/:[^:/]*$/, "")}@sha256:${letter.repeat(64)}`,
          }));
          const patch = ["patch", "pod", metadata.name, "--subresource=status", "--type=merge", "--patch"];
          await bench.platform.kubectl(...name, ...patch, JSON.stringify({ status: { containerStatuses } }));
        }
      };
      await runAs("a");
      expect(stepOf(await bench.examine(), "images")).toMatchObject({
        status: "passed",
        note: expect.stringMatching(/as first seen .*portal\.web\.imageDigest' 'sha256:a+'/),
      });
      await runAs("b");
      const examination = await bench.examine();
      expect(stepOf(examination, "images")).toMatchObject({
        status: "warning",
        problem: expect.stringMatching(
          /onyxia-web:\S+ runs as sha256:b+; .*onyxia-api:\S+ runs as sha256:b+; .* as sha256:a+$/,
        ),
      });
      expect(examination.code).toBe(0);
      await runAs("a");
    },
    2 * minutes,
  );

  it(
    "trusts an authority that is given, without asking the cluster",
    async () => {
      const file = bench.store.file("ca.crt", bench.authority.certificate);
      const examination = await bench.examine({ args: ["--ca", file], environment: { PATH: "/nonexistent" } });
      expect(stepOf(examination, "certificate:identity")?.status).toBe("passed");
      expect(stepOf(examination, "cors")?.status).toBe("passed");
    },
    2 * minutes,
  );

  it(
    "is a command: text for people, the password from the environment, the exit code for CI",
    async () => {
      const good = await command([...bench.args, ...asAlice], { DATALAB_PASSWORD: password });
      expect(good.text).toMatch(/✓ own bucket is open +\d+ ms {2}s3:\/\/user-alice\//);
      expect(good.text).toMatch(/Stack dev is usable \(\d+ passed\)\.\n$/);
      expect(good.code).toBe(0);
      const bad = await command([...bench.args, "--user", "alice"], { DATALAB_PASSWORD: "wrong" });
      expect(bad.text).toMatch(
        /✗ login through the portal's client .*\n {4}Keycloak refuses the login of alice: .*likely because/,
      );
      expect(bad.text).toContain("Stack dev is not usable, first at: login through the portal's client");
      expect(bad.code).toBe(1);
      for (const { text } of [good, bad]) expect(text).not.toContain(password);
    },
    2 * minutes,
  );

  it(
    "finds everything well again after all that was mended",
    async () => {
      const examination = await bench.examine({ args: asAlice });
      expect(unhappy(examination)).toEqual([]);
      expect(examination.code).toBe(0);
    },
    2 * minutes,
  );

  it(
    "names the servers themselves when they end",
    async () => {
      await bench.keycloak.stop();
      await bench.store.stop();
      await bench.packages.stop();
      const examination = await bench.examine({ args: asAlice });
      const failed = examination.steps.filter(({ status }) => status === "failed").map(({ id }) => id);
      expect(failed).toEqual(["discovery", "object-store", "packages"]);
      expect(stepOf(examination, "exchange")).toMatchObject({ status: "skipped" });
      expect(examination.code).toBe(1);
    },
    2 * minutes,
  );

  it(
    "reads the secrets of a stack file through the Pulumi CLI, and removes what it wrote for kubectl",
    async () => {
      const { controlPlane, engine } = bench.platform;
      const place = ["--path", "--stack", "dev", "--config-file", engine.stackFile];
      await engine.run(["config", "rm", ...place, "datalab:cluster.kubeconfigPath"]);
      const content = readFileSync(controlPlane.kubeconfig, "utf8");
      await engine.run(["config", "set", "--secret", ...place, "datalab:cluster.kubeconfig", content]);
      expect(readFileSync(engine.stackFile, "utf8")).toMatch(/secure: v1:/);
      const temporary = join(bench.platform.folder, "temporary");
      mkdirSync(temporary);
      const before = process.env["TMPDIR"];
      process.env["TMPDIR"] = temporary;
      try {
        const examination = await bench.examine({ environment: { ...engine.environment } });
        expect(stepOf(examination, "cluster")).toMatchObject({ status: "passed" });
        expect(stepOf(examination, "pods:portal")).toMatchObject({ status: "passed" });
        expect(readdirSync(temporary)).toEqual([]);
      } finally {
        if (before === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = before;
      }
    },
    2 * minutes,
  );
});

/** Buckets and objects of the store, as its administrator sees them, but for what the index of packages notes all the time. */
async function contentOfStore(): Promise<string[]> {
  const objects = (await administrate("ls", "--recursive", "store")).split("\n");
  return [await administrate("ls", "store"), ...objects.filter((line) => !line.includes(`${packagesBucket}/_leader/`))];
}

/** Runs `mc` as the store's administrator. */
async function administrate(...args: string[]): Promise<string> {
  const { code, output } = await bench.store.client(`${root.user}:${root.password}`, ...args);
  if (code !== 0) throw new Error(`mc ${args.join(" ")}: exit code ${code}\n${output}`);
  return output;
}

async function command(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const main = join(import.meta.dirname, "../../commands/doctor/main.ts");
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...bench.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}
