/** A cluster of plain objects with walls around two workspaces, and what a step of the doctor says of it. */

import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { KubectlError, type MakingAnswer } from "../../checks/kubectl/kubectl.ts";
import type { Context, Outcome, Step } from "../../commands/doctor/step.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";

export const settings = (more: Record<string, unknown> = {}): Settings =>
  parseSettings({
    stack: "test",
    values: {
      platform: { domain: "example.test" },
      cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
      ingress: { kind: "traefik" },
      certificates: { issuer: "privateCa" },
      objectStore: { kind: "minio" },
      ...more,
    },
    secretKeys: [],
  });

export const portal = "/api/v1/namespaces/datalab-portal";
export const rbac = "/apis/rbac.authorization.k8s.io/v1";
export const admission = "/apis/admissionregistration.k8s.io/v1";
export const network = "/apis/networking.k8s.io/v1/networkpolicies";
export const apiLog = `${portal}/pods/onyxia-api-1/log`;
export const apiDeployment = "/apis/apps/v1/namespaces/datalab-portal/deployments/onyxia-api";
export const authorities = {
  kind: "ConfigMap",
  metadata: { name: "datalab-trust" },
  data: { "ca.crt": "the authority" },
};

export type Objects = Record<string, unknown>;

/** Answers of the API server, by path without the query, of a cluster in which alice and team have their walls. */
export function cluster(of = settings()): Objects {
  const { walls } = expectationsOf(of);
  const byKind = (kind: string) =>
    [
      ["user-alice", "user"],
      ["project-team", "group"],
    ].flatMap(([namespace = "", owner]) =>
      walls.objects
        .filter(({ only }) => only === undefined || only === owner)
        .map(({ file }) => walls.templates.data[file] ?? JSON.stringify(authorities))
        .map((text) =>
          text
            .replaceAll("@NAMESPACE@", namespace)
            .replace('"@API_SERVER@"', '[{"ipBlock":{"cidr":"10.96.0.1/32"}},{"ipBlock":{"cidr":"192.0.2.1/32"}}]')
            .replace('"@API_SERVER_PORT@"', "6443"),
        )
        .map((text) => JSON.parse(text) as { kind: string; metadata: object })
        .filter((object) => object.kind === kind)
        .map((object) => ({ ...object, kind: undefined, metadata: { ...object.metadata, namespace } })),
    );
  const map = ({ data }: { data: object }) => ({ data: { ...data } });
  return {
    [`${admission}/validatingadmissionpolicies`]: {
      items: Object.entries(walls.policies).map(([name, { spec }]) => ({ metadata: { name }, spec: completed(spec) })),
    },
    [`${admission}/validatingadmissionpolicybindings`]: {
      items: Object.keys(walls.policies).map((policyName) => ({
        metadata: { name: policyName },
        spec: { policyName, validationActions: ["Deny"] },
      })),
    },
    ...Object.fromEntries(
      walls.roles.map(({ metadata, rules }) => [
        `${rbac}/clusterroles/${(metadata as { name: string }).name}`,
        { rules },
      ]),
    ),
    [`${rbac}/clusterroles/edit`]: { rules: [{ apiGroups: ["", "apps"] }] },
    [`${rbac}/clusterroles/admin`]: { rules: [{ apiGroups: ["rbac.authorization.k8s.io"] }] },
    [`${portal}/configmaps/onyxia-launcher`]: map(walls.launcher),
    [`${portal}/configmaps/onyxia-schemas`]: map(walls.schemas),
    [`${portal}/configmaps/onyxia-workspaces`]: map(walls.templates),
    [`${portal}/configmaps/onyxia-workspace-trust`]: { data: { "configmaps.trust.json": JSON.stringify(authorities) } },
    [apiDeployment]: {
      spec: {
        template: {
          spec: {
            containers: [
              {
                volumeMounts: [
                  { name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "helm" },
                  { name: "launcher", mountPath: "/launcher" },
                  { name: "launcher-objects", mountPath: "/launcher-objects" },
                  ...walls.schemaFiles.map((mountPath) => ({ name: "schemas", mountPath })),
                ],
              },
            ],
          },
        },
      },
    },
    [`${portal}/pods`]: { items: [{ metadata: { name: "onyxia-api-1" } }] },
    [apiLog]: "",
    "/api/v1/namespaces": { items: [{ metadata: { name: "user-alice" } }, { metadata: { name: "project-team" } }] },
    "/api/v1/namespaces/user-alice": {},
    "/api/v1/namespaces/user-alice/pods": { items: [{}] },
    "/api/v1/namespaces/project-team/pods": { items: [] },
    "/api/v1/configmaps": { items: byKind("ConfigMap") },
    "/api/v1/limitranges": { items: byKind("LimitRange") },
    "/api/v1/resourcequotas": { items: byKind("ResourceQuota") },
    [network]: { items: byKind("NetworkPolicy") },
    [`${rbac}/rolebindings`]: { items: byKind("RoleBinding") },
    "/api/v1/namespaces/default/services/kubernetes": { spec: { clusterIP: "10.96.0.1" } },
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes": {
      addressType: "IPv4",
      endpoints: [{ addresses: ["192.0.2.1"] }],
      ports: [{ port: 6443 }],
    },
  };
}

