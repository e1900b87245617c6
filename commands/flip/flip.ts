/** Previews a change of settings on a copy of the stack file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";

import { type Pulumi, PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import { decrypted } from "../stack-file/stack-file.ts";
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import type { Arguments, Change } from "./arguments.ts";
import { type Preview, readPreview } from "./engine-events.ts";
import { type Refusal, refusalOf, type Report, reportOf } from "./report.ts";
import { settle } from "./settle.ts";
import { EditableStackFile } from "./stack-file.ts";
import { UsageError } from "../usage-error.ts";

/**
 * What the change would do. Writes to a temporary folder alone.
 *
 * @param project folder of Pulumi.yaml
 * @throws UsageError, PulumiError
 */
export async function flip(given: Arguments, project: string): Promise<Report | Refusal> {
  const name = given.stack.split("/").at(-1) ?? given.stack;
  const original = resolve(given.configFile ?? join(project, `Pulumi.${name}.yaml`));
  const present = new EditableStackFile(readText(original));
  const folder = mkdtempSync(join(tmpdir(), "datalab-flip-"));
  try {
    const pulumi = pulumiIn(project, { environment: process.env });
    const target = { pulumi, stack: given.stack, file: join(folder, basename(original)) };
    writeFileSync(target.file, present.toString(), { mode: 0o600 });
    // Checks between settings need them.
    const plain = present.holdsSecrets ? await decrypted(pulumi, given.stack, target.file) : {};
    const newSecrets = given.changes.filter(({ secret }) => secret).map(({ path }) => String(path[0]));
    const read = (file: EditableStackFile): StackFile => {
      const values = file.read(name, plain);
      return { ...values, secretKeys: [...values.secretKeys, ...newSecrets] };
    };
    const changed = present.copy();
    const settled = settle(changed, given.changes, given.removals, read);
    const { after } = settled;
    if (after === undefined) return refusalOf(given, settled, changed);
    await writeCopy(target, changed, settled.changes);
    return reportOf(given, { ...settled, after }, await preview(target, join(folder, "events")), present);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The copy of the stack file that the CLI works with. */
interface Target {
  readonly pulumi: Pulumi;
  readonly stack: string;
  readonly file: string;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`there is no stack file ${file}`);
  }
}

/** New secrets are taken out, and come back encrypted by the CLI. */
async function writeCopy({ pulumi, stack, file }: Target, changed: EditableStackFile, changes: readonly Change[]) {
  const secrets = changes.filter(({ secret }) => secret);
  for (const { path } of secrets) changed.delete(path);
  writeFileSync(file, changed.toString(), { mode: 0o600 });
  for (const { path, value } of secrets) {
    const set = ["config", "set", "--secret", "--raw", "--path", yamlPath(path)];
    await pulumi.run([...set, "--stack", stack, "--config-file", file], String(value));
  }
}

async function preview({ pulumi, stack, file }: Target, eventLog: string): Promise<Preview> {
  const { exitCode, output, errors } = await pulumi.attempt([
    ...["preview", "--non-interactive", "--color", "never", "--stack", stack, "--config-file", file],
    // Otherwise the first protected resource would end the preview, and hide what else goes.
    "--ignore-protect",
    ...["--show-sames", "--event-log", eventLog],
  ]);
  if (exitCode !== 0) throw new PulumiError(`${output}\n${errors}`.trim());
  return readPreview(readFileSync(eventLog, "utf8"));
}
