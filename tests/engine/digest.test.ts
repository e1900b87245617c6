/** `npm run digest` with the real CLI, in a copy of the project, without a cluster and without a state of its stack. */
import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import { checkout, devStackFile } from "../../testbed/engine/dev-stack.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { changeStackFile } from "../support/platform.ts";

const minutes = 60_000;

let folder: string;
let project: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ report: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "datalab-digest-test-"));
  project = join(folder, "project");
  execFileSync("git", ["clone", "--quiet", "--no-local", "--depth", "1", `file://${checkout}`, project]);
  copyChanged();
  writeFileSync(join(folder, "kubeconfig"), unreachableKubeconfig);
  writeFileSync(join(project, "Pulumi.dev.yaml"), devStackFile(join(folder, "kubeconfig"), toolchain.charts));
  git("add", "--all");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "Before");
  // Git must not take it for a file of the project.
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  mkdirSync(temporary());
  environment = { ...process.env, ...toolchain.environment, TMPDIR: temporary() };
}, 5 * minutes);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Where the command makes what it needs for itself. Plugins leave files of their own there. */
function temporary(): string {
  return join(folder, "temporary");
}

/** What is not committed yet is tested too. */
function copyChanged(): void {
  const changed = execFileSync("git", ["diff", "--binary", "HEAD"], { cwd: checkout, maxBuffer: 100_000_000 });
  if (changed.length > 0) execFileSync("git", ["apply", "--whitespace=nowarn"], { cwd: project, input: changed });
}

function git(...args: readonly string[]): string {
  return execFileSync("git", [...args], { cwd: project, encoding: "utf8" });
}

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function digest(...args: readonly string[]): Promise<Ended> {
  const program = [join(project, "commands/digest/main.ts"), "--stack", "dev", ...args];
  const options = { cwd: project, env: environment, maxBuffer: 100_000_000 };
  return new Promise((done) => {
    execFile(join(checkout, "node_modules/.bin/node"), program, options, (error, output, errors) => {
      done({ code: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

/** What it must leave as it was. */
function world(): unknown {
  const left = readdirSync(temporary()).filter((name) => name.startsWith("datalab-digest-"));
  return { left, worktrees: git("worktree", "list"), status: git("status", "--short") };
}

describe("a digest against a commit", () => {
  it(
    "tells what a changed stack file does, refuses what it is asked to, and leaves nothing",
    async () => {
      changeStackFile(join(project, "Pulumi.dev.yaml"), (config) => {
        config["datalab:portal"] = { title: "Our lab" };
        delete config["datalab:packages"];
        config["datalab:objectStore"] = { kind: "external", endpoint: "https://store.example.net" };
      });
      const before = world();
      const page = join(folder, "kept.html");
      writeFileSync(page, "");
      const { code, output, errors } = await digest("--against", "HEAD", "--html", page, "--fail-on", "data,rights");
      expect([code, errors]).toEqual([3, "--fail-on data: 1 reason\n--fail-on rights: 1 reason\n"]);
      expect(output).toContain("**Data at risk:** `StatefulSet datalab-storage/object-store` is removed.");
      // The rule that keeps data from being deleted covers one namespace less.
      expect(output).toContain(
        "`ValidatingAdmissionPolicy datalab-data has 1 other condition: see below whether it lets more in`",
      );
      expect(output).toContain("`portal.title`: new, `Our lab`");
      expect(output).not.toContain("files of the program");
      expect(readFileSync(page, "utf8")).toContain("kubernetes:apps/v1:StatefulSet::object-store-stateful-set");
      rmSync(page);
      expect(world()).toEqual(before);
    },
    10 * minutes,
  );

  it(
    "ends with 2 where git knows no such commit",
    async () => {
      const { code, errors } = await digest("--against", "nowhere");
      expect([code, errors.split("\n")[0]]).toEqual([2, "--against: git knows no commit nowhere here"]);
      expect(existsSync(join(project, "node_modules"))).toBe(true);
    },
    2 * minutes,
  );
});
