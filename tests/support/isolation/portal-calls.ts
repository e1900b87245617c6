/** What the portal's account tries, as calls and rows. */
import { portalPolicyName } from "../../../components/portal/portal-policy.ts";
import { ownerAnnotation, regionOf } from "../../../components/portal/region.ts";
import { regionInputs } from "../portal.ts";
import { type Attempt, refused } from "./attempt.ts";
import { type Call, create, createInCluster, type KubernetesObject } from "./calls.ts";
import { binding } from "./rights.ts";

const labels = regionOf(regionInputs()).services.namespaceLabels;

/** A change that means nothing. */
export const changed = { metadata: { labels: { changed: "true" } } };

/** Words of the rule that each binding has its role. */
export const fixedRoles = "each by its own name";

/** Refused by RBAC. */
export function forbidden(no: string, attempt: string, call: Call): Attempt {
  return refused("portal", no, attempt, "RBAC", call);
}

/** Refused by the account's policy. @param says words of the rule */
export function confined(no: string, attempt: string, call: Call, says: string): Attempt {
  return refused("portal", no, attempt, portalPolicyName, call, says);
}

export function makeWorkspace(name: string, more: Record<string, string> = {}): Call {
  return createInCluster({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...labels, ...more } } });
}

/** Puts a workspace's labels on a namespace that is there. */
export function labelling(namespace: string, mark = "true"): Call {
  return {
    method: "PATCH",
    path: `/api/v1/namespaces/${namespace}`,
    body: { metadata: { labels: { ...labels, "datalab.dev/workspace": mark } } },
  };
}

/** Writes down whose the workspace is, as Onyxia does at every login. */
export function owning(namespace: string, id: string): Call {
  return {
    method: "PATCH",
    path: `/api/v1/namespaces/${namespace}`,
    body: { metadata: { annotations: { [ownerAnnotation]: id } } },
  };
}

/** Admission looks before anybody asks whether the name is taken. */
export function bind(name: string, subject?: KubernetesObject, role = "admin"): Call {
  return create({ ...binding(role, subject), metadata: { name } });
}

export function configMap(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
}
