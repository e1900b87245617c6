/** Obtains what is compared: two previews, or one and the state that it begins with. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";

import { check } from "../flip/check.ts";
import { EditableStackFile } from "../flip/stack-file.ts";
import { UsageError } from "../usage-error.ts";
import { PulumiError, pulumiIn } from "../stack-file/pulumi.ts";
import type { Arguments } from "./arguments.ts";
import { differenceBy, differenceOf } from "./change.ts";
import type { Comparison, Side } from "./digest.ts";
import type { Graph } from "./graph.ts";
import { preview } from "./preview.ts";
import { readStackFile, temporaryStack } from "./temporary-stack.ts";
import { atCommit } from "./worktree.ts";

export interface Place {
  /** Folder of Pulumi.yaml. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** @throws UsageError, PulumiError */
export async function obtain(given: Arguments, place: Place): Promise<Comparison> {
  const name = given.stack.split("/").at(-1) ?? given.stack;
  const file = resolve(given.configFile ?? join(place.project, `Pulumi.${name}.yaml`));
  const text = readStackFile(file);
  if (text === undefined) throw new UsageError(`there is no stack file ${file}`);
  const stackFile = new EditableStackFile(text);
  const { against } = given;
  return against === undefined
    ? againstState(given, place, file, stackFile)
    : againstCommit({ ...given, against }, place, file, stackFile);
}

/** What is deployed has no stack file: only what the engine says is told. */
async function againstState(
  given: Arguments,
  place: Place,
  file: string,
  stackFile: EditableStackFile,
): Promise<Comparison> {
  const { before, after, operations } = await preview(pulumiIn(place.project, place), given.stack, file);
  const side = sideOf(given.stack, stackFile);
  const difference = differenceBy(operations, before, after);
  return { stack: given.stack, against: undefined, before: side, after: side, program: undefined, difference };
}

async function againstCommit(
  given: Arguments & { readonly against: string },
  place: Place,
  file: string,
  stackFile: EditableStackFile,
): Promise<Comparison> {
  const { stack, against } = given;
  const folder = mkdtempSync(join(tmpdir(), "datalab-digest-"));
  try {
    return await atCommit(place.project, against, async ({ project, differing }) => {
      const inProject = relative(place.project, file);
      // A stack file outside of the project is in no commit.
      const isOutside = inProject.startsWith("..") || isAbsolute(inProject);
      const text = readStackFile(isOutside ? file : join(project, inProject));
      const old = text === undefined ? undefined : new EditableStackFile(text);
      const graphAt = (program: string, of: EditableStackFile, side: string) =>
        desiredGraph({ program, stackFile: of, folder: join(folder, side), stack, place });
      // One after the other: a preview alone keeps a machine busy.
      const after = await graphAt(place.project, stackFile, "after");
      const before = old === undefined ? new Map() : await named(against, graphAt(project, old, "before"));
      const difference = differenceOf(before, after);
      const none: Side = { config: {}, settings: undefined };
      return {
        stack,
        against,
        before: old === undefined ? none : sideOf(stack, old),
        after: sideOf(stack, stackFile),
        program: differing,
        difference,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Says which of the two has failed. */
async function named<T>(ref: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PulumiError) throw new PulumiError(`at ${ref}: ${error.message}`);
    throw error;
  }
}

interface Desired {
  readonly program: string;
  readonly stackFile: EditableStackFile;
  readonly folder: string;
  readonly stack: string;
  readonly place: Place;
}

async function desiredGraph({ program, stackFile, folder, stack, place }: Desired): Promise<Graph> {
  mkdirSync(folder, { mode: 0o700 });
  const { pulumi, file } = await temporaryStack(folder, { ...place, program, stack, stackFile });
  return (await preview(pulumi, stack.split("/").at(-1) ?? stack, file)).after;
}

function sideOf(stack: string, file: EditableStackFile): Side {
  return { config: file.config, settings: check(file.read(stack)).settings };
}
