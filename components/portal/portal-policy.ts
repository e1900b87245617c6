/** Admission policy: where the portal's API may write, and what. */
import type { AccessModel } from "../access/access-model.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import {
  accountUser,
  launcherName,
  ownerBindingName,
  portalAccount,
  portalBindingName,
  reservedPrefix,
  subjectPrefix,
  workspaceLabel,
  workspaceMark,
} from "../workspaces/names.ts";
import { workspaceRoles } from "../workspaces/permissions.ts";
import type { Policy, Validation } from "../workspaces/policy.ts";
import type { WorkspaceServices } from "../workspaces/settings.ts";
import { ownerAnnotation } from "./region.ts";

/** Keeps the API's ServiceAccount in the workspaces. */
export const portalPolicyName = "datalab-portal-workspaces";

export type PortalAccess = Pick<AccessModel, "namespacePrefix" | "groupNamespacePrefix" | "username" | "group">;

/**
 * The portal's ServiceAccount may create and label namespaces that have one of the two prefixes and the workspace's
 * label, and may put into those what Onyxia and the launcher put there; nothing else, whatever RBAC says. The label
 * keeps it out of a namespace that has such a name for another reason. Reads never come by here, and launches come by
 * another name.
 */
export function portalPolicy(access: PortalAccess, podSecurity: WorkspaceServices["podSecurity"]): Policy {
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
      matchConditions: [{ name: "portal", expression: `request.userInfo.username == "${accountUser(portalAccount)}"` }],
      variables: [
        {
          name: "namespaceItself",
          expression: `request.resource.group == "" && request.resource.resource == "namespaces"`,
        },
        { name: "name", expression: `object != null ? object.metadata.name : request.?name.orValue("")` },
        {
          name: "place",
          // What is outside of namespaces has none, not an empty one.
          expression: `!variables.namespaceItself ? request.?namespace.orValue("") : variables.name`,
        },
        { name: "binding", expression: `request.resource.resource == "rolebindings" && object != null` },
      ],
      validations: [...placeRules(access), ...namespaceRules(access, podSecurity), ...objectRules(access)],
    },
  };
}

function placeRules(access: PortalAccess): Validation[] {
  const prefixes = [access.namespacePrefix, access.groupNamespacePrefix];
  const named = (prefix: string, { pattern }: { readonly pattern: string }) =>
    `variables.place.startsWith("${prefix}") && variables.place.substring(${prefix.length}).matches("${pattern}")`;
  return [
    {
      expression: `variables.namespaceItself ? request.operation in ["CREATE", "UPDATE"] : variables.place != ""`,
      message:
        "The portal may create and label namespaces and write inside them: it may not delete a namespace or write anything else in the cluster.",
    },
    {
      expression: `${named(access.namespacePrefix, access.username)} || ${named(access.groupNamespacePrefix, access.group)}`,
      message: `The portal may write only in namespaces whose names are ${prefixes.join(" or ")} and the name of a user or group that the platform's rule for names allows.`,
    },
    {
      expression: `variables.namespaceItself || (namespaceObject != null && ${isMarked("namespaceObject")})`,
      message: `The portal may write only in namespaces with the label ${workspaceLabel}=${workspaceMark}.`,
    },
  ];
}

function namespaceRules(access: PortalAccess, podSecurity: WorkspaceServices["podSecurity"]): Validation[] {
  const owner = (object: string) => `${object}.metadata.?annotations[?"${ownerAnnotation}"].orValue("")`;
  const enforce = "pod-security.kubernetes.io/enforce";
  return [
    {
      // A namespace that is there already cannot be adopted; one that is made must carry the mark.
      expression: `!variables.namespaceItself || [object, oldObject].all(it, it == null || ${isMarked("it")})`,
      message: `The portal's namespaces carry the label ${workspaceLabel}=${workspaceMark} from the beginning.`,
    },
    {
      // An old version of the level would know fewer rules.
      expression: `!variables.namespaceItself || object == null || (${label("object", enforce)} == "${podSecurity}" && ${label("object", `${enforce}-version`)} in ["", "latest"])`,
      message: `The portal's namespaces enforce the Pod Security level ${podSecurity}, in its latest version.`,
    },
    {
      // Of a group's namespace every member is the one who logged in last.
      expression: `!variables.namespaceItself || object == null || oldObject == null || !variables.place.startsWith("${access.namespacePrefix}") || ${owner("oldObject")} in ["", ${owner("object")}]`,
      message: `This workspace belongs to another account of the same name. An operator hands it over by removing the annotation ${ownerAnnotation}.`,
    },
  ];
}

/** Quota of Onyxia, and the beginning of the names of the Secrets in which it keeps what services are called. */
const onyxiaQuota = "onyxia-quota";
const onyxiaRecords = "sh.onyxia.release.v1.";

function objectRules(access: PortalAccess): Validation[] {
  const owner = (prefix: string) =>
    `request.namespace == "${prefix}" + subject.name.substring(${subjectPrefix.length})`;
  const isOwner = `subject.name.startsWith("${subjectPrefix}") && ((subject.kind == "User" && ${owner(access.namespacePrefix)}) || (subject.kind == "Group" && ${owner(access.groupNamespacePrefix)}))`;
  const roles = JSON.stringify({ [ownerBindingName]: "admin", ...workspaceRoles });
  const isAccount = (name: string, namespace: string) =>
    `subject.kind == "ServiceAccount" && subject.name == "${name}" && subject.?namespace.orValue("") == ${namespace}`;
  const isPortal = isAccount(portalAccount.name, `"${portalAccount.namespace}"`);
  const isLauncher = isAccount(launcherName, "request.namespace");
  return [
    {
      expression: `variables.namespaceItself || variables.name.startsWith("${reservedPrefix}") || variables.name in ["${ownerBindingName}", "${onyxiaQuota}"] || (request.resource.resource == "secrets" && variables.name.startsWith("${onyxiaRecords}"))`,
      message:
        "The portal's own account writes what is the platform's in a workspace; services are launched by another.",
    },
    {
      expression: `!variables.binding || (object.roleRef.kind == "ClusterRole" && ${roles}[?variables.name].orValue("") == object.roleRef.name)`,
      message: "The portal may bind the roles of a workspace's owner, of launches and of itself, each by its own name.",
    },
    {
      expression: `!variables.binding || object.?subjects.orValue([]).all(subject, variables.name == "${ownerBindingName}" ? (${isOwner}) : variables.name == "${portalBindingName}" ? (${isPortal}) : (${isLauncher}))`,
      message: "The portal gives rights in a workspace to its owner, to launches and to itself, to nobody else.",
    },
  ];
}

function isMarked(object: string): string {
  return `${label(object, workspaceLabel)} == "${workspaceMark}"`;
}

function label(object: string, key: string): string {
  return `${object}.metadata.?labels[?"${key}"].orValue("")`;
}
