/** A stack without resources, for what the real CLI makes of its configuration. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import type { PlainEntry } from "../../commands/stack-file/stack-file.ts";

export interface ConfigBench {
  readonly folder: string;
  /** What the CLI reads in a stack file. */
  read(text: string): Promise<Record<string, PlainEntry>>;
  /** The same file with one more secret. */
  withSecret(path: string, value: string, text: string): Promise<string>;
  /** Runs command lines one after the other, as a person would, and returns the stack file after them. */
  follow(text: string, commands: string): Promise<string>;
}

/** Name of its one stack. */
export const benchStack = "home";

export async function configBench(): Promise<ConfigBench> {
  const { environment } = await ensureToolchain();
  const folder = mkdtempSync(join(tmpdir(), "datalab-config-"));
  const file = join(folder, `Pulumi.${benchStack}.yaml`);
  mkdirSync(join(folder, "state"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: datalab\nruntime: nodejs\n");
  const env = {
    ...process.env,
    ...environment,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "correct horse",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const shell = async (script: string) =>
    (await promisify(execFile)("sh", ["-ec", script], { cwd: folder, env })).stdout;
  await shell(`pulumi stack init ${benchStack} --non-interactive`);
  const salt = readFileSync(file, "utf8");
  const write = (text: string) => {
    // A file that has been through the CLI holds its salt already.
    writeFileSync(file, text.includes("encryptionsalt") ? text : `${salt}${text}`);
  };
  return {
    folder,
    read: async (text) => {
      write(text);
      return JSON.parse(await shell("pulumi config --json --show-secrets --non-interactive")) as Record<
        string,
        PlainEntry
      >;
    },
    withSecret: async (path, value, text) => {
      write(text);
      await shell(`pulumi config set --secret --path '${path}' '${value}' --non-interactive`);
      return readFileSync(file, "utf8");
    },
    follow: async (text, commands) => {
      write(text);
      await shell(commands);
      return readFileSync(file, "utf8");
    },
  };
}

export function closeBench(bench: ConfigBench | undefined): void {
  if (bench !== undefined) rmSync(bench.folder, { recursive: true, force: true });
}
