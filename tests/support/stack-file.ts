/** Stack files as tests and documents read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { type Charts, installedCertManager } from "../../stacks/charts.ts";
import { parseSettings, type Settings, type StackFile } from "../../stacks/settings.ts";
import { smallChart } from "./charts.ts";

const root = join(import.meta.dirname, "..", "..");
const prefix = "datalab:";

/** The `datalab:` keys of `Pulumi.<stack>.yaml`. Secrets stay encrypted. */
export function stackFile(stack: string): StackFile {
  const document = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, unknown>;
  };
  const keys = Object.entries(document.config).filter(([key]) => key.startsWith(prefix));
  return {
    stack,
    values: Object.fromEntries(keys.map(([key, value]) => [key.slice(prefix.length), value])),
    secretKeys: [],
  };
}

/** Checked settings of a stack of this repository. */
export function stackSettings(stack: string): Settings {
  return parseSettings(stackFile(stack));
}

/** What `renderCharts` would give: mocks have no plugin that renders. */
export function chartsFor(settings: Settings): Charts {
  return installedCertManager(settings) === undefined ? {} : { certManager: smallChart };
}
