/** What must hold on a deployed stack, derived from its settings by the very code that deploys it. */
import type { AccessModel, ConfidentialClient } from "../../components/access/access-model.ts";
import { type Addresses, addressOf, usualPort } from "../../components/addresses.ts";
import type { ObjectStore, PackageIndex } from "../../components/contracts.ts";
import { controllerName } from "../../components/ingress/traefik-arguments.ts";
import { withDigest } from "../../components/kubernetes/image.ts";
import { proxyOf } from "../../components/kubernetes/proxy.ts";
import { type Hosts, namespaces } from "../../components/names.ts";
import { externalObjectStore } from "../../components/object-store/external-object-store.ts";
import { minioObjectStore } from "../../components/object-store/minio-object-store.ts";
import type { Running } from "../../components/part.ts";
import { regionOf } from "../../components/portal/region.ts";
import type { CatalogSettings } from "../../components/portal/settings.ts";
import { images } from "../../components/versions.ts";
import type { Path } from "../../stacks/settings/cures.ts";
import { type Plan, planOf } from "../../stacks/plan.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { authorityOf, type AuthoritySource } from "./authority.ts";
import { type RealmRules, realmRules } from "./realm-rules.ts";
import { type Walls, wallsOf } from "./walls.ts";

/** A public host, and the part that answers for it. */
export interface PublicHost {
  readonly key: string;
  readonly host: string;
  /** Empty for the usual one. */
  readonly port: string;
  /** Whether it is reached through the platform's ingress controller. */
  readonly own: boolean;
  /** The part behind it. */
  readonly part: string;
  /** A path that the part serves; undefined for names that only the certificate must hold for. */
  readonly path: string | undefined;
}

/** An image that the stack file can pin to what was seen once. */
export interface PinnableImage {
  readonly repository: string;
  readonly tag: string;
  /** Undefined where it runs by its tag alone. */
  readonly digest: string | undefined;
  readonly setting: Path;
}

/** The ingress controller's address: that of its Service, or the one that the settings name. */
export type IngressSource =
  | { readonly kind: "service"; readonly namespace: string; readonly name: string }
  | { readonly kind: "settings"; readonly address: string };

export interface Expectations {
  /** Whether the stack has made the cluster. */
  readonly ownCluster: boolean;
  readonly hosts: Hosts;
  readonly addresses: Addresses;
  /** Ports that visitors come to. */
  readonly publicPorts: { readonly http: number; readonly https: number };
  readonly publicHosts: readonly PublicHost[];
  readonly access: AccessModel;
  /** What keeps strangers out, by realm: Keycloak's own, and the platform's. */
  readonly realms: Readonly<Record<string, RealmRules>>;
  /** Undefined where AWS decides a part of it: it is then what the portal tells browsers. */
  readonly objectStore: ObjectStore | undefined;
  /** Whether the servers of the object store are the platform's own. */
  readonly ownObjectStore: boolean;
  /** The one region of the portal. */
  readonly region: ReturnType<typeof regionOf>;
  readonly portalImages: readonly PinnableImage[];
  /** Undefined where there is none. */
  readonly packages:
    { readonly index: PackageIndex; readonly reads: "open" | "authenticated"; readonly own: boolean } | undefined;
  /** The hub, with the realm's client that people log in by; undefined where there is none. */
  readonly notebooks: { readonly address: string; readonly client: ConfidentialClient | undefined } | undefined;
  readonly catalogs: readonly Pick<CatalogSettings, "id" | "location">[];
  readonly authority: AuthoritySource;
  readonly ingress: IngressSource;
  readonly parts: readonly Running[];
  /** What stands around users' namespaces. */
  readonly walls: Walls;
}

