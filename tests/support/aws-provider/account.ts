/**
 * The AWS account of a test: what exists in it, and all that was ever done, in a folder. Several provider processes
 * may work on it at once; each resource has a file of its own.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Values } from "./values.ts";

/** The account that every resource is in: the one of AWS's own examples. */
export const accountId = "123456789012";

/** Something that exists. */
export interface AwsResource {
  readonly token: string;
  readonly urn: string;
  readonly id: string;
  /** What its computed outputs are derived from; stays through updates. */
  readonly seed: string;
  readonly inputs: Values;
  readonly outputs: Values;
}

/** One call that changed something, or was refused. */
export interface AwsCall {
  readonly operation: "create" | "update" | "delete";
  readonly token: string;
  readonly urn: string;
  readonly id: string;
  readonly inputs: Values;
  /** The error that AWS would answer with; absent where the call succeeded. */
  readonly refused?: string;
}

export class Account {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, "resources"), { recursive: true });
  }

  /** Everything that exists. */
  resources(): AwsResource[] {
    const folder = join(this.#folder, "resources");
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as AwsResource);
  }

  find(token: string, id: string): AwsResource | undefined {
    const file = this.#file(token, id);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as AwsResource) : undefined;
  }

  put(resource: AwsResource): void {
    writeFileSync(this.#file(resource.token, resource.id), JSON.stringify(resource, null, 2));
  }

  remove({ token, id }: Pick<AwsResource, "token" | "id">): void {
    rmSync(this.#file(token, id), { force: true });
  }

  /** All calls, oldest first. */
  calls(): AwsCall[] {
    const file = join(this.#folder, "calls.jsonl");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as AwsCall);
  }

  record(call: AwsCall): void {
    appendFileSync(join(this.#folder, "calls.jsonl"), `${JSON.stringify(call)}\n`);
  }

  /** How many times a resource of this URN was created before: a replacement gets another id. */
  generation(urn: string): number {
    return this.calls().filter((call) => call.operation === "create" && call.urn === urn && !call.refused).length;
  }

  #file(token: string, id: string): string {
    const key = createHash("sha256").update(`${token} ${id}`).digest("hex").slice(0, 16);
    return join(this.#folder, "resources", `${key}.json`);
  }
}
