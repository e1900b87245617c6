import { networkFinding } from "./network-errors.ts";
import { type Context, type Facts, type Finding, type Outcome, passed, type Step, warning } from "./step.ts";

/** What became of a step. */
export type Result = {
  readonly id: string;
  readonly title: string;
  readonly hop: string;
  readonly milliseconds: number;
} & (
  | { readonly status: "passed"; readonly note?: string }
  | ({ readonly status: "warning" | "failed" } & Finding)
  | { readonly status: "skipped"; readonly because: string }
);

/**
 * Runs the steps in order. A step whose needs have not passed is skipped, and says because of which.
 * @param contextOf Makes the context for what is known by then.
 */
export async function runSteps(
  steps: readonly Step[],
  contextOf: (facts: Facts) => Context,
  onResult: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const results = new Map<string, Result>();
  let facts: Facts = {};
  for (const step of steps) {
    const { id, title, hop } = step;
    const context = contextOf(facts);
    const begin = performance.now();
    const because = missingNeed(step, results) ?? step.unless?.(context);
    let result: Result;
    if (because !== undefined) {
      result = { id, title, hop, milliseconds: 0, status: "skipped", because };
    } else {
      const outcome = await outcomeOf(step, context);
      const milliseconds = Math.round(performance.now() - begin);
      if (outcome.status !== "failed") facts = { ...facts, ...outcome.facts };
      result = { id, title, hop, milliseconds, ...withoutFacts(outcome) };
    }
    results.set(id, result);
    onResult(result);
  }
  return [...results.values()];
}

function missingNeed({ needs }: Step, results: ReadonlyMap<string, Result>): string | undefined {
  for (const id of needs) {
    const result = results.get(id);
    if (result === undefined) return `${id} has not run`;
    if (result.status === "failed") return `"${result.title}" failed`;
    if (result.status === "skipped") return `"${result.title}" was skipped`;
  }
  return undefined;
}

/** Whatever goes wrong within a step is a failure of its hop, with the message. */
async function outcomeOf(step: Step, context: Context): Promise<Outcome> {
  try {
    return await step.run(context);
  } catch (error) {
    return { status: "failed", ...networkFinding(step.title, error) };
  }
}

/** Facts may be credentials: they are for the steps alone. */
function withoutFacts(outcome: Outcome): Outcome {
  switch (outcome.status) {
    case "passed":
      return passed(outcome.note);
    case "warning": {
      const { problem, cause, cure, hop } = outcome;
      return warning({ problem, cause, cure, ...(hop === undefined ? {} : { hop }) });
    }
    case "failed":
      return outcome;
  }
}
