/** How the doctor reads the stack file and the kubeconfig that it names. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { doctor } from "../../../commands/doctor/doctor.ts";
import { UsageError } from "../../../commands/usage-error.ts";
import { connectionOf, readSettings } from "../../../commands/stack-file/connection.ts";
import { pulumiIn } from "../../../commands/stack-file/pulumi.ts";
import { minimalValues, minimal } from "../../support/doctor-context.ts";

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "datalab-doctor-test-"));
  writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  datalab:platform:\n    domain: example.test\n");
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

describe("the stack file", () => {
  const place = { environment: {} };

  it("is refused with every mistake, by the very rules of `pulumi up`", async () => {
    const errors = new PassThrough();
    const code = await doctor(["-s", "dev"], {
      project,
      environment: {},
      input: new PassThrough(),
      output: new PassThrough(),
      errors,
    });
    expect(code).toBe(2);
    const text = (errors.read() as Buffer).toString();
    expect(text).toContain("datalab:cluster.kind");
    expect(text).toContain("datalab:ingress.kind");
  });

  it("needs the Pulumi CLI only for secrets, and says what that says", async () => {
    const stackFile = join(project, "Pulumi.secret.yaml");
    writeFileSync(stackFile, "config:\n  datalab:cluster:\n    kubeconfig:\n      secure: v1:abc\n");
    const noPulumi = { project, environment: { PATH: "/nonexistent" } };
    await expect(readSettings({ stack: "secret", stackFile, timeout: 1 }, noPulumi)).rejects.toThrow(
      /secrets of .* cannot be read.*CLI is not installed/,
    );
    writeFileSync(stackFile, ": : :");
    await expect(readSettings({ stack: "secret", stackFile, timeout: 1 }, { ...place, project })).rejects.toThrow(
      UsageError,
    );
  });

  it("is read by the user's own CLI, not by npm's; a key that is encrypted as a whole too", async () => {
    const stackFile = join(project, "Pulumi.whole.yaml");
    const { cluster, ...others } = minimalValues;
    writeFileSync(stackFile, stackText({ ...others, cluster: { secure: "v1:abc" } }));
    const plain = { "datalab:cluster": { value: JSON.stringify({ ...cluster, kubeconfig: "hush" }), secret: true } };
    const wrapper = program("node_modules/.bin/pulumi", "echo downloading >&2; exit 3");
    const own = program("bin/pulumi", `cat <<'END'\n${JSON.stringify(plain)}\nEND`);
    const PATH = [wrapper, own, "/usr/bin", "/bin"].join(delimiter);
    const whole = { stack: "whole", stackFile, timeout: 1 };
    await expect(readSettings(whole, { project, environment: { PATH } })).rejects.toThrow(/stands beside `kubeconfig`/);
    plain["datalab:cluster"].value = JSON.stringify({ ...cluster, kubeconfigPath: undefined, kubeconfig: "hush" });
    program("bin/pulumi", `cat <<'END'\n${JSON.stringify(plain)}\nEND`);
    const settings = await readSettings(whole, { project, environment: { PATH } });
    expect(settings.cluster).toMatchObject({ kind: "existing", kubeconfig: "hush" });
  });

  it("is not waited for without end", async () => {
    const folder = program("slow/pulumi", "exec /bin/sleep 60");
    const pulumi = pulumiIn(project, { environment: { PATH: folder }, timeout: 0.2 });
    await expect(pulumi.run(["stack", "output"])).rejects.toThrow(/`pulumi stack` did not end within 0.2 s/);
  });

  it.each([
    ["---\nusers: []\n", "content"],
    ["users: []\nclusters: []", "content"],
    ['{"apiVersion":"v1"}', "content"],
    ["folder/kubeconfig", "path"],
  ])("names a kubeconfig or holds it: %j is a %s", async (kubeconfigPath, form) => {
    const settings = minimal({ cluster: { ...minimalValues.cluster, kubeconfigPath } });
    const options = { stack: "test", stackFile: "", timeout: 1 };
    const { kubeconfig } = connectionOf(settings, options, { project, environment: {} });
    expect(await kubeconfig()).toEqual({ [form]: kubeconfigPath });
  });

  it("takes `~` in a path for the home folder, like the provider", async () => {
    const options = { stack: "test", stackFile: "", timeout: 1 };
    const pathOf = (kubeconfigPath: string) =>
      connectionOf(minimal({ cluster: { ...minimalValues.cluster, kubeconfigPath } }), options, {
        project,
        environment: { HOME: "/home/ada" },
      }).kubeconfig();
    expect(await pathOf("~/.kube/config")).toEqual({ path: "/home/ada/.kube/config" });
    expect(await pathOf("~ada/config")).toEqual({ path: "~ada/config" });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves no kubeconfig behind at %s",
    async (signal) => {
      const stackFile = join(project, "Pulumi.interrupted.yaml");
      const cluster = { ...minimalValues.cluster, kubeconfigPath: "users: []\nclusters: []\n" };
      writeFileSync(stackFile, stackText({ ...minimalValues, cluster }));
      const temporary = join(project, `temporary-${signal}`);
      mkdirSync(temporary);
      const started = join(temporary, "pid");
      const folder = program(
        "waiting/kubectl",
        `echo $$ > ${started}.new; mv ${started}.new ${started}; exec sleep 60`,
      );
      const main = join(import.meta.dirname, "../../../commands/doctor/main.ts");
      const child = spawn(process.execPath, [main, "-s", "interrupted", "--config-file", stackFile], {
        env: { PATH: [folder, "/usr/bin", "/bin"].join(delimiter), TMPDIR: temporary },
        stdio: "ignore",
      });
      const ended = once(child, "exit");
      try {
        while (!existsSync(started)) {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
          await sleep(50);
        }
        expect(readdirSync(temporary)).toContainEqual(expect.stringMatching(/^datalab-doctor-/));
      } finally {
        child.kill(signal);
        await ended;
        process.kill(Number(readFileSync(started, "utf8")), "SIGKILL");
      }
      expect(child.exitCode).toBe(128 + constants.signals[signal]);
      expect(readdirSync(temporary)).toEqual(["pid"]);
    },
    30_000,
  );

  /** Writes a program. @returns its folder */
  function program(name: string, script: string): string {
    const file = join(project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return dirname(file);
  }
});

/** A stack file; JSON is YAML. */
function stackText(values: Readonly<Record<string, unknown>>): string {
  const config = Object.entries(values).map(([key, value]) => [`datalab:${key}`, value]);
  return JSON.stringify({ config: Object.fromEntries(config) as object });
}
