/** Which settings made a part of the platform change. */
import type { Change } from "./change.ts";
import type { Part } from "./graph.ts";
import type { ChangedSetting } from "./settings-difference.ts";

/** What differs beside the resources. */
export interface Causes {
  readonly settings: readonly ChangedSetting[];
  /** Files of the program that differ; undefined where only settings are compared. */
  readonly program: readonly string[] | undefined;
}

/** Keys of the stack file that speak of a part alone, by the part's name. */
const keys: Readonly<Record<string, readonly string[]>> = {
  cluster: ["cluster"],
  network: ["cluster.network"],
  "cert-manager": ["certificates"],
  "private-ca": ["certificates"],
  "issuer-guard": ["certificates"],
  "lets-encrypt": ["certificates"],
  "wildcard-certificates": ["certificates"],
  charts: ["certificates.certManager"],
  "cluster-dns": ["dns"],
  dns: ["dns"],
  ingress: ["ingress"],
  "load-balancer": ["ingress"],
  identity: ["identity"],
  database: ["identity.database"],
  keycloak: ["identity"],
  realm: ["identity"],
  "object-store": ["objectStore"],
  portal: ["portal"],
  workspaces: ["portal"],
};

/** The settings that a change of a part comes from: its own if any of them differ, else those of the rest. */
export function settingsBehind(
  part: Part,
  { settings }: Causes,
  changes: readonly Pick<Change, "replacing">[],
): readonly ChangedSetting[] {
  // What lies in another cluster is made anew whatever its own settings say.
  const isMoved = changes.some(({ replacing }) => replacing.includes("provider"));
  const own = settings.filter(({ setting }) =>
    (keys[isMoved ? "cluster" : part.name] ?? []).some((key) => isBelow(setting, key)),
  );
  return own.length > 0 ? own : settings;
}

function isBelow(setting: string, key: string): boolean {
  return setting === key || setting.startsWith(`${key}.`) || setting.startsWith(`${key}[`);
}