/** A rule of admission with what the API server adds to it. */
export function completed(spec: unknown): unknown {
  const { matchConstraints, ...rest } = JSON.parse(JSON.stringify(spec)) as {
    matchConstraints: { resourceRules: object[] };
  };
  const resourceRules = matchConstraints.resourceRules.map((rule) => ({ scope: "*", ...rule }));
  return {
    ...rest,
    matchConstraints: { objectSelector: {}, namespaceSelector: {}, ...matchConstraints, resourceRules },
  };
}

export interface Bench {
  readonly of?: Settings;
  readonly objects?: Objects;
  /** What the script in the API's pod prints, or why it does not run. */
  readonly run?: string | KubectlError;
  /** What the pod in the workspace prints, or why it is not made. */
  readonly trial?: string | KubectlError;
  readonly web?: { readonly status: number; readonly text: string };
  readonly facts?: Context["facts"];
  /** Paths that were deleted. */
  readonly deleted?: string[];
  /** What the API server says to an account that would make objects; each is refused unless told otherwise. */
  readonly would?: (account: string, objects: readonly Named[]) => MakingAnswer | KubectlError;
}

export interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export const finished = { metadata: { name: "trial", namespace: "user-alice" }, status: { phase: "Succeeded" } };

/** Runs a step as alice. */
export async function outcomeOf(step: Step, bench: Bench = {}): Promise<Outcome> {
  const { of = settings(), objects = cluster(of), run = "", trial = "", deleted = [] } = bench;
  const at = (path: string): unknown => {
    const plain = path.replace(/\?.*/, "");
    if (/\/datalab-doctor-[0-9a-f]{8}$/.test(plain)) return finished;
    if (/\/datalab-doctor-[0-9a-f]{8}\/log$/.test(plain)) return trial;
    const found = objects[plain];
    if (found instanceof Error) throw found;
    if (found === undefined) throw new KubectlError("not found", `${plain} not found`);
    return found;
  };
  // eslint-disable-next-line @typescript-eslint/require-await
  const answer = async (path: string) => at(path);
  const kubectl = {
    get: answer,
    text: answer,
    run: () => (run instanceof Error ? Promise.reject(run) : Promise.resolve(run)),
    create: () => (trial instanceof Error ? Promise.reject(trial) : Promise.resolve()),
    delete: (path: string) => Promise.resolve(deleted.push(path)),
    // eslint-disable-next-line @typescript-eslint/require-await
    wouldMake: async (account: string, named: readonly Named[]) => {
      const said = bench.would?.(account, named) ?? { accepted: [], refusals: [] };
      if (said instanceof Error) throw said;
      return said;
    },
  };
  const context = {
    expected: expectationsOf(of),
    options: { user: "alice", write: true, timeout: 10 },
    facts: { portalToken: "token", ...bench.facts },
    kubectl,
    web: { request: () => Promise.resolve({ headers: {}, status: 200, text: '{"apps":[]}', ...bench.web }) },
    now: () => new Date("2026-11-29T12:00:00Z"),
  } as unknown as Context;
  return step.run(context);
}

/** The list of a path, changed. */
export function changed(path: string, change: (items: Item[]) => unknown[], of = settings()): Objects {
  const objects = cluster(of);
  const { items } = JSON.parse(JSON.stringify(objects[path])) as { items: Item[] };
  return { ...objects, [path]: { items: change(items) } };
}

export interface Item {
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown>;
}

export const named = (name: string, change: (item: Item) => unknown) => (items: Item[]) =>
  items.flatMap((item) => (item.metadata.name === name ? (change(item) ?? []) : item));

export const refused = new KubectlError("refused", "Error from server (Forbidden): no");
