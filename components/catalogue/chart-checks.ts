/** What is wrong with one chart of a folder, as far as its files tell. */
import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";

import type { ChartFiles } from "./chart.ts";

/** Something that somebody has to change. */
export interface ChartFault {
  /** File, below the folder of charts. @example "hello/Chart.yaml" */
  readonly path: string;
  /** From 1; undefined where the file as a whole is meant. */
  readonly line?: number | undefined;
  /** What is wrong and what is right, as the rest of a sentence about the file. */
  readonly reason: string;
}

/** What `Chart.yaml` says, and where. */
export interface ReadMetadata {
  readonly name: string;
  readonly version: string;
  readonly lines: { readonly name: number; readonly version: number };
}

/** A name that addresses, file names and command lines can hold. */
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** SemVer without `+build` and capitals: Onyxia's API refuses any other in a command line. */
const versionPattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z-]+(\.[0-9a-z-]+)*)?$/;

/** Longest path in an archive, in bytes. */
const longestPath = 100;

/** Reads a chart's `Chart.yaml`. @param folder of the chart, below that of all charts */
export function readMetadata(folder: string, text: string): { metadata?: ReadMetadata; faults: ChartFault[] } {
  const path = `${folder}/Chart.yaml`;
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const broken = yamlFaults(path, document, counter);
  if (broken.length > 0) return { faults: broken };
  const field = (key: string) => {
    const pair = isMap(document.contents)
      ? document.contents.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    const start = pair !== undefined && isScalar(pair.key) ? pair.key.range[0] : undefined;
    const value: unknown = document.get(key);
    return { value, line: start === undefined ? undefined : counter.linePos(start).line };
  };
  const [apiVersion, name, version, type] = ["apiVersion", "name", "version", "type"].map(field);
  const faults: ChartFault[] = [];
  const demand = (given: typeof name, holds: (value: unknown) => boolean, reason: string) => {
    if (!holds(given?.value)) faults.push({ path, line: given?.line, reason });
  };
  const matches = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
  demand(apiVersion, (value) => value === "v2", "must say `apiVersion: v2`");
  demand(name, matches(namePattern), "must have a `name` of lower-case letters, digits and inner hyphens");
  demand(version, matches(versionPattern), "must have a `version` like 1.2.3, in lower case and without +");
  demand(
    type,
    (value) => value === undefined || value === "application",
    "must be of the type application: the portal hides others",
  );
  if (faults.length > 0) return { faults };
  const lines = { name: name?.line ?? 1, version: version?.line ?? 1 };
  return { metadata: { name: String(name?.value), version: String(version?.value), lines }, faults: [] };
}

/** The other files of the chart. */
export function fileFaults(folder: string, files: ChartFiles, { name }: Pick<ReadMetadata, "name">): ChartFault[] {
  const faults: ChartFault[] = [];
  const values = files["values.yaml"];
  if (values !== undefined) faults.push(...mappingFaults(`${folder}/values.yaml`, values.toString()));
  const schema = files["values.schema.json"];
  faults.push(
    ...(schema === undefined
      ? [{ path: folder, reason: "has no values.schema.json: without one the portal has no form to launch it by" }]
      : schemaFaults(`${folder}/values.schema.json`, schema.toString())),
  );
  if (!Object.keys(files).some((path) => path.startsWith("templates/"))) {
    faults.push({ path: folder, reason: "has no template: put one into its folder templates" });
  }
  for (const path of Object.keys(files)) {
    if (Buffer.byteLength(`${name}/${path}`) <= longestPath) continue;
    faults.push({
      path: `${folder}/${path}`,
      reason: `has a path of more than ${longestPath} bytes, with the chart's name`,
    });
  }
  return faults;
}

function mappingFaults(path: string, text: string): ChartFault[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const broken = yamlFaults(path, document, counter);
  if (broken.length > 0 || document.contents === null || isMap(document.contents)) return broken;
  return [{ path, line: 1, reason: "must hold values by name" }];
}

function yamlFaults(path: string, document: Document.Parsed, counter: LineCounter): ChartFault[] {
  // What follows the first one follows from it.
  return document.errors.slice(0, 1).map(({ pos, message }) => ({
    path,
    line: counter.linePos(pos[0]).line,
    reason: `is no YAML: ${message
      .split("\n", 1)
      .join("")
      .replace(/ at line .*$/, "")}`,
  }));
}

function schemaFaults(path: string, text: string): ChartFault[] {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = /\(line (\d+) column \d+\)/.exec(message)?.[1];
    // At the end of a text Node names no place.
    return [
      { path, line: line === undefined ? text.trimEnd().split("\n").length : Number(line), reason: "is no JSON" },
    ];
  }
  const isObject = typeof schema === "object" && schema !== null && "type" in schema && schema.type === "object";
  return isObject ? [] : [{ path, line: 1, reason: 'must be a schema of the type "object"' }];
}
