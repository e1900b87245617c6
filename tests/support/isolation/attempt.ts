/** What is tried on a platform's API server, and what comes of it: data for the tests and for docs/isolation.md. */
import type { Call } from "./calls.ts";

/** Who tries, in the page's words. */
export const actors = {
  mallory: "user",
  launcher: "launch",
  service: "service",
  controller: "controller",
  crowd: "user",
  portal: "portal",
  operator: "operator",
} as const;

export type Actor = keyof typeof actors;

/** Part of Kubernetes that refuses, and the words by which its answers are known. */
export const mechanisms = {
  RBAC: "is forbidden: User ",
  "RBAC: no escalation": "not currently held",
  "Pod Security": "violates PodSecurity",
  LimitRange: "maximum",
  quota: "exceeded quota",
  "API server": "is invalid",
  "no such account": "not found",
} as const;

export type Mechanism = keyof typeof mechanisms;

/** One row of the table, and one test. */
export interface Attempt {
  /** Its number on the page. */
  readonly no: string;
  /** What is tried, in words that go on from "may not" or "may". */
  readonly attempt: string;
  readonly who: Actor;
  readonly expected: "refused" | "admitted";
  /** What refuses it: a mechanism or an admission policy; of what is admitted, why that does no harm. */
  readonly by: string;
  /** Words of the answer, where those of `by` would not tell it from another. */
  readonly says?: string;
  readonly make: readonly Call[];
}

/** Words that the answer must hold. */
export function wordsOf({ by, says }: Pick<Attempt, "by" | "says">): string {
  return says ?? (by in mechanisms ? mechanisms[by as Mechanism] : by);
}

type Rest = Pick<Attempt, "make"> & Partial<Pick<Attempt, "says">>;

/** Shorthands, so that a group of rows reads as a table. */
export function refused(who: Actor, no: string, attempt: string, by: string, call: Call, says?: string): Attempt {
  return { no, attempt, who, expected: "refused", by, ...row(call, says) };
}

/** @param by Why that is no harm. @param says Words of the object that comes of it. */
export function admitted(who: Actor, no: string, attempt: string, by: string, call: Call, says = ""): Attempt {
  return { no, attempt, who, expected: "admitted", by, ...row(call, says) };
}

function row(call: Call, says: string | undefined): Rest {
  return { make: [call], ...(says === undefined ? {} : { says }) };
}
