/** The platform's objects in workspaces: those that must be there, and those that are. */
import { placeholders, workspaceLabel, workspaceMark } from "../../../components/workspaces/names.ts";
import { trustFileName } from "../../../components/workspaces/objects.ts";
import { trustConfigName } from "../../../components/portal/launcher.ts";
import { namespaces } from "../../../components/names.ts";
import type { Context } from "../step.ts";
import { deviation } from "./exact.ts";

export interface WorkspaceObjectFound {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
}

/** An object that a workspace must hold. */
export interface ExpectedObject {
  readonly kind: string;
  readonly name: string;
  /** Its fields beside what names it. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Kinds of objects that the platform puts into workspaces, and where all of them are listed. */
const lists: Readonly<Record<string, string>> = {
  ConfigMap: "/api/v1/configmaps?fieldSelector=metadata.name%3Ddatalab-trust",
  LimitRange: "/api/v1/limitranges",
  NetworkPolicy: "/apis/networking.k8s.io/v1/networkpolicies",
  ResourceQuota: "/api/v1/resourcequotas",
  RoleBinding: "/apis/rbac.authorization.k8s.io/v1/rolebindings",
};

/** Objects by namespace, then by kind and name. */
export type Found = ReadonlyMap<string, ReadonlyMap<string, WorkspaceObjectFound>>;

export async function workspacesIn({ kubectl }: Context): Promise<readonly string[]> {
  const selector = encodeURIComponent(`${workspaceLabel}=${workspaceMark}`);
  const path = `/api/v1/namespaces?labelSelector=${selector}`;
  const { items } = await kubectl.get<{ items: readonly { metadata: { name: string } }[] }>(path);
  return items.map(({ metadata }) => metadata.name).toSorted();
}

export async function objectsIn({ kubectl }: Context): Promise<Found> {
  const found = new Map<string, Map<string, WorkspaceObjectFound>>();
  for (const [kind, path] of Object.entries(lists)) {
    const { items } = await kubectl.get<{ items: readonly WorkspaceObjectFound[] }>(path);
    for (const item of items) {
      const { name, namespace } = item.metadata;
      const objects = found.get(namespace) ?? new Map<string, WorkspaceObjectFound>();
      found.set(namespace, objects.set(`${kind} ${name}`, { ...item, kind }));
    }
  }
  return found;
}

/** What stands in the objects that only the cluster knows. */
export interface ClusterFacts {
  /** Peers of a NetworkPolicy that are the API server. */
  readonly apiServer: readonly unknown[];
  readonly apiServerPort: number;
  /** Text of the object with the authorities. */
  readonly trust: string | undefined;
}

export async function clusterFacts({ kubectl, expected }: Context): Promise<ClusterFacts> {
  const { opensApiServer, privateCa } = expected.walls;
  const slice = opensApiServer
    ? await kubectl.get<EndpointSlice>("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes")
    : undefined;
  const service = opensApiServer
    ? await kubectl.get<{ spec?: { clusterIP?: string } }>("/api/v1/namespaces/default/services/kubernetes")
    : undefined;
  const maps = `/api/v1/namespaces/${namespaces.portal}/configmaps`;
  const trust = privateCa
    ? await kubectl.get<{ data?: Readonly<Record<string, string>> }>(`${maps}/${trustConfigName}`)
    : undefined;
  return {
    // The Service's own address comes first, as the launcher writes it.
    apiServer: [service?.spec?.clusterIP ?? [], (slice?.endpoints ?? []).flatMap(({ addresses }) => addresses)]
      .flat()
      .map((address) => ({ ipBlock: { cidr: `${address}/${address.includes(":") ? 128 : 32}` } })),
    apiServerPort: slice?.ports?.[0]?.port ?? 0,
    trust: trust?.data?.[trustFileName],
  };
}

interface EndpointSlice {
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[] | null;
  readonly ports?: readonly { readonly port?: number }[] | null;
}

const naming: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/** What the launcher puts into a workspace, filled in as it does. */
export function expectedIn(namespace: string, { expected }: Context, facts: ClusterFacts): readonly ExpectedObject[] {
  const { walls, access } = expected;
  const kind = namespace.startsWith(access.namespacePrefix) ? "user" : "group";
  return walls.objects
    .filter(({ only }) => only === undefined || only === kind)
    .flatMap(({ file }) => {
      const text = file === trustFileName ? facts.trust : walls.templates.data[file];
      if (text === undefined) return [];
      const filled = text
        .replaceAll(placeholders.namespace, namespace)
        .replaceAll(`"${placeholders.apiServer}"`, JSON.stringify(facts.apiServer))
        .replaceAll(`"${placeholders.apiServerPort}"`, String(facts.apiServerPort));
      const object = JSON.parse(filled) as WorkspaceObjectFound;
      const content = Object.fromEntries(Object.entries(object).filter(([field]) => !naming.has(field)));
      return [{ kind: object.kind ?? "", name: object.metadata.name, content }];
    });
}

/** What a workspace lacks, in words. */
export function lacks(wanted: readonly ExpectedObject[], found: Found, namespace: string): readonly string[] {
  const objects = found.get(namespace);
  return wanted.flatMap(({ kind, name, content }) => {
    const object = objects?.get(`${kind} ${name}`);
    if (object === undefined) return [`no ${kind} ${name}`];
    const other = Object.entries(content).flatMap(([field, value]) => deviation(value, object[field], field) ?? [])[0];
    return other === undefined ? [] : [`another ${kind} ${name}: ${other}`];
  });
}
