/** IAM documents that a graph registers, and what is wrong with them. */
import type { Graph } from "./graph.ts";

export interface Document {
  /** Logical name of the resource that carries it. */
  readonly owner: string;
  readonly statements: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource?: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }[];
}

/** Every trust policy and every policy written here. */
export function documentsOf(graph: Graph<unknown>): Document[] {
  return graph.resources
    .filter(({ type }) => type.startsWith("aws:iam/"))
    .flatMap(({ name, inputs }) =>
      ["assumeRolePolicy", "policy"].flatMap((key) => {
        const text = inputs[key];
        if (typeof text !== "string") return [];
        return [{ owner: name, statements: (JSON.parse(text) as { Statement: Document["statements"] }).Statement }];
      }),
    );
}

/** Policies that AWS keeps, by the role that they are attached to. */
export function managedPoliciesOf(graph: Graph<unknown>): string[] {
  return graph.resources
    .filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    .map(({ inputs }) => `${String(inputs["role"])}: ${String(inputs["policyArn"])}`)
    .toSorted();
}

/** Statements that allow more than a named action on a named resource. */
export function tooWide(documents: readonly Document[]): string[] {
  return documents.flatMap(({ owner, statements }) =>
    statements
      .filter(
        ({ Effect, Action, Resource }) =>
          Effect === "Allow" &&
          (Action.some((action) => action.includes("*")) ||
            Resource?.some((resource) => /^\*|^arn:[^/]*\*$/.test(resource))),
      )
      .map(({ Sid }) => `${owner} ${Sid}`),
  );
}
