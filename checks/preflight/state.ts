/** What the stack's own state knows of its objects. */
import * as pulumi from "@pulumi/pulumi";

import { kindOf, textOf } from "../../components/kubernetes/object-key.ts";
import { ownerLabel } from "../../components/kubernetes/owner.ts";

/** An object that an earlier operation of this stack has made. */
export interface StateObject {
  /** The API server's own identity of it: another object of the same name has another one. */
  readonly uid: string;
  readonly fieldManager: string;
  /** The owner that was written last; undefined for what release 0.1 has made. */
  readonly owner?: string | undefined;
}

/** By {@link textOf}. */
export type StateObjects = ReadonlyMap<string, StateObject>;

/** A stack's own state; that of a stack which has never been up holds nothing. */
export interface StackState {
  readonly objects: StateObjects;
  /** Whether it holds the passwords that the volumes were made with. */
  readonly hasPasswords: boolean;
}

/** Asks the engine, which has the state open anyway. No resource comes of it. */
export async function stackState(): Promise<StackState> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
    readonly outputs?: Readonly<Record<string, ResourceOutputs>>;
  };
  return stateOf(answer.outputs ?? {});
}

/** @param resources outputs by URN */
export function stateOf(resources: Readonly<Record<string, ResourceOutputs>>): StackState {
  const hasPasswords = Object.keys(resources).some(
    (urn) => typeOf(urn) === "random:index/randomPassword:RandomPassword",
  );
  return { objects: objectsIn(resources), hasPasswords };
}

/** Without the types of the components around it. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Outputs of a resource, if it has any. */
export interface ResourceOutputs {
  readonly outputs?: ObjectOutputs | undefined;
}

interface ObjectOutputs {
  readonly __fieldManager?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly uid?: string } & Labelled;
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}

function objectsIn(resources: Readonly<Record<string, ResourceOutputs>>): StateObjects {
  const objects = new Map<string, StateObject>();
  for (const [urn, { outputs }] of Object.entries(resources)) {
    const type = typeOf(urn);
    const { name, namespace, uid, labels } = outputs?.metadata ?? {};
    const fieldManager = outputs?.__fieldManager;
    if (!type.startsWith("kubernetes:") || name === undefined || uid === undefined || fieldManager === undefined)
      continue;
    objects.set(textOf({ ...kindOf(type), namespace, name }), { uid, fieldManager, owner: labels?.[ownerLabel] });
  }
  return objects;
}
