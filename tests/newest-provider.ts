/**
 * `npm run newest-provider`: whether the program holds with the newest `@pulumi/kubernetes` that the registry serves. The pin
 * follows what the engine tests can run, and would fall behind unseen: this says what stands in the way of a newer one.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const root = join(import.meta.dirname, "..");
const provider = "@pulumi/kubernetes";
const folder = mkdtempSync(join(tmpdir(), "datalab-newest-"));

/** @returns whether the command ended well */
function runs(...[command = "", ...args]: string[]): boolean {
  process.stderr.write(`\n== ${[command, ...args].join(" ")}\n`);
  const path = `${join(folder, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
  const { status } = spawnSync(command, args, {
    cwd: folder,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: path },
  });
  return status === 0;
}

try {
  const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  for (const file of tracked.filter((name) => name !== "")) {
    cpSync(join(root, file), join(folder, file), { recursive: true, dereference: false });
  }
  const installed =
    runs("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error") &&
    runs("npm", "install", "--save-exact", "--no-audit", "--no-fund", "--loglevel=error", `${provider}@latest`);
  if (!installed) throw new Error("the packages could not be installed; npm's messages are above");
  const version = execFileSync("node", ["-p", `require("${provider}/package.json").version`], {
    cwd: folder,
    encoding: "utf8",
  });
  const outcome = { types: runs("tsc", "--noEmit"), unit: runs("jest", "--selectProjects", "unit") };
  console.log(`${provider} ${version.trim()}: types ${word(outcome.types)}, unit tests ${word(outcome.unit)}`);
  process.exitCode = outcome.types && outcome.unit ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function word(passed: boolean): string {
  return passed ? "pass" : "fail";
}
