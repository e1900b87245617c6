/** The parts of a Helm repository's `index.yaml` that the API reads. */
import { parse } from "yaml";

import { isObject } from "./fields.ts";

export interface Chart {
  readonly name: string;
  readonly type: string;
  /** The newest first. */
  readonly releases: readonly Release[];
}

/** What the portal's page shows of a chart, beside its name. */
const shown = ["description", "home", "icon", "sources", "dependencies"] as const;

export interface Release extends Readonly<Partial<Record<(typeof shown)[number], unknown>>> {
  readonly version: string;
  /** Absolute, or below the repository's address. */
  readonly urls: readonly string[];
}

/** How many versions of a chart the API keeps: a catalogue's `multipleServicesMode`. */
export type Kept =
  | { readonly mode: "all" | "latest" | "skipPatches" }
  | { readonly mode: "maxNumber"; readonly maxNumberOfVersions: number };

/** An index that cannot be read. */
export class InvalidIndex extends Error {}

/**
 * Reads an index as the API does it: one release without `urls` and nothing of the repository is ever there, for the
 * real one then fails with a NullPointerException at each refresh.
 */
export function chartsOf(text: string, kept: Kept): Chart[] {
  const index = document(text);
  if (!isObject(index) || index["apiVersion"] !== "v1" || !isObject(index["entries"])) {
    throw new InvalidIndex("it has no apiVersion: v1 and entries");
  }
  return Object.entries(index["entries"]).map(([name, list]) => {
    const entries: readonly unknown[] = Array.isArray(list) ? list : [];
    const [first] = entries;
    if (!isObject(first)) throw new InvalidIndex(`the entry ${name} is not a list of releases`);
    const releases = entries.map((entry) => releaseOf(name, entry)).toSorted(newestFirst);
    const { type } = first;
    return { name, type: typeof type === "string" ? type : "application", releases: keep(releases, kept) };
  });
}

function document(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw new InvalidIndex("it is not YAML", { cause: error });
  }
}

function releaseOf(name: string, entry: unknown): Release {
  if (!isObject(entry) || entry["name"] !== name || typeof entry["version"] !== "string") {
    throw new InvalidIndex(`the entry ${name} is not a list of releases with that name and a version`);
  }
  const { version, urls } = entry;
  if (!Array.isArray(urls) || !urls.every((url) => typeof url === "string")) {
    throw new InvalidIndex(`${name} ${version} has no urls, without which the API loads nothing of the repository`);
  }
  const facts = shown.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]] as const]));
  return { version, urls, ...Object.fromEntries(facts) };
}

function newestFirst(one: Release, other: Release): number {
  const [a, b] = [parts(one.version), parts(other.version)];
  for (const [index, number] of a.numbers.entries()) {
    const difference = (b.numbers[index] ?? 0) - number;
    if (difference !== 0) return difference;
  }
  if (a.pre === "" || b.pre === "") return Number(b.pre === "") - Number(a.pre === "");
  return b.pre.localeCompare(a.pre, "en", { numeric: true });
}

/** What is no version counts as 0.0.0. */
function parts(version: string): { readonly numbers: readonly number[]; readonly pre: string } {
  const [, major, minor, patch, pre = ""] = /^(\d+)\.(\d+)\.(\d+)(?:-([^+]+))?/.exec(version) ?? [];
  return { numbers: [major, minor, patch].map((number) => Number(number ?? 0)), pre };
}

function keep(releases: readonly Release[], kept: Kept): readonly Release[] {
  if (kept.mode === "latest") return releases.slice(0, 1);
  if (kept.mode === "maxNumber") return releases.slice(0, kept.maxNumberOfVersions);
  if (kept.mode === "all") return releases;
  const minor = ({ version }: Release | undefined = { version: "", urls: [] }) => version.split(".", 2).join(".");
  return releases.filter((release, index) => index === 0 || minor(release) !== minor(releases[index - 1]));
}
