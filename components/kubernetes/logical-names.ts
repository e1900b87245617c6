/**
 * How resources are called in the graph: their parent's name, what they are for, and a suffix that says their kind. A
 * logical name is what a state knows a resource by: it never depends on a setting's text, and another one needs an alias.
 */
import type * as pulumi from "@pulumi/pulumi";

/** Suffixes of each kind of object that several parts have. Jobs and ConfigMaps are called after what they do and hold. */
export const suffixes = {
  Certificate: ["certificate"],
  ClusterIssuer: ["issuer"],
  ClusterRole: ["role"],
  ClusterRoleBinding: ["role-binding"],
  Deployment: ["deployment"],
  Ingress: ["ingress"],
  IngressClass: ["class"],
  LimitRange: ["limit-range"],
  // As release 0.2.0 called the one that there is.
  MutatingAdmissionPolicy: ["placement"],
  MutatingAdmissionPolicyBinding: ["placement-binding"],
  Namespace: ["namespace"],
  NetworkPolicy: ["network-policy", "deny-all"],
  PodDisruptionBudget: ["disruption-budget"],
  PriorityClass: ["class"],
  RandomPassword: ["password"],
  ResourceQuota: ["quota"],
  Role: ["role"],
  RoleBinding: ["role-binding"],
  Secret: ["secret"],
  Service: ["service"],
  ServiceAccount: ["service-account"],
  StatefulSet: ["stateful-set"],
  StorageClass: ["class"],
  ValidatingAdmissionPolicy: ["policy"],
  ValidatingAdmissionPolicyBinding: ["policy-binding"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Endings that release 0.1 gave instead, by kind. */
const former: Readonly<Record<string, readonly (readonly [ending: RegExp, before: string])[]>> = {
  Certificate: [[/-certificate$/, ""]],
  ConfigMap: [[/-policy-document$/, "-policy"]],
  Deployment: [[/-deployment$/, ""]],
  Ingress: [
    [/-anchor-ingress$/, "-anchor"],
    [/-(s3|console)-ingress$/, "-ingress-$1"],
  ],
  NetworkPolicy: [[/-network-policy$/, "-policy"]],
  PodDisruptionBudget: [[/-disruption-budget$/, "-budget"]],
  RandomPassword: [[/-token-password$/, "-token-secret"]],
  Secret: [[/-(credentials|image-pull|platform|services)-secret$/, "-$1"]],
  Service: [[/-peers-service$/, "-peers"]],
  ServiceAccount: [[/-service-account$/, "-account"]],
  StatefulSet: [
    [/-stateful-set$/, "-server"],
    [/-stateful-set$/, "-servers"],
  ],
  StorageClass: [[/-class$/, ""]],
  ValidatingAdmissionPolicyBinding: [[/-policy-binding$/, "-binding"]],
};

/** What a resource was called in release 0.1, where that was another name. */
export function formerNames(type: string, name: string): string[] {
  const kind = type.split(":").at(-1) ?? "";
  return (former[kind] ?? [])
    .filter(([ending]) => ending.test(name))
    .map(([ending, before]) => name.replace(ending, before));
}

/** Lets a state of release 0.1 know its resources by their names of today. */
export const knownByFormerNames: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
  const names = formerNames(type, name);
  if (names.length === 0) return undefined;
  const aliases = "aliases" in opts ? (opts.aliases ?? []) : [];
  return {
    props,
    opts: { ...opts, aliases: [...aliases, ...names.map((former) => ({ name: former }))] },
  };
};
