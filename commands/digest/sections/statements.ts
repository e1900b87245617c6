/** Rights in a graph, each as one statement that can be compared. */
import type { Inputs } from "../../flip/engine-events.ts";
import { documentIn } from "../fields.ts";
import { type Graph, nameOf, type Node } from "../graph.ts";
import { listAt, nameIn, objectAt, stringsAt, textAt, wordOf } from "../inputs.ts";

/** One right, or one wall. */
export interface Statement {
  /** URN of the resource that says so. */
  readonly urn: string;
  /** Who, and what kind of right, as a person says it. @example "ClusterRole traefik may" */
  readonly who: string;
  /** @example "get" */
  readonly verb: string;
  /** On what, and under which condition. @example "services" */
  readonly what: string;
  /** Whether it forbids: more of it is less right. `admission` also when its resource is gone. */
  readonly kind: "allows" | "forbids" | "admission";
}

/** Statements by all that makes them differ. */
export function statementsIn(graph: Graph): Map<string, Statement> {
  const all = [...graph.values()].flatMap((node) =>
    [...rights(node), ...policies(node), ...walls(node), ...powers(node)].map((one) => ({ ...one, urn: node.urn })),
  );
  return new Map(all.map((one) => [[one.kind, one.who, one.verb, one.what].join("\n"), one]));
}

type Said = Omit<Statement, "urn">;

function allows(who: string, verb: string, what: string): Said {
  return { who, verb, what, kind: "allows" };
}

/** RBAC, and who may do what on AWS by name. */
function rights({ type, inputs, urn }: Node): Said[] {
  switch (type) {
    case "kubernetes:rbac.authorization.k8s.io/v1:Role":
    case "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole":
      return listAt(inputs, "rules").flatMap((rule) => ruleStatements(`${kindOf(type)} ${nameIn(inputs)} may`, rule));
    case "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding":
    case "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding":
      return bindingStatements(kindOf(type), inputs);
    case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
      return [allows(`role ${nameOf(urn).replace(/-[^-]*$/, "")} has the policy`, "", lastOf(inputs["policyArn"]))];
    case "aws:eks/accessPolicyAssociation:AccessPolicyAssociation":
      return [allows(`${textAt(inputs, "principalArn") ?? ""} has in the cluster`, "", lastOf(inputs["policyArn"]))];
    case "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
      const pods = `pods of ${String(inputs["namespace"])}/${String(inputs["serviceAccount"])}`;
      return [allows(`${pods} take the role of`, "", nameOf(urn))];
    }
    default:
      return [];
  }
}

function lastOf(arn: unknown): string {
  return String(arn).split("/").at(-1) ?? "";
}

function ruleStatements(who: string, rule: Inputs): Said[] {
  const names = stringsAt(rule, "resourceNames");
  const only = names.length === 0 ? "" : ` named ${names.join(", ")}`;
  const groups = stringsAt(rule, "apiGroups").map((one) => (one === "" ? "" : `.${one}`));
  const things = [...stringsAt(rule, "resources"), ...stringsAt(rule, "nonResourceURLs")];
  const kinds = things.flatMap((thing) => (groups.length === 0 ? [thing] : groups.map((group) => `${thing}${group}`)));
  return stringsAt(rule, "verbs").flatMap((verb) => kinds.map((kind) => allows(who, verb, `${kind}${only}`)));
}

function bindingStatements(kind: string, inputs: Inputs): Said[] {
  const role = objectAt(inputs, "roleRef");
  const where = kind === "ClusterRoleBinding" ? "everywhere" : `in ${nameIn(inputs).split("/")[0] ?? ""}`;
  return listAt(inputs, "subjects").map(({ kind: what, namespace, name }) => {
    const subject = [namespace, name].flatMap((word) => wordOf(word) ?? []).join("/");
    return allows(`${String(what)} ${subject} is`, "", `${String(role["kind"])} ${String(role["name"])} ${where}`);
  });
}

/** Statements of policy documents, wherever they stand: IAM, buckets, the object store's own. */
function policies({ inputs, urn }: Node): Said[] {
  return documents(inputs).flatMap(({ place, statements }) =>
    statements.flatMap((statement) => {
      const effect = textAt(statement, "Effect") ?? "Allow";
      const what = [
        // That of a role says who may take it.
        stringsAt(statement, "Resource").join(", ") || "itself",
        "Principal" in statement ? `for ${pairs(statement["Principal"])}` : "",
        "Condition" in statement ? `if ${pairs(statement["Condition"])}` : "",
      ];
      const who = `policy ${nameOf(urn)} (${place}): ${effect}`;
      const on = what.filter((text) => text !== "").join(" ");
      const kind = effect === "Deny" ? ("forbids" as const) : ("allows" as const);
      return stringsAt(statement, "Action").map((verb) => ({ who, verb, what: on, kind }));
    }),
  );
}

/** Nested values without the marks of JSON. */
function pairs(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(pairs).join(" or ");
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${pairs(inner)}`)
    .join(" and ");
}

function documents(inputs: unknown, place = ""): { place: string; statements: Inputs[] }[] {
  if (typeof inputs === "string") {
    const statements = listAt((documentIn(inputs) ?? {}) as Inputs, "Statement");
    return statements.length === 0 ? [] : [{ place, statements }];
  }
  if (typeof inputs !== "object" || inputs === null) return [];
  return Object.entries(inputs).flatMap(([key, inner]) => documents(inner, key));
}

/** Admission: what the cluster refuses. */
function walls({ type, inputs }: Node): Said[] {
  const kind = kindOf(type);
  if (type.includes("admissionregistration")) {
    const spec = objectAt(inputs, "spec");
    const rules = listAt(spec, "validations").map((one) => String(one["expression"]));
    const looksAt = "matchConstraints" in spec ? [`looks at ${pairs(spec["matchConstraints"])}`] : [];
    const actions = stringsAt(spec, "validationActions");
    return ["", ...rules, ...looksAt, ...actions].map((what) => ({
      who: `${kind} ${nameIn(inputs)}`,
      verb: "",
      what,
      kind: "admission",
    }));
  }
  if (kind !== "Namespace") return [];
  const level = textAt(objectAt(objectAt(inputs, "metadata"), "labels"), "pod-security.kubernetes.io/enforce");
  const who = `Namespace ${nameIn(inputs)} admits only pods of level`;
  return level === undefined ? [] : [{ who, verb: "", what: level, kind: "forbids" }];
}

/** What a pod may do to its node. */
function powers({ type, inputs }: Node): Said[] {
  const pod = objectAt(objectAt(objectAt(inputs, "spec"), "template"), "spec");
  const who = `${kindOf(type)} ${nameIn(inputs)} has`;
  const shared = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => pod[key] === true);
  const paths = listAt(pod, "volumes").flatMap((volume) => textAt(objectAt(volume, "hostPath"), "path") ?? []);
  const contexts = listAt(pod, "containers").map((container) => objectAt(container, "securityContext"));
  return [
    ...shared,
    ...paths.map((path) => `${path} of its node`),
    ...contexts.flatMap((context) => (context["privileged"] === true ? ["all rights on its node (privileged)"] : [])),
    ...contexts.flatMap((context) =>
      stringsAt(objectAt(context, "capabilities"), "add").map((one) => `the capability ${one}`),
    ),
  ].map((what) => allows(who, "", what));
}

function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}