export function expectationsOf(settings: Settings): Expectations {
  const plan = planOf(settings);
  const { hosts, addresses, access, controller } = plan;
  const { publicPort } = settings.ingress;
  const objectStore = objectStoreOf(settings, addresses);
  const realm = {
    issuerUrl: access.issuerUrl,
    clients: { portal: access.portal.clientId, objectStore: access.objectStore.clientId },
  };
  return {
    ownCluster: settings.cluster.kind === "eks",
    hosts,
    addresses,
    publicPorts: { http: httpPortOf(settings), https: publicPort },
    publicHosts: [
      ...ownHostsOf(plan),
      ...(settings.objectStore.kind === "external" && objectStore !== undefined ? storeHosts(objectStore) : []),
      ...(settings.packages?.engine === "external" ? [packagesHost(settings.packages)] : []),
    ],
    access,
    realms: realmRules(access, settings.identity),
    objectStore,
    ownObjectStore: settings.objectStore.kind === "minio",
    region: regionOf({
      access,
      realm,
      // Its place in the region is not compared where it is not known.
      objectStore: objectStore ?? unknownStore,
      servicesDomain: hosts.services,
      ingressClassName: controller.className,
      publicPort,
      proxy: proxyOf(settings.platform),
      packageIndex: plan.packageIndex,
      settings: settings.portal,
    }),
    packages:
      settings.packages === undefined || plan.packageIndex === undefined
        ? undefined
        : {
            index: plan.packageIndex,
            reads: settings.packages.reads,
            own: settings.packages.engine === "pypiron",
          },
    notebooks:
      settings.notebooks === undefined
        ? undefined
        : { address: addressOf(plan.hosts.notebooks, publicPort), client: access.notebooks },
    portalImages: [
      { ...withDigest(images.onyxiaWeb, settings.portal.web.imageDigest), setting: ["portal", "web", "imageDigest"] },
      { ...withDigest(images.onyxiaApi, settings.portal.api.imageDigest), setting: ["portal", "api", "imageDigest"] },
    ],
    catalogs: plan.portal.catalogs,
    authority: authorityOf(settings),
    ingress:
      settings.ingress.kind === "existing"
        ? { kind: "settings", address: settings.ingress.address }
        : { kind: "service", namespace: namespaces.ingress, name: controllerName },
    parts: plan.running,
    walls: wallsOf(plan),
  };
}

/** Visitors come to the nodes themselves where that is so for HTTPS. */
function httpPortOf({ ingress }: Settings): number {
  const nodePorts = ingress.kind === "traefik" ? ingress.nodePorts : undefined;
  return nodePorts?.https === ingress.publicPort ? nodePorts.http : 80;
}

function ownHostsOf({ hosts, ingress, publicHosts }: Plan): PublicHost[] {
  const port = ingress.publicPort === usualPort ? "" : String(ingress.publicPort);
  const services = { key: "services", host: `doctor.${hosts.services}`, part: "user services", path: undefined };
  // Of what all hosts suffer from, the one that people open is named.
  const portalFirst = publicHosts.toSorted((a, b) => Number(b.host === "portal") - Number(a.host === "portal"));
  return [
    ...portalFirst.map(({ key, host, name, path }) => ({ key, host: hosts[host], part: name, path })),
    services,
  ].map((one) => ({ ...one, port, own: true }));
}

/** A store elsewhere, and where it exchanges tokens. */
function storeHosts({ endpoint, sts }: ObjectStore): PublicHost[] {
  const s3 = new URL(endpoint);
  const exchange = new URL(sts.url);
  const there = { own: false, part: "object store", path: undefined };
  return [
    { key: "object-store", host: s3.hostname, port: s3.port, ...there },
    ...(exchange.host === s3.host ? [] : [{ key: "sts", host: exchange.hostname, port: exchange.port, ...there }]),
  ];
}

/** An index elsewhere. */
function packagesHost({ indexUrl }: { readonly indexUrl: string }): PublicHost {
  const { hostname, port } = new URL(indexUrl);
  return { key: "packages", host: hostname, port, own: false, part: "package index", path: undefined };
}

function objectStoreOf({ objectStore }: Settings, addresses: Addresses): ObjectStore | undefined {
  switch (objectStore.kind) {
    case "minio":
      return minioObjectStore(addresses, objectStore);
    case "external":
      return externalObjectStore(objectStore);
    case "s3":
      return undefined;
  }
}

const unknownStore: ObjectStore = {
  endpoint: "",
  region: "",
  pathStyleAccess: false,
  sts: { url: "", durationSeconds: 0, roleArn: "", roleSessionName: "" },
};
