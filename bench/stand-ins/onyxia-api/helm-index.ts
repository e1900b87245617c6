/** The parts of a Helm repository's `index.yaml` that tell which charts there are. */

export interface Chart {
  readonly name: string;
  readonly type: string;
  /** In the order of the index: the newest first. */
  readonly versions: readonly string[];
}

/** An index that cannot be read. */
export class InvalidIndex extends Error {}

/**
 * Reads the block style that `helm repo index` and its relatives write, or JSON; nothing else, so that an answer of
 * another kind (a login page, another file) is never taken for a catalogue.
 */
export function chartsOf(index: string): Chart[] {
  const entries = index.trimStart().startsWith("{") ? entriesOfJson(index) : entriesOfBlocks(index);
  return entries.map(([name, releases]) => {
    const versions = releases.map(({ version }) => version ?? "");
    if (releases.length === 0 || versions.includes("") || releases.some((release) => release.name !== name)) {
      throw new InvalidIndex(`the entry ${name} is not a list of releases with that name and a version`);
    }
    return { name, type: releases[0]?.type ?? "application", versions };
  });
}

interface Release {
  name?: string;
  version?: string;
  type?: string;
}

function entriesOfJson(text: string): [string, Release[]][] {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch {
    throw new InvalidIndex("it is not JSON");
  }
  const { entries } = index as { entries?: unknown };
  if (typeof entries !== "object" || entries === null) throw new InvalidIndex("it has no entries");
  return Object.entries(entries as Record<string, unknown>).map(([name, releases]) => [
    name,
    Array.isArray(releases) ? (releases as Release[]) : [],
  ]);
}

function entriesOfBlocks(text: string): [string, Release[]][] {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(#|---|$)/.test(line));
  const start = lines.findIndex((line) => /^entries:\s*(\{\})?$/.test(line));
  if (!lines.some((line) => /^apiVersion:\s*["']?v1["']?$/.test(line)) || start < 0) {
    throw new InvalidIndex("it has no apiVersion: v1 and entries");
  }
  const entries: [string, Release[]][] = [];
  // Column of the fields of a release, which the dash of its list settles.
  let column = 0;
  for (const line of lines.slice(start + 1)) {
    if (/^\S/.test(line)) break;
    const name = /^ {2}(["']?)([^\s"':-][^\s"':]*)\1:\s*$/.exec(line)?.[2];
    if (name !== undefined) {
      entries.push([name, []]);
      column = 0;
      continue;
    }
    const releases = entries.at(-1)?.[1];
    if (releases === undefined) throw new InvalidIndex("its entries are not written in blocks");
    const [, indent = "", rest = ""] = /^( *)(.*)$/.exec(line) ?? [];
    const item = rest.startsWith("- ");
    if (item && (column === 0 || indent.length === column - 2)) {
      column = indent.length + 2;
      releases.push({});
    } else if (indent.length !== column || item) {
      continue;
    }
    const field = /^(?:- )?(name|version|type):\s+(["']?)([^"']+)\2$/.exec(rest);
    const release = releases.at(-1);
    if (field !== null && release !== undefined) release[field[1] as keyof Release] = field[3] ?? "";
  }
  return entries;
}
