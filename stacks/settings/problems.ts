/** Mistakes of a stack file, as values. Their sentences are made by `sentences.ts` alone. */
import type { Cure, Path, Value } from "./cures.ts";

/** What is wrong with a setting. */
export type Fault =
  /** Nobody reads it. */
  | { readonly kind: "unknown"; readonly likely?: string | undefined; readonly known: readonly string[] }
  | { readonly kind: "missing"; readonly wanted: string }
  | { readonly kind: "type"; readonly wanted: string; readonly given: string }
  | { readonly kind: "choice"; readonly choices: readonly Value[]; readonly isMissing: boolean }
  | { readonly kind: "size"; readonly bound: "at least" | "at most"; readonly limit: number; readonly unit: string }
  /** A rule of the setting's own, or one between settings. The reason is the rest of a sentence that begins with the path. */
  | { readonly kind: "rule"; readonly reason: string };

/** One mistake in a stack file. */
export interface Problem {
  readonly path: Path;
  readonly fault: Fault;
  /** The ways out, the usual one first. */
  readonly cures: readonly Cure[];
}

/** A rule that is broken. @param reason the rest of a sentence that begins with the path */
export function broken(path: Path, reason: string, ...cures: readonly Cure[]): Problem {
  return { path, fault: { kind: "rule", reason }, cures };
}
