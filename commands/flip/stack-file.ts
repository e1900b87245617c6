/** A stack file in memory: its comments, its order and its secrets stay as they are. */
import { type Document, isMap, isNode, isScalar, visit } from "yaml";

import {
  holdsSecrets,
  type PlainEntry,
  prefix,
  secretPaths,
  type StackConfig,
  stackConfigOf,
  stackFileOf,
} from "../stack-file/stack-file.ts";
import { mapAt, parseYaml } from "../stack-file/yaml.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import { valueAt } from "../../stacks/settings/schema-paths.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import { UsageError } from "../usage-error.ts";

/** A stack file that can be changed without touching the original. */
export class EditableStackFile {
  readonly #document: Document;

  constructor(text: string) {
    this.#document = parseYaml(text);
    const [error] = this.#document.errors;
    if (error !== undefined) throw new UsageError(`the stack file is not YAML: ${error.message}`);
  }

  /** Sets a value, as `pulumi config set --path` would. */
  set(path: Path, value: unknown): void {
    this.#writeOut();
    const keys = this.#keysOf(path);
    const parents = keys.slice(0, -1);
    for (let depth = 1; depth <= parents.length; depth++) {
      const parent = parents.slice(0, depth);
      const empty = typeof keys[depth] === "number" ? [] : {};
      const present: unknown = this.#document.getIn(parent);
      if (present === undefined || present === null) this.#document.setIn(parent, this.#document.createNode(empty));
      else if (typeof present !== "object") throw new UsageError(`${parent.slice(1).join(".")} is a single value`);
    }
    this.#document.setIn(keys, this.#document.createNode(value));
  }

  delete(path: Path): void {
    this.#writeOut();
    const keys = this.#keysOf(path);
    this.#document.deleteIn(keys);
  }

  has(path: Path): boolean {
    const [key = "", ...rest] = path;
    return valueAt(this.#config()[`${prefix}${key}`], rest) !== undefined;
  }

  /** Whether a setting is encrypted. */
  get holdsSecrets(): boolean {
    return holdsSecrets(this.#config());
  }

  /** Where each secret stands. */
  get secretPaths(): Path[] {
    return secretPaths(
      Object.fromEntries(Object.entries(this.config).filter(([key]) => key.startsWith(prefix))),
      [],
    ).map(([key = "", ...rest]) => [String(key).slice(prefix.length), ...rest]);
  }

  /** Every key with its namespace; secrets are encrypted. */
  get config(): StackConfig {
    return this.#config();
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
    return stackConfigOf(this.#document);
  }

  /** Where a setting stands. Its key may do without the namespace. */
  #keysOf([key = "", ...rest]: Path): (string | number)[] {
    const short = String(key);
    const [present] = [`${prefix}${short}`, short, `${prefix}config:${short}`].filter((name) =>
      this.#document.hasIn(["config", name]),
    );
    return ["config", present ?? `${prefix}${short}`, ...rest];
  }

  /** What comes from elsewhere in the file by `*` or `<<` cannot be changed in place: each key gets its own copy. */
  #writeOut(): void {
    const config: unknown = this.#document.get("config", true);
    if (!refersElsewhere(config)) return;
    const values = mapAt(this.#document, "config");
    if (!isMap(config) || config.items.some(({ key }) => isScalar(key) && key.value === "<<")) {
      this.#document.set("config", this.#document.createNode(values));
      return;
    }
    for (const [key, value] of Object.entries(values)) {
      if (refersElsewhere(config.get(key, true))) config.set(key, this.#document.createNode(value));
    }
  }
}

/** Whether a node uses an anchor. */
function refersElsewhere(node: unknown): boolean {
  let found = false;
  if (isNode(node)) visit(node, { Alias: () => ((found = true), visit.BREAK) });
  return found;
}
