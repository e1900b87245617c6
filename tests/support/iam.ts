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
    readonly Principal?: Readonly<Record<string, string>>;
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

/** What somebody asks of a resource that carries a policy. */
export interface Request {
  /** ARN of the role; undefined for somebody who does not say who it is. */
  readonly role?: string | undefined;
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the service fills in. */
  readonly context: Readonly<Record<string, string>>;
}

/** Whether a resource's policy lets somebody do it who has no policy of the own: a denial beats all, silence denies. */
export function allowedBy(statements: Document["statements"], request: Request): boolean {
  const matching = statements.filter((statement) => concerns(statement, request));
  return matching.length > 0 && matching.every(({ Effect }) => Effect === "Allow");
}

function concerns(
  { Action, Resource = [], Principal = {}, Condition = {} }: Document["statements"][number],
  { role, action, resource, context }: Request,
): boolean {
  return (
    (Principal["AWS"] === "*" || Principal["AWS"] === role) &&
    Action.includes(action) &&
    Resource.includes(resource) &&
    Object.entries(Condition).every(([operator, pairs]) =>
      Object.entries(pairs).every(([key, pattern]) => holds(operator, context[key], pattern)),
    )
  );
}

/** A key that the request does not have matches nothing. */
function holds(operator: string, value: string | undefined, pattern: string): boolean {
  if (value === undefined) return false;
  switch (operator) {
    case "Bool":
      return value === pattern;
    case "StringLike":
      return new RegExp(`^${pattern.split("*").map(literally).join(".*")}$`).test(value);
    default:
      throw new Error(`no test has needed ${operator} yet`);
  }
}

function literally(text: string): string {
  return text.replaceAll(/[^\w-]/g, "\\$&");
}
