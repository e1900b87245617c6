/** What follows from the settings alone, derived once: plain values, for the graph and for the commands that know it without one. */
import { type AccessModel, accessModel } from "../components/access/access-model.ts";
import { type Addresses, addressesOf } from "../components/addresses.ts";
import { className, ports } from "../components/ingress/traefik-arguments.ts";
import { type Hosts, hostsOf, namespaces } from "../components/names.ts";
import { storeHosts } from "../components/object-store/network.ts";
import { storageLayout } from "../components/object-store/storage-layout.ts";
import type { Settings } from "./settings/settings.ts";

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
  readonly hosts: Hosts;
  /** The same as addresses, with the port. */
  readonly addresses: Addresses;
  readonly access: AccessModel;
  /** The ingress controller, as workspaces know it. */
  readonly controller: IngressController;
  /** Hosts that the object store answers at through the platform's ingress controller. */
  readonly ownStoreHosts: readonly string[];
  /** Namespaces whose claims hold the platform's data: what the stack no longer has, nobody protects. */
  readonly dataNamespaces: readonly string[];
}

export function planOf(settings: Settings): Plan {
  const { platform, aws, ingress, identity, objectStore } = settings;
  const { domain } = platform;
  const { publicPort } = ingress;
  const hosts = hostsOf(platform);
  const storage = storageLayout(objectStore, { domain, accountId: aws?.accountId });
  return {
    ...settings,
    hosts,
    addresses: addressesOf(hosts, publicPort),
    access: accessModel({ ...identity, domain, publicPort, storage }),
    controller: controllerOf(ingress),
    ownStoreHosts: storeHosts(objectStore, hosts),
    dataNamespaces: [namespaces.identity, ...(objectStore.kind === "minio" ? [namespaces.objectStore] : [])],
  };
}

function controllerOf(ingress: Settings["ingress"]): IngressController {
  if (ingress.kind === "traefik") return { className, namespace: namespaces.ingress, podHttpsPort: ports.https };
  return { className: ingress.className, namespace: ingress.namespace, podHttpsPort: ingress.podHttpsPort };
}
