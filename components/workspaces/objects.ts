/**
 * What the platform puts into every workspace, as files for the launcher: it applies them before the first launch, and
 * again when they have changed.
 */
import * as pulumi from "@pulumi/pulumi";

import type { PublicHostAccess } from "../contracts.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { limitRange, resourceQuota } from "./limits.ts";
import { placeholders, trustName } from "./names.ts";
import { apiServerConnection, connections } from "./network-policies.ts";
import { workspaceBindings } from "./permissions.ts";
import type { WorkspaceQuota, WorkspaceServices } from "./settings.ts";
import { trustConfigMap } from "./trust.ts";

/** Kind of a workspace, by the prefix of its name. */
export type WorkspaceKind = "user" | "group";

/** A kind of object, and how it is called in addresses of the API server. */
interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
}

/** One object that workspaces get. */
export interface WorkspaceObject {
  /** Name of its file. */
  readonly file: string;
  /** Its address at the API server, with the placeholder of the namespace. */
  readonly path: string;
  /** Workspaces that get it; undefined: all. */
  readonly only: WorkspaceKind | undefined;
}

export interface WorkspaceObjectsOptions {
  readonly ingress: PublicHostAccess["ingress"];
  readonly services: WorkspaceServices;
  readonly quotas: Readonly<Record<WorkspaceKind, WorkspaceQuota>>;
  /** Whether there are authorities to trust, see {@link trustFile}. */
  readonly privateCa: boolean;
  /** Proxy that services may talk to. @default none */
  readonly proxy?: Proxy | undefined;
}

const kinds = {
  bindings: { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", resource: "rolebindings" },
  configMaps: { apiVersion: "v1", kind: "ConfigMap", resource: "configmaps" },
  limitRanges: { apiVersion: "v1", kind: "LimitRange", resource: "limitranges" },
  networkPolicies: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", resource: "networkpolicies" },
  quotas: { apiVersion: "v1", kind: "ResourceQuota", resource: "resourcequotas" },
} as const satisfies Record<string, Kind>;

/**
 * The objects in the order in which they are applied, and their files but the {@link trustFile}. The rights come last:
 * no launch begins before the walls stand.
 */
export function workspaceObjects({ ingress, services, quotas, privateCa, proxy }: WorkspaceObjectsOptions) {
  const entries: readonly Entry[] = [
    ...(services.networkIsolation
      ? [entry(kinds.networkPolicies, connections({ ingress }, services.egress, proxy))]
      : []),
    ...(opensApiServer(services) ? [entry(kinds.networkPolicies, apiServerConnection())] : []),
    entry(kinds.quotas, resourceQuota(quotas.user), "user"),
    entry(kinds.quotas, resourceQuota(quotas.group), "group"),
    entry(kinds.limitRanges, limitRange(services)),
    ...workspaceBindings(placeholders.namespace).map((object) => entry(kinds.bindings, object)),
  ];
  const trust = { file: trustFileName, path: pathOf(kinds.configMaps, trustName), only: undefined };
  return {
    objects: [...(privateCa ? [trust] : []), ...entries.map(({ object }) => object)] as readonly WorkspaceObject[],
    files: Object.fromEntries(entries.map(({ object, json }) => [object.file, json])),
  };
}

/** Whether a workspace's pods are shown the way to the API server, which the launcher has to find out. */
export function opensApiServer({
  networkIsolation,
  kubernetesRole,
}: Pick<WorkspaceServices, "networkIsolation" | "kubernetesRole">): boolean {
  return networkIsolation && kubernetesRole !== "none";
}

/** Apart from the others, because the authority is not known in the first preview. */
export const trustFileName = "configmaps.trust.json";

export function trustFile(caBundle: pulumi.Input<string>): pulumi.Output<string> {
  const { apiVersion, kind } = kinds.configMaps;
  return pulumi.output(caBundle).apply((pem) => JSON.stringify({ apiVersion, kind, ...trustConfigMap(pem) }));
}

interface Entry {
  readonly object: WorkspaceObject;
  readonly json: string;
}

function entry(of: Kind, args: { readonly metadata?: unknown }, only?: WorkspaceKind): Entry {
  const { apiVersion, kind, resource } = of;
  const { name } = args.metadata as { readonly name: string };
  const file = [resource, name, ...(only === undefined ? [] : [only]), "json"].join(".");
  return { object: { file, path: pathOf(of, name), only }, json: JSON.stringify({ apiVersion, kind, ...args }) };
}

function pathOf({ apiVersion, resource }: Kind, name: string): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}/namespaces/${placeholders.namespace}/${resource}/${name}`;
}
