/** What a component is for, in the words of its own source, and the page that tells more. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

export interface Purpose {
  /** The first sentence of its comment. */
  readonly sentence: string | undefined;
  /** @example "docs/identity.md" */
  readonly page: string | undefined;
}

/** @param type @example "datalab:identity:Keycloak" */
export function purposeOf(type: string): Purpose {
  const [, concept = "", name = ""] = type.split(":");
  const page = `docs/${concept}.md`;
  return { sentence: sentenceOf(concept, name, type), page: existsSync(join(root, page)) ? page : undefined };
}

function sentenceOf(concept: string, name: string, type: string): string | undefined {
  const folder = join(root, "components", concept);
  if (!existsSync(folder)) return undefined;
  const source = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .find((text) => text.includes(`super("${type}"`));
  const before = source?.split(`export class ${name} `)[0];
  const comment = before?.slice(before.lastIndexOf("/**"));
  const text = comment
    ?.replaceAll(/^\s*\/?\*+\/?|\*\/\s*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return text === undefined || text === "" ? undefined : (/^.*?[.:](?= |$)/.exec(text)?.[0] ?? text);
}

/** The page whose table lists the settings of a key. */
export function pageOfSettings(key: string): string | undefined {
  const pages = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  const found = pages.find((file) => readFileSync(join(root, "docs", file), "utf8").includes(`<!-- inputs:${key} -->`));
  return found === undefined ? undefined : `docs/${found}`;
}
