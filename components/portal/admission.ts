/** Admission policies: where the portal's API may write, and how a workspace may be reached from outside. */
import type * as k8s from "@pulumi/kubernetes";

import type { AccessModel } from "../access/access-model.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { namespaces } from "../names.ts";
import { apiName, grantableRoles, workspaceLabel, workspaceMark } from "./permissions.ts";
import type { ServiceSettings } from "./settings.ts";

type Policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicyArgs;
type Binding = k8s.admissionregistration.v1.ValidatingAdmissionPolicyBindingArgs;

/** Keeps the API's ServiceAccount in the workspaces. */
export const portalPolicyName = "datalab-portal-workspaces";
/** Keeps the Ingresses of a workspace below names of its own. */
export const hostPolicyName = "datalab-workspace-hosts";
/** Keeps the Services of a workspace inside the cluster. */
export const servicePolicyName = "datalab-workspace-services";

/**
 * The portal's ServiceAccount may create and label namespaces that have one of the two prefixes and the workspace's
 * label, and may write inside those; nothing else, whatever RBAC says. The label keeps it out of a namespace that has
 * such a name for another reason. Reads never come by here.
 */
export function portalPolicy(
  access: Pick<AccessModel, "namespacePrefix" | "groupNamespacePrefix">,
  podSecurity: ServiceSettings["podSecurity"],
): Policy {
  const prefixes = [access.namespacePrefix, access.groupNamespacePrefix];
  const account = `system:serviceaccount:${namespaces.portal}:${apiName}`;
  return {
    metadata: { name: portalPolicyName, labels: labelsFor(portalPolicyName) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        matchPolicy: "Equivalent",
        resourceRules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] }],
        // Questions about one's own rights change nothing.
        excludeResourceRules: [
          { apiGroups: ["authorization.k8s.io"], apiVersions: ["*"], operations: ["*"], resources: ["*"] },
        ],
      },
      matchConditions: [{ name: "portal", expression: `request.userInfo.username == "${account}"` }],
      variables: [
        {
          name: "namespaceItself",
          expression: `request.resource.group == "" && request.resource.resource == "namespaces"`,
        },
        {
          name: "place",
          expression: `!variables.namespaceItself ? request.namespace : (object != null ? object.metadata.name : request.name)`,
        },
      ],
      validations: [
        {
          expression: `variables.namespaceItself ? request.operation in ["CREATE", "UPDATE"] : request.namespace != ""`,
          message:
            "The portal may create and label namespaces and write inside them: it may not delete a namespace or write anything else in the cluster.",
        },
        {
          expression: prefixes.map((prefix) => `variables.place.startsWith("${prefix}")`).join(" || "),
          message: `The portal may write only in namespaces whose names begin with ${prefixes.join(" or ")}.`,
        },
        {
          expression: `variables.namespaceItself || (namespaceObject != null && ${isMarked("namespaceObject")})`,
          message: `The portal may write only in namespaces with the label ${workspaceLabel}=${workspaceMark}.`,
        },
        {
          // A namespace that is there already cannot be adopted; one that is made must carry the mark.
          expression: `!variables.namespaceItself || [object, oldObject].all(it, it == null || ${isMarked("it")})`,
          message: `The portal's namespaces carry the label ${workspaceLabel}=${workspaceMark} from the beginning.`,
        },
        {
          expression: `!variables.namespaceItself || object == null || ${label("object", "pod-security.kubernetes.io/enforce")} == "${podSecurity}"`,
          message: `The portal's namespaces enforce the Pod Security level ${podSecurity}.`,
        },
        {
          expression: `request.resource.resource != "rolebindings" || object == null || (object.roleRef.kind == "ClusterRole" && object.roleRef.name in ${JSON.stringify(grantableRoles)})`,
          message: `The portal may bind only the ClusterRoles ${grantableRoles.join(", ")}.`,
        },
      ],
    },
  };
}

