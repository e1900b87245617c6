/** Reads a stack, without an engine where its charts were rendered before. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import type { Charts } from "../../stacks/charts.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { preview } from "../digest/preview.ts";
import { readStackFile, temporaryStack } from "../digest/temporary-stack.ts";
import { EditableStackFile } from "../flip/stack-file.ts";
import { PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import { decrypted } from "../stack-file/stack-file.ts";
import { UsageError } from "../usage-error.ts";
import type { Arguments } from "./arguments.ts";
import type { Stack } from "./explain.ts";
import { graphFor, knownCharts } from "./program.ts";
import { settingPaths } from "./setting-paths.ts";
import { accepted, settingsWith } from "./tried.ts";
import { candidates } from "./trials.ts";

export interface Place {
  /** Folder of Pulumi.yaml. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** @throws UsageError, SettingsError, PulumiError */
export async function readStack(
  { stack, configFile }: Pick<Arguments, "stack" | "configFile">,
  place: Place,
): Promise<Stack> {
  const name = stack.split("/").at(-1) ?? stack;
  const file = resolve(configFile ?? join(place.project, `Pulumi.${name}.yaml`));
  const text = readStackFile(file);
  if (text === undefined) throw new UsageError(`there is no stack file ${file}`);
  const stackFile = new EditableStackFile(text);
  const cli = () => pulumiIn(place.project, { environment: place.environment });
  const given = stackFile.read(name, stackFile.holdsSecrets ? await decrypted(cli(), stack, file) : {});
  const settings = parseSettings(given);
  const charts = (await knownCharts(name, settings)) ?? (await previewedCharts(name, settings, stackFile, place));
  return stackOf(name, given.values, stackFile.secretPaths, charts);
}

/** @param values a stack file that is accepted */
export async function stackOf(
  name: string,
  values: Stack["values"],
  secrets: Stack["secrets"],
  charts: Charts,
): Promise<Stack> {
  const tryOut: Stack["tryOut"] = async (trials) => {
    const tried = settingsWith(values, trials);
    // What cannot be built tells nothing.
    return tried === undefined ? undefined : graphFor(name, tried, charts).catch(() => undefined);
  };
  const base = settingsWith(values, []);
  if (base === undefined) throw new Error("the settings are refused");
  const settings = parseSettings({ stack: name, values, secretKeys: Object.keys(values) });
  return {
    settings,
    candidates: candidates(settings, values).flatMap((candidate) => accepted(candidate, values)),
    values,
    secrets,
    graph: await graphFor(name, base, charts),
    settingPaths: settingPaths(),
    tryOut,
  };
}

/** A preview on an empty state renders the charts, and keeps them for the next time. */
async function previewedCharts(
  name: string,
  settings: Settings,
  stackFile: EditableStackFile,
  place: Place,
): Promise<Charts> {
  const folder = mkdtempSync(join(tmpdir(), "datalab-explain-"));
  try {
    const { pulumi, file } = await temporaryStack(folder, { ...place, program: place.project, stack: name, stackFile });
    await preview(pulumi, name, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const charts = await knownCharts(name, settings);
  if (charts === undefined) throw new PulumiError("the charts could not be kept: is node_modules writable?");
  return charts;
}
