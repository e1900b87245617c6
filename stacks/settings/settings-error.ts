import { PlatformError } from "../../components/errors.ts";
import type { Problem } from "./problems.ts";
import { listOf } from "./sentences.ts";

/** All mistakes of a stack file in one error. */
export class SettingsError extends PlatformError {
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
    super(`Pulumi.${stack}.yaml holds ${count}:`, listOf(problems));
    this.problems = problems;
  }
}
