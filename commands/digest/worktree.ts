/** Another commit of the repository in a folder of its own, for as long as it is looked at. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import { UsageError } from "../usage-error.ts";

export interface OtherCommit {
  /** Its folder of Pulumi.yaml. */
  readonly project: string;
  /** Files of the program that differ from it. */
  readonly differing: readonly string[];
}

/** What the program is made of. */
const program = ["components", "checks", "stacks", "index.ts", "Pulumi.yaml", "package-lock.json"];

/**
 * Looks at a commit. The worktree is removed in any case, also when `look` fails or is interrupted.
 *
 * @throws UsageError where there is no such commit
 */
export async function atCommit<T>(project: string, ref: string, look: (commit: OtherCommit) => Promise<T>): Promise<T> {
  const commit = await commitOf(project, ref);
  const folder = mkdtempSync(join(tmpdir(), "datalab-digest-"));
  const tree = join(folder, "commit");
  try {
    await git(project, "worktree", "add", "--quiet", "--detach", tree, commit);
    const prefix = (await git(project, "rev-parse", "--show-prefix")).trim();
    const other = resolve(tree, prefix);
    await shareUntracked(project, other);
    await installPackages(project, other);
    const differing = await git(project, "diff", "--name-only", "--relative", commit, "--", ...program);
    return await look({ project: other, differing: differing.split("\n").filter((file) => file !== "") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await git(project, "worktree", "prune");
  }
}

async function commitOf(project: string, ref: string): Promise<string> {
  try {
    return (await git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`)).trim();
  } catch {
    throw new UsageError(`--against: git knows no commit ${ref} here`);
  }
}

/** What git does not track lies where it did: a kubeconfig, mirrored charts. Programs and stack files are the commit's. */
async function shareUntracked(project: string, other: string): Promise<void> {
  const listed = await git(project, "ls-files", "--others", "--directory", "--no-empty-directory", "-z");
  for (const entry of listed.split("\0").map((name) => name.replace(/\/$/, ""))) {
    if (entry === "" || entry === "node_modules" || /\.ts$|(^|\/)Pulumi\..*\.yaml$/.test(entry)) continue;
    const link = join(other, entry);
    if (existsSync(dirname(link)) && !existsSync(link)) symlinkSync(join(project, entry), link);
  }
}

/** The packages of this checkout where the commit asks for the same ones, else its own. */
async function installPackages(project: string, other: string): Promise<void> {
  const lock = (folder: string) => readFileSync(join(folder, "package-lock.json"), "utf8");
  const modules = join(project, "node_modules");
  if (existsSync(modules) && lock(project) === lock(other)) symlinkSync(modules, join(other, "node_modules"));
  else await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: other });
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)("git", [...args], { cwd: folder, maxBuffer: 100_000_000 })).stdout;
}
