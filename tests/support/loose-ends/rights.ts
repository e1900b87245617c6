/** Bindings that give nothing, or to nobody, and roles without rules. */
import type { Registration } from "../graph.ts";
import { kindOf } from "./shapes.ts";

interface Binding {
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
  readonly subjects?: readonly { readonly kind?: string; readonly name?: string }[];
  readonly spec?: { readonly policyName?: string; readonly validationActions?: readonly string[] };
  readonly rules?: readonly { readonly resources?: readonly string[]; readonly verbs?: readonly string[] }[];
}

/** @param known `Kind name` of all that there is */
export function inRights({ type, inputs }: Registration, known: ReadonlySet<string>): string[] {
  const { roleRef, subjects = [], spec, rules } = inputs as Binding;
  const missing = (kind = "nothing", name = "") => (known.has(`${kind} ${name}`) ? [] : [`names ${kind} ${name}`]);
  switch (kindOf(type)) {
    case "RoleBinding":
    case "ClusterRoleBinding":
      return [
        ...missing(roleRef?.kind, roleRef?.name),
        ...(subjects.length === 0 ? ["binds nobody"] : []),
        ...subjects
          .filter(({ kind }) => kind !== "User" && kind !== "Group")
          .flatMap(({ kind, name }) => missing(kind, name)),
      ];
    case "Role":
    case "ClusterRole":
      return (rules ?? [])
        .filter(({ resources = [], verbs = [] }) => resources.length === 0 || verbs.length === 0)
        .map(() => "has a rule that allows nothing");
    case "ValidatingAdmissionPolicyBinding":
      return [
        ...missing("ValidatingAdmissionPolicy", spec?.policyName),
        ...((spec?.validationActions ?? []).length > 0 ? [] : ["does nothing about what its policy refuses"]),
      ];
    default:
      return [];
  }
}
