/** What follows from the settings alone, derived once: plain values, for the graph and for the commands that know it without one. */
import { type AccessModel, accessModel } from "../components/access/access-model.ts";
import { type Addresses, addressesOf, addressOf } from "../components/addresses.ts";
import type { PackageIndex } from "../components/contracts.ts";
import { directoryFactsOf } from "../components/directory/directory-facts.ts";
import { className, ports } from "../components/ingress/traefik-arguments.ts";
import type { KeptValue } from "../components/kept-value.ts";
import type { ObjectKey } from "../components/kubernetes/object-key.ts";
import type { DirectoryFacts } from "../components/ldap.ts";
import { type Hosts, hostsOf, namespaces } from "../components/names.ts";
import { storageLayout } from "../components/object-store/storage-layout.ts";
import { packageIndexOf } from "../components/packages/package-index.ts";
import { notebooksClientOf } from "../components/notebooks/client.ts";
import type { PublicHost, Running, ServiceBucket } from "../components/part.ts";
import { catalogsOf } from "./catalogs.ts";
import { declaredBy, type HostName, ownHosts } from "./parts.ts";
import type { Settings } from "./settings/schemas.ts";

/** What users' Ingresses and walls name. */
export interface IngressController {
  /** Class of every Ingress. */
  readonly className: string;
  readonly namespace: string;
  /** Port of its pods for HTTPS. */
  readonly podHttpsPort: number;
}

/** The settings, with what follows from them. */
export interface Plan extends Settings {
  readonly hosts: Hosts & ReturnType<typeof ownHosts>;
  /** The same as addresses, with the port. */
  readonly addresses: Addresses;
  readonly access: AccessModel;
  /** The ingress controller, as workspaces know it. */
  readonly controller: IngressController;
  /** What the parts run, each in a namespace of its own. */
  readonly running: readonly Running[];
  /** Hosts that the parts answer at, through the platform's ingress controller. */
  readonly publicHosts: readonly PublicHost<HostName>[];
  /** Objects outside of namespaces, whose names are the same in every stack. */
  readonly clusterObjects: readonly ObjectKey[];
  /** Values that the parts make once, and where they can be found again. */
  readonly keptValues: readonly KeptValue[];
  /** Buckets of the parts themselves. */
  readonly buckets: readonly ServiceBucket[];
  /** The platform's index of packages; undefined where it has none. */
  readonly packageIndex: PackageIndex | undefined;
  /** Where people are kept; undefined where that is Keycloak itself. */
  readonly directoryFacts: DirectoryFacts | undefined;
  /** Namespaces whose claims hold the platform's data: what the stack no longer has, nobody protects. */
  readonly dataNamespaces: readonly string[];
}

export function planOf(settings: Settings): Plan {
  const { platform, aws, ingress, identity, objectStore } = settings;
  const { domain } = platform;
  const { publicPort } = ingress;
  const hosts = { ...hostsOf(platform), ...ownHosts(domain) };
  const declared = declaredBy(settings);
  const notebooks = notebooksClientOf(settings.notebooks, addressOf(hosts.notebooks, publicPort));
  const storage = storageLayout(objectStore, { domain, accountId: aws?.accountId });
  return {
    ...settings,
    portal: { ...settings.portal, catalogs: [...catalogsOf(settings)] },
    hosts,
    addresses: addressesOf(hosts, publicPort),
    access: accessModel({ ...identity, domain, publicPort, storage, notebooks }),
    controller: controllerOf(ingress),
    ...declared,
    packageIndex: packageIndexOf(settings.packages, addressOf(hosts.packages, publicPort)),
    directoryFacts: settings.directory && directoryFactsOf(settings.directory, domain),
    dataNamespaces: declared.running.filter(({ data = [] }) => data.length > 0).map(({ namespace }) => namespace),
  };
}

function controllerOf(ingress: Settings["ingress"]): IngressController {
  if (ingress.kind === "traefik") return { className, namespace: namespaces.ingress, podHttpsPort: ports.https };
  return { className: ingress.className, namespace: ingress.namespace, podHttpsPort: ingress.podHttpsPort };
}
