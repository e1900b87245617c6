/** A stack of the same name with an empty state of its own: for the graph that a commit asks for, wherever it runs. */
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { EditableStackFile } from "../flip/stack-file.ts";
import { type Pulumi, pulumiIn } from "../stack-file/pulumi.ts";
import { decrypted } from "../stack-file/stack-file.ts";
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import { valueAt } from "../../stacks/settings/schema-paths.ts";

export interface TemporaryStack {
  readonly pulumi: Pulumi;
  readonly file: string;
}

/** Where the program and its own stack are. */
export interface Origin {
  /** Folder of the program that is previewed. */
  readonly program: string;
  /** Folder of the project whose backend knows the secrets. */
  readonly project: string;
  readonly stack: string;
  readonly stackFile: EditableStackFile;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Makes it in an empty folder. Secrets of the stack file are decrypted by the user's CLI and encrypted again with a
 * passphrase that only this process knows.
 *
 * @throws PulumiError
 */
export async function temporaryStack(folder: string, origin: Origin): Promise<TemporaryStack> {
  const { program, project, stack, stackFile, environment } = origin;
  const name = stack.split("/").at(-1) ?? stack;
  const file = join(folder, `Pulumi.${name}.yaml`);
  const secrets = stackFile.secretPaths;
  mkdirSync(join(folder, "state"));
  // `stack init` writes into the folder that it runs in.
  cpSync(join(program, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  writeFileSync(file, withoutKeys(stackFile, secrets), { mode: 0o600 });
  const own = {
    ...environment,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("hex"),
    PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    PULUMI_STACK: undefined,
  };
  const beside = pulumiIn(folder, { environment: own });
  await beside.run(["stack", "init", name, "--no-select", "--non-interactive"]);
  if (secrets.length > 0) {
    const original = join(folder, "original.yaml");
    writeFileSync(original, stackFile.toString(), { mode: 0o600 });
    const plain = await decrypted(pulumiIn(project, { environment }), stack, original);
    for (const path of secrets) {
      const set = ["config", "set", "--secret", "--path", yamlPath(path), "--stack", name, "--config-file", file];
      await beside.run([...set, "--non-interactive"], textOf(plain, path));
    }
  }
  return { pulumi: pulumiIn(program, { environment: own }), file };
}

/** The file without its secrets, and without what belongs to the key that encrypts them. */
function withoutKeys(stackFile: EditableStackFile, secrets: readonly Path[]): string {
  const copy = stackFile.copy();
  // Elements of a list keep their places.
  for (const path of secrets) copy.set(path, "");
  return copy.toString().replaceAll(/^(encryptionsalt|encryptedkey|secretsprovider):.*\n?/gm, "");
}

function textOf(plain: Awaited<ReturnType<typeof decrypted>>, [key = "", ...rest]: Path): string {
  const entry = plain[`datalab:${key}`];
  const value = rest.length === 0 ? entry?.value : valueAt(entry?.objectValue, rest);
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

export function readStackFile(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
