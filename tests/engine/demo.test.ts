import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";

// The demo of a checkout of its own, with a small program: what the platform becomes is tested elsewhere.
const checkout = resolve(import.meta.dirname, "../..");
const stackFile = `config:
  datalab:text: first
encryptionsalt: v1:iwwAZIeYRPM=:v1:rWZqoFkImuoLjIFH:Qfad4HFBVngT2FKUgQnERvWSb2OsaA==
`;

/** No part of the demo itself: its program is another one here. */
const apart = /^(node_modules|docs|tests|index\.ts|Pulumi\..*)$/;

let copy: string;
let end: ChildProcess | undefined;

beforeAll(async () => {
  await ensureToolchain({ report: () => undefined });
  copy = mkdtempSync(join(tmpdir(), "datalab-demo-"));
  const tools = readdirSync(checkout).filter((name) => !name.startsWith(".") && !apart.test(name));
  for (const name of tools)
    cpSync(join(checkout, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(checkout, "node_modules"), join(copy, "node_modules"));
  // Nothing is to be installed through the link, whatever was changed in the checkout since.
  utimesSync(join(copy, "package-lock.json"), 0, 0);
  cpSync(join(import.meta.dirname, "demo/index.ts"), join(copy, "index.ts"));
  const runtime = "runtime: { name: nodejs, options: { typescript: false } }";
  writeFileSync(join(copy, "Pulumi.yaml"), `name: datalab\n${runtime}\nmain: index.ts\n`);
  writeFileSync(join(copy, "Pulumi.dev.yaml"), stackFile);
  // Stops the demo when the tests are over, also if they are broken off.
  const script = `process.stdin.resume().on("close", () => {
    require("node:child_process").spawnSync(process.execPath, ["start.mjs", "demo", "--stop"]);
  });`;
  end = spawn(process.execPath, ["-e", script], { cwd: copy, detached: true, stdio: ["pipe", "ignore", "ignore"] });
}, 1_800_000);

afterAll(async () => {
  if (end !== undefined) {
    const ended = once(end, "exit");
    end.stdin?.end();
    await ended;
  }
  rmSync(copy, { recursive: true, force: true });
}, 60_000);

async function demo(...args: string[]): Promise<{ code: number; text: string }> {
  return shell(`node start.mjs demo ${args.join(" ")}`);
}

async function shell(command: string): Promise<{ code: number; text: string }> {
  const { stdout, stderr, code } = await promisify(execFile)("sh", ["-c", command], { cwd: copy }).then(
    (output) => ({ ...output, code: 0 }),
    (error: unknown) => error as { stdout: string; stderr: string; code: number },
  );
  return { code, text: stdout + stderr };
}

const containing = (text: string): unknown => expect.stringContaining(text);

const withEnvironment = (command: string) => shell(`eval "$(node start.mjs demo --env)" && ${command}`);

describe("npm run demo", () => {
  test("says that nothing runs before it was started", async () => {
    await expect(demo("--status")).resolves.toMatchObject({
      code: 1,
      text: containing("Nothing is running"),
    });
    await expect(demo("--env")).resolves.toMatchObject({
      code: 1,
      text: containing("not running"),
    });
  }, 60_000);

  test("brings the stack up and prints its outputs", async () => {
    const { code, text } = await demo();
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
    expect(text).toMatch(/Control plane ready in [\d.]+ s/);
    expect(text).toMatch(/^ {2}answer {2}first$/m);
    expect(text).toContain("npm run demo -- --stop");
    await expect(demo("--status")).resolves.toMatchObject({ code: 0 });
  }, 180_000);

  test("started again changes nothing, neither in the cluster nor in the checkout", async () => {
    const { code, text } = await demo();
    expect(code).toBe(0);
    expect(text).toContain("already running");
    expect(text).toMatch(/^ +\d+ unchanged$/m);
    expect(text).not.toMatch(/created|updated|deleted/);
    expect(readFileSync(join(copy, "Pulumi.dev.yaml"), "utf8")).toBe(stackFile);
  }, 120_000);

  test("gives a shell what kubectl and pulumi need, and their commands see the same stack", async () => {
    await expect(withEnvironment("kubectl get configmap -n demo-test text -o jsonpath={.data.text}")).resolves.toEqual({
      code: 0,
      text: "first",
    });
    const preview = await withEnvironment("pulumi preview -s dev --expect-no-changes --non-interactive");
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.text).not.toContain("warning");
    expect(readFileSync(join(copy, "Pulumi.dev.yaml"), "utf8")).toBe(stackFile);
  }, 120_000);

  test("starts over with a new state when its control plane has died", async () => {
    const supervisor = Number(readFileSync(join(copy, ".datalab/control-plane/pids/supervisor"), "utf8"));
    process.kill(supervisor, "SIGKILL");
    await expect(demo("--status")).resolves.toMatchObject({
      code: 1,
      text: containing("broken down"),
    });
    const { code, text } = await demo();
    expect({ code, text: code === 0 ? "" : text }).toEqual({ code: 0, text: "" });
    expect(text).toMatch(/created/);
  }, 180_000);

  test("--stop leaves no process, no folder and no link", async () => {
    const folder = readlinkSync(join(copy, ".datalab"));
    await expect(demo("--stop")).resolves.toMatchObject({ code: 0 });
    expect(existsSync(folder)).toBe(false);
    expect(lstatSync(join(copy, ".datalab"), { throwIfNoEntry: false })).toBeUndefined();
    // It exits with 1 where it finds none.
    await expect(promisify(execFile)("pgrep", ["-f", `${folder}/`])).rejects.toMatchObject({ code: 1, stdout: "" });
    await expect(demo("--stop")).resolves.toMatchObject({
      code: 0,
      text: containing("Nothing was running"),
    });
  }, 60_000);
});
