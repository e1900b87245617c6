/** A stack file in memory: its comments, its order and its secrets stay as they are. */
import { type Document, isMap, parseDocument } from "yaml";

import { holdsSecrets, type PlainEntry, prefix, type StackConfig, stackFileOf } from "../stack-file/stack-file.ts";
import type { Path } from "../stacks/problems.ts";
import type { StackFile } from "../stacks/settings.ts";
import { UsageError } from "./usage-error.ts";

/** A stack file that can be changed without touching the original. */
export class EditableStackFile {
  readonly #document: Document;

  constructor(text: string) {
    this.#document = parseDocument(text);
    const [error] = this.#document.errors;
    if (error !== undefined) throw new UsageError(`the stack file is not YAML: ${error.message}`);
  }

  /** Sets a value, as `pulumi config set --path` would. */
  set(path: Path, value: unknown): void {
    const parents = keysOf(path).slice(0, -1);
    for (let depth = 1; depth <= parents.length; depth++) {
      const parent = parents.slice(0, depth);
      const empty = typeof keysOf(path)[depth] === "number" ? [] : {};
      const present: unknown = this.#document.getIn(parent);
      if (present === undefined || present === null) this.#document.setIn(parent, this.#document.createNode(empty));
      else if (typeof present !== "object") throw new UsageError(`${parent.slice(1).join(".")} is a single value`);
    }
    this.#document.setIn(keysOf(path), this.#document.createNode(value));
  }

  delete(path: Path): void {
    this.#document.deleteIn(keysOf(path));
  }

  has(path: Path): boolean {
    return this.#document.hasIn(keysOf(path));
  }

  /** Whether a setting is encrypted. */
  get holdsSecrets(): boolean {
    return holdsSecrets(this.#config());
  }

  /** The settings as the program gets them. `plain` has the decrypted values. */
  read(stack: string, plain: Readonly<Record<string, PlainEntry>> = {}): StackFile {
    return stackFileOf(stack, this.#config(), plain);
  }

  copy(): EditableStackFile {
    return new EditableStackFile(this.toString());
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0 });
  }

  #config(): StackConfig {
    const config: unknown = this.#document.get("config");
    return isMap(config) ? (config.toJSON() as StackConfig) : {};
  }
}

function keysOf(path: Path): (string | number)[] {
  const [key, ...rest] = path;
  return ["config", `${prefix}${key ?? ""}`, ...rest];
}
