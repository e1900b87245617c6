/** A: the portal's account under other circumstances. */
import { admitted, type Attempt } from "./attempt.ts";
import { change, createInCluster, own } from "./calls.ts";
import { bind, changed, confined, fixedRoles, makeWorkspace } from "./portal-calls.ts";
import { binding } from "./rights.ts";

const nothingElse = "or write anything else in the cluster";

/** Should the account ever hold every right: what its policy alone refuses. */
export const almightyAttempts: readonly Attempt[] = [
  confined("A41", "delete a workspace", { method: "DELETE", path: `/api/v1/namespaces/${own}` }, nothingElse),
  confined(
    "A42",
    "delete a namespace of the platform's",
    { method: "DELETE", path: "/api/v1/namespaces/datalab-identity" },
    nothingElse,
  ),
  confined(
    "A43",
    "give rights in the cluster",
    createInCluster({ ...binding("view"), kind: "ClusterRoleBinding" }),
    nothingElse,
  ),
  confined("A44", "change nodes", { method: "PATCH", path: "/api/v1/nodes/node-a", body: changed }, nothingElse),
  confined(
    "A45",
    "change Keycloak's administrator",
    change("secrets", "keycloak-admin", changed, "datalab-identity"),
    "only in namespaces",
  ),
  confined(
    "A46",
    "bind cluster-admin in a workspace",
    bind("datalab-launcher", undefined, "cluster-admin"),
    fixedRoles,
  ),
].map((attempt) => ({ ...attempt, attempt: `${attempt.attempt} (with \`cluster-admin\`)` }));

/** Where names may hold hyphens. */
export const hyphenatedPortalAttempts: readonly Attempt[] = [
  confined(
    "A22h",
    "make a workspace for a name that ends in a number",
    makeWorkspace("user-mallory-4711"),
    "rule for names allows",
  ),
  admitted(
    "portal",
    "A21h",
    "make a workspace for a name with a hyphen",
    "the setting allows it",
    makeWorkspace("user-mallory-x"),
  ),
].map((attempt) => ({ ...attempt, attempt: `${attempt.attempt} (\`hyphenatedNames: true\`)` }));
