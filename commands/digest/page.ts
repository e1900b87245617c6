/** The digest as a page, before it is Markdown or HTML. */
import type { Part } from "./graph.ts";

/** A piece of a line. Values are never written into plain text: each printer escapes them in its own way. */
export type Inline =
  string | { readonly code: string } | { readonly strong: string } | { readonly link: string; readonly to: string };

export type Text = readonly Inline[];

export type Block =
  | { readonly kind: "text"; readonly text: Text }
  | { readonly kind: "list"; readonly items: readonly Text[] }
  | { readonly kind: "table"; readonly head: readonly string[]; readonly rows: readonly (readonly Text[])[] }
  /** Closed until somebody opens it. */
  | { readonly kind: "folded"; readonly title: Text; readonly blocks: readonly Block[] }
  | { readonly kind: "picture"; readonly picture: Picture };

/** Parts and what waits for what, as a picture. */
export interface Picture {
  readonly parts: readonly (Part & { readonly id: string; readonly fate: PartFate })[];
  /** Pairs of ids: the first waits for the second. */
  readonly arrows: readonly (readonly [string, string])[];
}

export type PartFate = "added" | "removed" | "replaced" | "changed" | "unchanged";

export interface Section {
  /** For links within the page. */
  readonly id: string;
  readonly title: string;
  /** Empty where there is nothing to tell. */
  readonly blocks: readonly Block[];
  /** What is said then, as the rest of a sentence. */
  readonly nothing: Text;
}

export interface Page {
  readonly title: string;
  /** What a reader must know, the worst first. */
  readonly headline: readonly Text[];
  readonly sections: readonly Section[];
}

/** A line with values in it. */
export function line(words: TemplateStringsArray, ...values: readonly (Inline | Text | number)[]): Text {
  return words.flatMap((word, index): Inline[] => {
    const value = values[index];
    const after =
      value === undefined ? [] : typeof value === "number" ? [String(value)] : isText(value) ? value : [value];
    return word === "" ? [...after] : [word, ...after];
  });
}

function isText(value: Inline | Text): value is Text {
  return Array.isArray(value);
}

export function code(text: string): Inline {
  return { code: text };
}

/** `a, b and c`. */
export function listed(texts: readonly (Inline | Text)[]): Text {
  return texts.flatMap((text, index): Inline[] => {
    const own = typeof text === "object" && isText(text) ? text : [text];
    if (index === 0) return [...own];
    return [index === texts.length - 1 ? " and " : ", ", ...own];
  });
}

/** `1 part`, `2 parts`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