/**
 * In a workspace every Ingress has host names of its own: the namespace's name, a number and a word, below the domain
 * of the services. Otherwise a user could put pages below the portal's or Keycloak's address, or a neighbour's.
 */
export function hostPolicy(servicesDomain: string): Policy {
  // The portal's form: namespace, a number, a word. With fewer parts `user-al` could claim a name of `user-al-ice`.
  const below = `-[0-9]+-[a-z0-9]+[.]${servicesDomain.replaceAll(".", "[.]")}$`;
  const own = (host: string) => `${host}.matches("^" + request.namespace + "${below}")`;
  return {
    metadata: { name: hostPolicyName, labels: labelsFor(hostPolicyName) },
    spec: {
      ...inWorkspaces({ apiGroups: ["networking.k8s.io"], apiVersions: ["*"], resources: ["ingresses"] }),
      validations: [
        {
          expression: `!has(object.spec.defaultBackend) && object.spec.?rules.orValue([]).all(rule, ${own("rule.?host.orValue('')")})`,
          message: `Host names of this namespace's Ingresses are <namespace>-<number>-<word>.${servicesDomain}, without a default backend.`,
        },
        {
          expression: `object.spec.?tls.orValue([]).all(tls, tls.?hosts.orValue([]).all(host, ${own("host")}))`,
          message: `TLS host names of this namespace's Ingresses are <namespace>-<number>-<word>.${servicesDomain}.`,
        },
        {
          // The controller serves a certificate for whatever names stand in it: one for Keycloak's host would take the
          // place of the platform's, for every visitor.
          expression: `object.spec.?tls.orValue([]).all(tls, tls.?secretName.orValue("") == "")`,
          message: "Ingresses of this namespace are served with the platform's certificate: leave out secretName.",
        },
        {
          expression: `object.metadata.?annotations.orValue({}).all(key, !key.endsWith("/server-alias") && !key.endsWith("-snippet"))`,
          message:
            "Ingresses of this namespace may neither claim further host names nor bring configuration of their own.",
        },
      ],
    },
  };
}

/**
 * The Ingresses are the only way into a workspace. A load balancer that Kubernetes makes is unknown to Pulumi: it is
 * billed, and keeps the network of a cluster on AWS from being deleted. A node port could take the one that the
 * platform's own load balancer sends visitors to. External addresses catch other people's traffic (CVE-2020-8554).
 */
export function servicePolicy(): Policy {
  return {
    metadata: { name: servicePolicyName, labels: labelsFor(servicePolicyName) },
    spec: {
      ...inWorkspaces({ apiGroups: [""], apiVersions: ["v1"], resources: ["services"] }),
      validations: [
        {
          // What was there before the policy can still be changed: its load balancer's controller has to sign it off.
          expression: `!(object.spec.type in ["LoadBalancer", "NodePort"]) || (oldObject != null && oldObject.spec.type == object.spec.type)`,
          message: "Services of this namespace are of type ClusterIP: use an Ingress to be reached from outside.",
        },
        {
          expression: `size(object.spec.?externalIPs.orValue([])) == 0`,
          message: "Services of this namespace may not claim external addresses.",
        },
      ],
    },
  };
}

/** What a policy of users' namespaces has in common: it looks at whatever is made or changed there, whoever does it. */
function inWorkspaces(kind: { apiGroups: string[]; apiVersions: string[]; resources: string[] }) {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      matchPolicy: "Equivalent",
      namespaceSelector: { matchLabels: { [workspaceLabel]: workspaceMark } },
      resourceRules: [{ ...kind, operations: ["CREATE", "UPDATE"] }],
    },
  };
}

/** Puts a policy of the same name into force. */
export function enforced(policyName: string): Binding {
  return {
    metadata: { name: policyName, labels: labelsFor(policyName) },
    spec: { policyName, validationActions: ["Deny"] },
  };
}

function isMarked(object: string): string {
  return `${label(object, workspaceLabel)} == "${workspaceMark}"`;
}

function label(object: string, key: string): string {
  return `${object}.metadata.?labels[?"${key}"].orValue("")`;
}
