import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseArguments, UsageError } from "../../testbed/demo/arguments.ts";
import { assertOnlyOurs, ForeignStacksError, renewState } from "../../testbed/demo/state.ts";
import { outputTable, realNextSteps } from "../../testbed/demo/summary.ts";
import { quoted } from "../../testbed/shell.ts";

describe("the options of npm run demo", () => {
  test.each([
    [[], "up"],
    [["--real"], "real"],
    [["--stop"], "stop"],
    [["--status"], "status"],
    [["--env"], "environment"],
    [["--help"], "help"],
  ])("%j means %s", (args, command) => {
    expect(parseArguments(args)).toBe(command);
  });

  test.each([[["--stopp"]], [["stop"]], [["--stop", "--status"]], [["toString"]]])("%j is refused", (args) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
  });

  test("a mistake ends with its own exit code, and names what there is", () => {
    const demo = join(import.meta.dirname, "../../testbed/demo/demo.ts");
    const { status, stderr, stdout } = spawnSync(process.execPath, [demo, "--sotp"], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--sotp");
    expect(stderr).toContain("--stop");
    expect(stderr).not.toContain("    at ");
  });
});

test("the closing text says that Onyxia is stood in for, unless images were given from outside", () => {
  const given = { domain: "demo.test", entrance: { https: 1 }, browser: "chromium" };
  expect(realNextSteps({ ...given, provided: undefined })).toContain("stand-ins run");
  const text = realNextSteps({ ...given, provided: "/images" });
  expect(text).toContain("/images run where it has them");
  expect(text).not.toContain("stand-ins run");
});

test("nothing is installed through a link: npm would empty the folder behind it", () => {
  const folder = mkdtempSync(join(tmpdir(), "datalab-unit-"));
  try {
    const [checkout, shared] = [join(folder, "checkout"), join(folder, "shared")];
    mkdirSync(checkout, { recursive: true });
    mkdirSync(join(shared, "package"), { recursive: true });
    const start = join(checkout, "start.mjs");
    copyFileSync(join(import.meta.dirname, "../../start.mjs"), start);
    writeFileSync(join(checkout, "package.json"), '{ "name": "checkout" }');
    const lock = { name: "checkout", lockfileVersion: 3, packages: { "": { name: "checkout" } } };
    writeFileSync(join(checkout, "package-lock.json"), JSON.stringify(lock));
    symlinkSync(shared, join(checkout, "node_modules"));
    const { status, stderr } = spawnSync(process.execPath, [start, "demo", "--help"], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("node_modules is a link") });
    expect(existsSync(join(shared, "package"))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test("outputs become a table with one line for each part", () => {
  const outputs = {
    portal: "https://datalab.example.org",
    firstPasswords: { admin: "Secret a/b", ada: "Secret a/c" },
    ports: [1],
    dnsRecords: [
      { name: "a.example.org", type: "A", value: "192.0.2.1" },
      { name: "b.example.org", type: "A", value: "192.0.2.1" },
    ],
  };
  expect(outputTable(outputs)).toEqual([
    "  portal                 https://datalab.example.org",
    "  first passwords admin  Secret a/b",
    "  first passwords ada    Secret a/c",
    "  ports                  1",
    "  dns records            a.example.org A 192.0.2.1",
    "                         b.example.org A 192.0.2.1",
  ]);
});

test("a shell gets every word as it is", () => {
  const word = `it's "$HOME" \\ 'all'\n`;
  expect(spawnSync("sh", ["-c", `printf %s ${quoted(word)}`], { encoding: "utf8" }).stdout).toBe(word);
});

describe("the state of the demo", () => {
  let state: string;
  const stacks = () => join(state, "backend/.pulumi/stacks/datalab");

  beforeEach(async () => {
    state = join(mkdtempSync(join(tmpdir(), "datalab-unit-")), "state");
    await renewState(state, "one cluster");
    mkdirSync(stacks(), { recursive: true });
    writeFileSync(join(stacks(), "dev.json"), "{}");
  });

  afterEach(() => {
    rmSync(dirname(state), { recursive: true });
  });

  test("is kept for the same cluster, and gone with it", async () => {
    await renewState(state, "one cluster");
    expect(existsSync(join(stacks(), "dev.json"))).toBe(true);
    await renewState(state, "another cluster");
    expect(existsSync(join(stacks(), "dev.json"))).toBe(false);
  });

  test("is not thrown away while it holds a stack of somebody's own", async () => {
    writeFileSync(join(stacks(), "mine.json"), "{}");
    await expect(renewState(state, "another cluster")).rejects.toThrow("also holds mine,");
    await expect(assertOnlyOurs(state)).rejects.toThrow(ForeignStacksError);
    expect(existsSync(join(stacks(), "mine.json"))).toBe(true);
  });
});
