/**
 * Writes what documents say about the program, from the program: settings tables, the JSON Schema of stack files, the
 * graph in the README. `--check` writes nothing and fails when a file is not current.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

import { format } from "prettier";

import { datalab } from "../stacks/datalab.ts";
import { planOf } from "../stacks/plan.ts";
import { type SettingsKey, settingsSchemas } from "../stacks/settings/schemas.ts";
import { runGraph } from "../tests/support/graph.ts";
import { chartsFor, stackSettings } from "../tests/support/stack-file.ts";
import { addonsTable } from "./generator/addons-table.ts";
import { attemptsTable } from "./generator/attempts-table.ts";
import { inputsTable } from "./generator/inputs-table.ts";
import { platformGraph } from "./generator/platform-graph.ts";
import { pricesTable } from "./generator/prices-table.ts";
import { stackFileSchema, stackFileSchemaPath } from "./generator/stack-file-schema.ts";
import { switchesTable } from "./generator/switches-table.ts";

const root = join(import.meta.dirname, "..");

/** Every file with generated parts, as it should be. */
async function generatedFiles(): Promise<ReadonlyMap<string, string>> {
  const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  const settings = stackSettings("dev");
  const graph = platformGraph(await runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) })));
  const pagesWithTables = pages.map((page) => [`docs/${page}`, withTables(read(`docs/${page}`))]);
  const markdown = [["README.md", replaceMarked(read("README.md"), "graph", () => graph)], ...pagesWithTables];
  const formatted = await Promise.all(
    markdown.map(async ([file = "", text = ""]) => [file, await formatMarkdown(text)] as const),
  );
  return new Map([[stackFileSchemaPath, stackFileSchema()], ...formatted]);
}

function withTables(page: string): string {
  const tables = {
    inputs: tableOf,
    switches: switchesTable,
    addons: addonsTable,
    attempts: attemptsTable,
    prices: pricesTable,
  };
  return Object.entries(tables).reduce((text, [kind, content]) => replaceMarked(text, kind, content), page);
}

/** As `npm run format` would leave it, else the two would undo each other's work. */
function formatMarkdown(text: string): Promise<string> {
  return format(text, { parser: "markdown", printWidth: 120 });
}

function tableOf(key: string): string {
  if (!(key in settingsSchemas)) throw new Error(`no settings are called ${key}`);
  return inputsTable(settingsSchemas[key as SettingsKey]);
}

/** Fills every `<!-- kind:key --> … <!-- /kind -->` of a page. */
function replaceMarked(page: string, kind: string, content: (key: string) => string): string {
  const marked = new RegExp(`(<!-- ${kind}(?::(\\w+))? -->\\n)[^]*?(<!-- /${kind} -->)`, "g");
  return page.replaceAll(
    marked,
    (_all, open: string, key: string | undefined, close: string) => `${open}\n${content(key ?? "")}\n\n${close}`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return "";
  }
}

if (import.meta.main) {
  const files = await generatedFiles();
  const stale = [...files].filter(([file, content]) => read(file) !== content);
  if (process.argv.includes("--check")) {
    for (const [file] of stale) console.error(`${file} is not current: npm run docs`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [file, content] of stale) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
      console.log(`wrote ${file}`);
    }
  }
}
