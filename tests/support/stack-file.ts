/** Stack files as tests and documents read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { stackConfigOf, stackFileOf } from "../../commands/stack-file/stack-file.ts";
import { parseYaml } from "../../commands/stack-file/yaml.ts";
import { type Charts, installedCertManager } from "../../stacks/charts.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import { smallChart } from "./charts.ts";

const root = join(import.meta.dirname, "..", "..");

/** The `datalab:` keys of `Pulumi.<stack>.yaml`. Secrets stay encrypted. @param folder in the checkout @default its top */
export function stackFile(stack: string, folder = "."): StackFile {
  const document = parseYaml(readFileSync(join(root, folder, `Pulumi.${stack}.yaml`), "utf8"));
  return { ...stackFileOf(stack, stackConfigOf(document)), secretKeys: [] };
}

/** Checked settings of a stack of this repository. */
export function stackSettings(stack: string): Settings {
  return parseSettings(stackFile(stack));
}

/** What `renderCharts` would give: mocks have no plugin that renders. */
export function chartsFor(settings: Settings): Charts {
  return installedCertManager(settings) === undefined ? {} : { certManager: smallChart };
}
