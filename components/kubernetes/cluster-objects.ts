/** Keys of objects that lie in no namespace. */
import type { ObjectKey } from "./object-key.ts";

export function namespaceKey(name: string): ObjectKey {
  return { group: "", kind: "Namespace", name };
}

export function clusterRoleKey(name: string): ObjectKey {
  return { group: rbac, kind: "ClusterRole", name };
}

const rbac = "rbac.authorization.k8s.io";

/** A ClusterRole, and its binding of the same name. */
export function roleAndBinding(name: string): ObjectKey[] {
  return [clusterRoleKey(name), { group: rbac, kind: "ClusterRoleBinding", name }];
}

/** An admission policy, and its binding of the same name. */
export function policyAndBinding(name: string): ObjectKey[] {
  const group = "admissionregistration.k8s.io";
  return ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({ group, kind, name }));
}
