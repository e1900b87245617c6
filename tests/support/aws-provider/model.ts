/** What AWS decides about a resource. */
import { createHash } from "node:crypto";

import { accountId, type Account } from "./account.ts";
import { text, type Values } from "./values.ts";

/** A resource that is made, or changed. */
export interface Subject {
  readonly token: string;
  /** The program's own name of it. */
  readonly name: string;
  readonly seed: string;
  readonly inputs: Values;
  readonly region: string;
  readonly account: Account;
  /** Where the API server of every cluster in this account is. */
  readonly controlPlane: ControlPlaneAddress | undefined;
  /** The outputs before the change; absent for a new one. */
  readonly before?: Values;
}

export interface ControlPlaneAddress {
  readonly server: string;
  /** PEM in base64. */
  readonly certificateAuthority: string;
}

export interface Model {
  /** Form of the id. */
  readonly id: (subject: Subject) => string;
  readonly arn?: (subject: Subject, id: string) => string;
  /** Outputs that are not inputs, or inputs completed with what AWS adds. */
  readonly computed?: (subject: Subject, id: string) => Values;
  /** Outputs that any change may change. */
  readonly volatile?: readonly string[];
}

/** Digits that depend on the resource alone: the same in every run. */
export function hex({ seed }: Pick<Subject, "seed">, length: number, what = "id"): string {
  return createHash("sha256").update(`${seed} ${what}`).digest("hex").slice(0, length);
}

/** `vpc-0a1b2c3d4e5f60718` */
export function prefixed(prefix: string): Model["id"] {
  return (subject) => `${prefix}-0${hex(subject, 16)}`;
}

/** An id that is a field of the inputs. */
export function field(name: string): Model["id"] {
  return ({ inputs }) => text(inputs[name]) ?? "";
}

/** An id that is made of several fields. */
export function joined(separator: string, ...names: readonly string[]): Model["id"] {
  return ({ inputs }) => names.map((name) => text(inputs[name]) ?? "").join(separator);
}

/** `arn:aws:ec2:<region>:<account>:<path>`; services without regions leave theirs out. */
export function arn(service: string, path: (subject: Subject, id: string) => string, regional = true) {
  return (subject: Subject, id: string): string =>
    `arn:aws:${service}:${regional ? subject.region : ""}:${accountId}:${path(subject, id)}`;
}

export function input(subject: Subject, name: string): string {
  return text(subject.inputs[name]) ?? "";
}

/** The inputs' value, or what AWS takes in its place. */
export function orDefault(subject: Subject, defaults: Values): Values {
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, subject.inputs[key] ?? value]));
}
