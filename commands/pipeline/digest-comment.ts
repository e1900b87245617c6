/** Puts a digest under the change that it is about: one comment, that is changed with it. */
import { commentMark, longest } from "../digest/print/markdown.ts";
import { UsageError } from "../usage-error.ts";
import { type Items, writeOnce } from "./forge.ts";

/**
 * The text comes from a job that runs the code of the change: it must be a digest of that stack, and fit.
 *
 * @throws UsageError where it is anything else
 */
export function checkedDigest(text: string, stack: string): string {
  if (!text.startsWith(`${commentMark(stack)}\n`)) throw new UsageError(`the file is no digest of stack ${stack}`);
  if (text.length > longest) throw new UsageError(`the digest has ${text.length} characters, a comment ${longest}`);
  return text;
}

/** @returns what became of the comment */
export function commentOn(comments: Items, text: string, stack: string): Promise<string> {
  return writeOnce(comments, commentMark(stack), checkedDigest(text, stack));
}
