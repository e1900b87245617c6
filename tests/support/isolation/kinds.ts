import { resourceQuota } from "../../../components/workspaces/limits.ts";
import { portalSettings } from "../../../components/portal/settings.ts";

/** What is not kept, or ends by itself: nothing that a quota could count. */
const passing = [
  // Answers, kept nowhere.
  "localsubjectaccessreviews.authorization.k8s.io",
  // The API server forgets them after an hour, and quotas know nothing of them.
  "events",
  "events.events.k8s.io",
  // By Onyxia's own quota.
  "pods",
];

/** Kinds whose number is bounded in a workspace, as `<resource>.<group>`. */
export function countedKinds(): string[] {
  const { spec } = resourceQuota(portalSettings.parse({}).quotas.user) as { spec: { hard: Record<string, string> } };
  const counted = Object.keys(spec.hard).flatMap((key) =>
    key.startsWith("count/") ? [key.slice("count/".length)] : [],
  );
  return [...counted, ...passing];
}

/** Kinds that a ClusterRole lets create. */
export function creatableKinds(role: unknown): string[] {
  const { rules } = role as { rules: readonly { apiGroups?: string[]; resources?: string[]; verbs: string[] }[] };
  const kinds = rules
    .filter(({ verbs }) => verbs.includes("create") || verbs.includes("*"))
    .flatMap(({ apiGroups = [], resources = [] }) =>
      apiGroups.flatMap((group) =>
        resources
          // Its legacy name; it serves no Ingress of it any more.
          .filter(() => group !== "extensions")
          .filter((resource) => !resource.includes("/"))
          .map((resource) => (group === "" ? resource : `${resource}.${group}`)),
      ),
    );
  return [...new Set(kinds)].toSorted();
}
