/** Previews a stack with the user's own Pulumi CLI, as `flip` does, and reads both graphs from what it says. */
import { type Pulumi, PulumiError } from "../stack-file/pulumi.ts";
import type { Told } from "./change.ts";
import { type Graph, graphOf, type State } from "./graph.ts";

export interface Previewed {
  /** What is deployed. */
  readonly before: Graph;
  /** What the program and its settings ask for. */
  readonly after: Graph;
  readonly operations: readonly Told[];
}

/** @throws PulumiError */
export async function preview(pulumi: Pulumi, stack: string, file: string): Promise<Previewed> {
  const { exitCode, output, errors } = await pulumi.attempt([
    // Of the displays, this one tells what a resource waits for.
    ...["preview", "--json", "--show-sames", "--non-interactive", "--color", "never"],
    ...["--stack", stack, "--config-file", file],
    // Otherwise the first protected resource would end the preview, and hide what else goes.
    "--ignore-protect",
  ]);
  if (exitCode !== 0) throw new PulumiError([...problemsIn(output), errors.trim()].join("\n").trim() || output);
  return readPreview(output);
}

interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: State | null;
  readonly newState?: State | null;
  readonly replaceReasons?: readonly string[] | null;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind?: string }>> | null;
}

/** Reads what `pulumi preview --json` prints. Secrets are masked in it. */
export function readPreview(text: string): Previewed {
  const { steps = [] } = JSON.parse(text) as { readonly steps?: readonly PreviewStep[] };
  return {
    before: graphOf(steps.flatMap(({ oldState }) => oldState ?? [])),
    after: graphOf(steps.flatMap(({ newState }) => newState ?? [])),
    operations: steps.map((step) => ({
      op: step.op,
      urn: step.urn,
      oldUrn: step.oldState && step.oldState.urn !== step.urn ? step.oldState.urn : undefined,
      replacing: replacingFields(step),
      touched: [],
    })),
  };
}

function replacingFields({ replaceReasons, detailedDiff }: PreviewStep): readonly string[] {
  const fields = Object.entries(detailedDiff ?? {}).filter(([, { kind }]) => kind?.endsWith("-replace") === true);
  return fields.length > 0 ? fields.map(([path]) => path) : (replaceReasons ?? []);
}

/** The messages of a preview that failed: what it prints is JSON all the same. */
function problemsIn(output: string): string[] {
  try {
    const { diagnostics = [] } = JSON.parse(output) as {
      readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
    };
    return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message.trim());
  } catch {
    return [];
  }
}
