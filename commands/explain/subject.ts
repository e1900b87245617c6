/** Finds out what a word of the command line means: a resource, a host or a setting. */
import type { Path } from "../../stacks/settings/cures.ts";
import type { JsonSchema } from "../../stacks/settings/schema-paths.ts";
import type { Graph } from "../digest/graph.ts";
import { parsePath } from "../flip/property-path.ts";
import { UsageError } from "../usage-error.ts";
import { labelOf, wordsFor } from "./labels.ts";
import { nearMisses } from "./near-misses.ts";
import { knownPath } from "./setting-paths.ts";

export type Subject =
  | { readonly kind: "resource"; readonly urn: string }
  /** One of the platform's names. @example role "identity" */
  | { readonly kind: "host"; readonly host: string; readonly role: string }
  /** @example known "identity.firstUsers.<name>.email" */
  | { readonly kind: "setting"; readonly path: Path; readonly known: string };

/** What can be asked for. */
export interface Known {
  readonly graph: Graph;
  /** Public names by what is there. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly settings: ReadonlyMap<string, JsonSchema>;
}

/** @throws UsageError with near misses where nothing has that name, or several things */
export function subjectOf(word: string, known: Known): Subject {
  const subject = hostNamed(word, known) ?? resourceNamed(word, known) ?? settingNamed(word, known);
  if (subject !== undefined) return subject;
  const all = [
    ...[...known.graph.values()].flatMap((node) => wordsFor(node).slice(1)),
    ...Object.values(known.hosts),
    ...known.settings.keys(),
  ];
  const near = nearMisses(word.replace(/^datalab:/, ""), all);
  throw new UsageError(
    `nothing in this stack is called ${word}${near.length === 0 ? "" : `: did you mean ${near.join(", ")}?`}`,
  );
}

function hostNamed(word: string, { hosts }: Known): Subject | undefined {
  const name = word
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/[:/].*$/, "");
  const [role, host] =
    Object.entries(hosts).find(([, one]) => one === name) ??
    // Each service of a user is one label below its domain.
    Object.entries(hosts).find(([key, one]) => key === "services" && name.endsWith(`.${one}`)) ??
    [];
  return role === undefined || host === undefined ? undefined : { kind: "host", host, role };
}

function resourceNamed(word: string, { graph }: Known): Subject | undefined {
  const wanted = word.toLowerCase();
  const nodes = [...graph.values()].map((node) => ({ node, words: wordsFor(node).map((one) => one.toLowerCase()) }));
  const found = nodes.map(({ node, words }) => ({ node, rank: words.indexOf(wanted) })).filter(({ rank }) => rank >= 0);
  // A part is what people mean by its name, rather than one of its objects.
  const parts = found.filter(({ node }) => !node.custom);
  const [first, ...others] = parts.length > 0 ? parts : found;
  if (first === undefined) return undefined;
  if (others.length === 0) return { kind: "resource", urn: first.node.urn };
  throw new UsageError(
    `${word} is the name of several: ${[first, ...others].map(({ node }) => labelOf(node)).join(", ")}`,
  );
}

function settingNamed(word: string, { settings }: Known): Subject | undefined {
  const text = word.replace(/^datalab:/, "");
  const known = knownPath(text, settings);
  return known === undefined ? undefined : { kind: "setting", path: parsePath(text), known };
}
