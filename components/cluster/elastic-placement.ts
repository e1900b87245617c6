/**
 * Sends users' services to spot nodes. The nodes refuse every pod that does not say it can be taken away; an admission
 * policy says it for all pods of a workspace. So no part of the platform can ever land there, whatever chart it comes
 * from, and no chart has to know.
 */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { elasticNodes } from "../kubernetes/elastic-nodes.ts";
import { labelsFor } from "../kubernetes/labels.ts";

export const placementPolicyName = "datalab-elastic-placement";

const apiVersion = "admissionregistration.k8s.io/v1";
const toleration = `Object.spec.tolerations{key: "${elasticNodes.key}", operator: "Equal", value: "${elasticNodes.value}", effect: "NoSchedule"}`;
const preference = `Object.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution{weight: 50, preference: Object.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution.preference{matchExpressions: [Object.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution.preference.matchExpressions{key: "${elasticNodes.key}", operator: "In", values: ["${elasticNodes.value}"]}]}}`;

/** Objects are added before the list in them is: JSON Patch makes no parents. */
const patches = [
  ensure("has(object.spec.tolerations)", "/spec/tolerations", "[]"),
  append("/spec/tolerations/-", toleration),
  ensure("has(object.spec.affinity)", "/spec/affinity", "Object.spec.affinity{}"),
  ensure(
    "has(object.spec.affinity) && has(object.spec.affinity.nodeAffinity)",
    "/spec/affinity/nodeAffinity",
    "Object.spec.affinity.nodeAffinity{}",
  ),
  ensure(
    "has(object.spec.affinity) && has(object.spec.affinity.nodeAffinity) && has(object.spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution)",
    "/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution",
    "[]",
  ),
  append("/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution/-", preference),
];

function ensure(there: string, path: string, value: string): string {
  return `(${there} ? [] : [JSONPatch{op: "add", path: "${path}", value: ${value}}])`;
}

function append(path: string, value: string): string {
  return `[JSONPatch{op: "add", path: "${path}", value: ${value}}]`;
}

/** The policy as an object: `@pulumi/kubernetes` has no type of this version yet. */
export function placementPolicy(workspaces: Readonly<Record<string, string>>) {
  return {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name: placementPolicyName, labels: labelsFor(placementPolicyName) },
    spec: {
      // A pod that stays on permanent nodes is better than none.
      failurePolicy: "Ignore",
      reinvocationPolicy: "Never",
      matchConstraints: {
        matchPolicy: "Equivalent",
        namespaceSelector: { matchLabels: { ...workspaces } },
        objectSelector: {},
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: patches.join(" + ") } }],
    },
  };
}

/** Puts the policy into force. */
export function placementBinding() {
  return {
    apiVersion,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: placementPolicyName, labels: labelsFor(placementPolicyName) },
    spec: { policyName: placementPolicyName },
  };
}

/** The policy and its binding. */
export function elasticPlacement(
  name: string,
  workspaces: Readonly<Record<string, string>>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const policy = new k8s.apiextensions.CustomResource(`${name}-placement`, placementPolicy(workspaces), opts);
  const binding = new k8s.apiextensions.CustomResource(`${name}-placement-binding`, placementBinding(), opts);
  return [policy, binding];
}
