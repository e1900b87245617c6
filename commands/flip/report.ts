/** The result of a flip, as data. `--json` prints exactly this. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { isSecret, type Path } from "../../stacks/settings/cures.ts";
import { type PrintedProblem, printed } from "../../stacks/settings/sentences.ts";
import type { Arguments, Change } from "./arguments.ts";
import { firstSetting } from "./check.ts";
import {
  protection,
  quoted,
  releaseCommands,
  settingCommands,
  stackFlags,
  unprotectCommand,
  upCommand,
} from "./commands.ts";
import { type DataLoss, dataLosses, isGuardedOutside } from "./data.ts";
import type { Preview } from "./engine-events.ts";
import { type Move, movesOf } from "./moves.ts";
import { type ChangedOutput, changedOutputs, type Fate, type Resource, resourcesOf } from "./plan.ts";
import { hasManyChoices } from "./problems-ahead.ts";
import { isMissing, type Settled } from "./settle.ts";
import type { EditableStackFile } from "./stack-file.ts";

/** Settings that the switch changes. Values of secrets are never in it. */
export interface SettingsReport {
  readonly set: readonly { readonly setting: string; readonly value: Change["value"] | undefined }[];
  readonly removed: readonly string[];
  /** Removed because nothing reads them after the switch. */
  readonly meaningless: readonly string[];
}

/** The settings are not accepted: nothing was previewed. */
export interface Refusal {
  readonly stack: string;
  readonly accepted: false;
  readonly settings: SettingsReport;
  /** Settings without a value that the switch makes necessary. */
  readonly necessary: readonly PrintedProblem[];
  /** Values that are not allowed, or do not go together. */
  readonly contradictions: readonly PrintedProblem[];
  /** The same command with what is missing. */
  readonly tryAgain: string;
}

/** A resource without its properties. */
export type ResourceReport = Omit<Resource, "before" | "after">;

/** What the switch would do. */
export interface Report {
  readonly stack: string;
  readonly accepted: true;
  readonly settings: SettingsReport;
  readonly data: readonly (Omit<DataLoss, "resource"> & { readonly resource: ResourceReport })[];
  readonly moves: readonly Move[];
  readonly outputs: readonly ChangedOutput[];
  readonly resources: Readonly<Record<Fate, readonly ResourceReport[]>>;
  /** The engine's own steps, in order. */
  readonly steps: readonly { readonly op: string; readonly urn: string }[];
  /** What makes the switch real. */
  readonly commands: {
    /** For what AWS itself refuses to delete: with the settings as they are now, so before all others. */
    readonly release: readonly string[];
    readonly settings: readonly string[];
    /** For the other resources that are protected, and removed or replaced. */
    readonly unprotect: readonly string[];
    readonly up: string;
  };
}

export function refusalOf(given: Arguments, settled: Settled, file: EditableStackFile): Refusal {
  const problems = settled.problems.toSorted((a, b) => yamlPath(a.path).localeCompare(yamlPath(b.path)));
  const necessary = problems.filter((problem) => isMissing(problem, file));
  return {
    stack: given.stack,
    accepted: false,
    settings: settingsOf(given, settled),
    necessary: necessary.map(printed),
    contradictions: problems.filter((problem) => !necessary.includes(problem)).map(printed),
    tryAgain: tryAgain(given, settled),
  };
}

/** @param present the stack file as it is now */
export function reportOf(
  given: Arguments,
  settled: Settled & { readonly after: object },
  preview: Preview,
  present: Pick<EditableStackFile, "has">,
): Report {
  const resources = resourcesOf(preview.steps);
  const losses = dataLosses(resources);
  const lost = resources.filter(({ fate }) => fate === "removed" || fate === "replaced");
  const guarded = lost.filter(isGuardedOutside);
  const onlyProtected = lost.filter((resource) => resource.protected && !guarded.includes(resource));
  const ownProtection = present.has(protection) ? settled.before?.platform.protectData : undefined;
  const removals = [...given.removals, ...settled.meaningless];
  return {
    stack: given.stack,
    accepted: true,
    settings: settingsOf(given, settled),
    data: losses.map((loss) => ({ ...loss, resource: withoutProperties(loss.resource) })),
    moves: movesOf(losses, settled.before, settled.after),
    outputs: changedOutputs(preview.outputs),
    resources: byFate(resources),
    steps: preview.steps.map(({ op, urn }) => ({ op, urn })),
    commands: {
      release: releaseCommands(given, urnsOf(guarded), ownProtection),
      settings: settingCommands(given, { changes: settled.changes, removals }),
      unprotect: urnsOf(onlyProtected).map((urn) => unprotectCommand(given.stack, urn)),
      up: upCommand(given),
    },
  };
}

function urnsOf(resources: readonly Resource[]): string[] {
  return resources.map(({ urn }) => urn);
}

function settingsOf(given: Arguments, { changes, meaningless }: Settled): SettingsReport {
  return {
    set: changes.map(({ path, value, secret }) => ({ setting: shortPath(path), value: secret ? undefined : value })),
    removed: given.removals.map(shortPath),
    meaningless: meaningless.map(shortPath),
  };
}

function byFate(resources: readonly Resource[]): Report["resources"] {
  const of = (fate: Fate) => resources.filter((resource) => resource.fate === fate).map(withoutProperties);
  return {
    removed: of("removed"),
    replaced: of("replaced"),
    added: of("added"),
    changed: of("changed"),
    moved: of("moved"),
    unchanged: of("unchanged"),
  };
}

/** Properties may be long, and of no use to who reads the report. */
function withoutProperties(resource: Resource): ResourceReport {
  const { fate, urn, from, type, label, component, custom, changed } = resource;
  return { fate, urn, from, type, label, component, custom, protected: resource.protected, changed };
}

function shortPath(path: Path): string {
  return yamlPath(path).replace(/^datalab:/, "");
}

/** What each cure sets, as arguments. */
function tryAgain(given: Arguments, { changes, problems }: Settled): string {
  const cures = problems.flatMap((problem) => {
    const fix = firstSetting(problem);
    if (fix === undefined) return [];
    const { path } = fix;
    const known = fix.do === "set" ? String(fix.value) : `<${fix.what}>`;
    const value = hasManyChoices(problem) ? "<one of them>" : known;
    return [{ path, value, secret: isSecret(path, fix.form) }];
  });
  const cured = new Map(cures.map(({ path, value, secret }) => [shortPath(path), { value, secret }]));
  const kept = changes.filter(({ path }) => !cured.has(shortPath(path)));
  const argument = (setting: string, value: string, secret: boolean) =>
    `${secret ? "--secret " : ""}${quoted(`${setting}=${value}`)}`;
  const words = [
    ...kept.map(({ path, value, secret }) => argument(shortPath(path), secret ? "…" : String(value), secret)),
    ...given.removals.map((path) => `--remove ${quoted(shortPath(path))}`),
    ...[...cured].map(([setting, { value, secret }]) => argument(setting, value, secret)),
  ];
  return `npm run flip -- ${stackFlags(given)} ${words.join(" ")}`;
}
