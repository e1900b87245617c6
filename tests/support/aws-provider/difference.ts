/** Which fields differ between two sets of inputs, and whether AWS can change them. */
import { isImmutable } from "../../../commands/digest/immutable-aws.ts";
import { equal, isObject, type Value, type Values } from "./values.ts";

export interface Difference {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
}

export function differences(token: string, olds: Values, news: Values): Difference[] {
  return compare(olds, news, "").map(({ path, kind }) => ({ path, kind, replaces: isImmutable(token, path) }));
}

type Change = Omit<Difference, "replaces">;

function compare(olds: Values, news: Values, prefix: string): Change[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys]
    .toSorted()
    .flatMap((key) => compareValue(olds[key], news[key], prefix === "" ? key : `${prefix}.${key}`));
}

function compareValue(old: Value | undefined, now: Value | undefined, path: string): Change[] {
  if (equal(old, now)) return [];
  if (isObject(old) && isObject(now)) return compare(old, now, path);
  if (old === undefined || old === null) return [{ path, kind: "add" }];
  if (now === undefined || now === null) return [{ path, kind: "delete" }];
  return [{ path, kind: "update" }];
}
