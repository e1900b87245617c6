/** What the installed @pulumi/aws knows, as data. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { cacheDirectory } from "../../../testbed/toolchain/store.ts";

/** The type of a value. `type` names an entry of {@link Sdk.types}; `any` is an asset or an archive. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" | "any" }
  | { readonly kind: "list" | "map"; readonly of: Shape }
  | { readonly kind: "union"; readonly of: readonly Shape[] }
  | { readonly kind: "object"; readonly fields: Fields }
  | { readonly kind: "type"; readonly name: string };

export interface Field {
  readonly shape: Shape;
  /** Input: may be left out. Output: may be missing after creation. */
  readonly optional: boolean;
}

export type Fields = Record<string, Field>;

export interface ResourceDeclaration {
  readonly inputs: Fields;
  readonly outputs: Fields;
}

export interface Sdk {
  readonly version: string;
  /** Configuration of the provider. */
  readonly provider: Fields;
  /** By token, such as `aws:eks/cluster:Cluster`. */
  readonly resources: Readonly<Record<string, ResourceDeclaration>>;
  /** By name, such as `inputs.eks.ClusterVpcConfig`. */
  readonly types: Readonly<Record<string, Fields>>;
}

/** The installed SDK. Reading its declarations takes seconds, so what was read is kept for its version. */
export async function loadSdk(): Promise<Sdk> {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("@pulumi/aws/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  // Another reader or another TypeScript may read something else.
  const reader = readFileSync(join(import.meta.dirname, "sdk-declarations.ts"));
  const typescript = readFileSync(require.resolve("typescript/package.json"));
  const key = createHash("sha256").update(reader).update(typescript).digest("hex").slice(0, 12);
  const file = join(cacheDirectory(process.env), "aws-sdk", `${version}-${key}.json`);
  if (!existsSync(file)) {
    const { readDeclarations } = await import("./sdk-declarations.ts");
    mkdirSync(dirname(file), { recursive: true });
    const written = `${file}.${process.pid}`;
    writeFileSync(written, JSON.stringify(readDeclarations(dirname(manifest))));
    renameSync(written, file);
  }
  return JSON.parse(readFileSync(file, "utf8")) as Sdk;
}
