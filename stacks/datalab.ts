/** The whole platform as one graph, from the cluster at the top to the portal at the bottom. */
import * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../components/access/access-model.ts";
import { addressesOf } from "../components/addresses.ts";
import { trustOf } from "../components/certificates/authorities.ts";
import { PlatformPriority } from "../components/cluster/platform-priority.ts";
import type { NodePorts, PublicHostAccess } from "../components/contracts.ts";
import { DataProtection } from "../components/data-protection/data-protection.ts";
import { PostgresDatabase } from "../components/database/postgres-database.ts";
import type { DnsRecord } from "../components/dns/records.ts";
import { IdentityNamespace } from "../components/identity/identity-namespace.ts";
import { Keycloak } from "../components/identity/keycloak.ts";
import { KeycloakRealm } from "../components/identity/keycloak-realm.ts";
import { keycloakWorkload } from "../components/identity/names.ts";
import { realmDocument } from "../components/identity/realm-document.ts";
import { ownedBy, ownerOf } from "../components/kubernetes/owner.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import { hostsOf, namespaces } from "../components/names.ts";
import { storageLayout } from "../components/object-store/storage-layout.ts";
import { Onyxia } from "../components/portal/onyxia.ts";
import { Workspaces } from "../components/workspaces/workspaces.ts";
import {
  clusterOf,
  dataNamespaces,
  dnsOf,
  inCluster,
  ingressOf,
  objectStoreOf,
  registryLoginOf,
  tellClusterDns,
} from "./alternatives.ts";
import type { AwsParts } from "./aws.ts";
import { certificatesOf } from "./certificates.ts";
import type { Charts } from "./charts.ts";
import type { Settings } from "./settings.ts";

/** Where everything is. */
export interface DatalabOutputs {
  readonly portal: string;
  readonly identity: string;
  readonly objectStore: string;
  /** Undefined when the console is off. */
  readonly objectStoreConsole: string | undefined;
  /** Pattern of the user services' addresses. */
  readonly services: string;
  /** Address of the ingress controller: all names above must lead there. */
  readonly address: pulumi.Output<string>;
  /** Ports of every node that lead to it, for what is set up before them; undefined with a load balancer. */
  readonly nodePorts: pulumi.Output<NodePorts> | undefined;
  /** Records to create by hand; undefined where the platform makes them. */
  readonly dnsRecords: pulumi.Output<DnsRecord[]> | undefined;
  /** Name servers of a zone that the platform has made: the domain above must name them. */
  readonly nameServers: pulumi.Output<string[]> | undefined;
  /** For kubectl, without credentials; undefined where the cluster was there already. */
  readonly kubeconfig: pulumi.Output<string> | undefined;
  /** Commands that print the first passwords. Passwords themselves are never outputs. */
  readonly firstPasswords: { readonly administrator: string; readonly users: string | undefined };
}

/** What is fetched or loaded before the graph is built. */
export interface Prepared {
  readonly charts: Charts;
  readonly aws?: AwsParts | undefined;
  /** Field managers of what earlier operations have made: see {@link ownedBy}. */
  readonly fieldManagers?: ReadonlyMap<string, string> | undefined;
}

/** Builds the platform. `after(…)` names what must be ready before a part begins. */
export function datalab(settings: Settings, { charts, aws, fieldManagers }: Prepared): DatalabOutputs {
  const { domain, protectData, imageMirror, authorities, adopt } = settings.platform;
  const hosts = hostsOf(settings.platform);
  const { publicPort } = settings.ingress;
  const addresses = addressesOf(hosts, publicPort);
  const storage = storageLayout(settings.objectStore, { domain, accountId: settings.aws?.accountId });
  const access = accessModel({ ...settings.identity, domain, publicPort, storage });
  const document = realmDocument(access, settings.identity);
  const common = { hosts, access, imageMirror, registryLogin: registryLoginOf(settings), protectData };

  const owner = ownerOf(pulumi.getStack(), settings.cluster.clusterIdentifier);
  const mark = ownedBy(owner, { fieldManagers, adopt });
  const cluster = clusterOf(settings, aws, mark);
  const priority = new PlatformPriority("priority", inCluster({ cluster, settings, mark })());
  const after = inCluster({ cluster, settings, mark }, priority);

  const ingress = ingressOf(settings, cluster, aws, after());
  const dns = dnsOf(settings, ingress, aws);
  tellClusterDns(settings, cluster, ingress, after(ingress));
  const certificates = certificatesOf(settings, { charts, cluster, ingress, dns, aws, after });
  const caBundle = trustOf(certificates.caBundle, authorities);
  const publicHosts: PublicHostAccess = { clusterIp: ingress.clusterIp, caBundle, ingress };

  new DataProtection("data-protection", { namespaces: dataNamespaces(settings), protectData }, after());
  const proxy = proxyOf(settings.platform);
  const identity = { ...common, ...settings.identity, authorities, proxy, namespace: namespaces.identity };
  const identityNamespace = new IdentityNamespace("identity", identity, after());
  const database = new PostgresDatabase(
    "database",
    {
      ...identity,
      ...identity.database,
      workload: "keycloak-database",
      database: "keycloak",
      clients: [keycloakWorkload],
    },
    after(identityNamespace),
  );
  const keycloak = new Keycloak(
    "keycloak",
    { ...identity, host: hosts.identity, ingress, database, realm: document },
    after(database),
  );
  const realm = new KeycloakRealm("realm", { ...identity, document }, after(keycloak));

  // These two ask for the realm by its public address when they start: it must be served, under a trusted certificate.
  const users = { ...common, realm, publicHosts, ingressClassName: ingress.className };
  const served = [realm, certificates.ready, ...dns.ready];
  const objectStore = objectStoreOf(settings, access, aws, users, after(...served));
  const workspaces = new Workspaces(
    "workspaces",
    { access, servicesDomain: hosts.services, ingress, ...settings.portal },
    after(),
  );
  const portal = new Onyxia(
    "portal",
    {
      ...users,
      authorities,
      proxy,
      addsResponseHeaders: ingress.addsResponseHeaders,
      objectStore: objectStore.store,
      apiServer: cluster.apiServer,
      settings: settings.portal,
    },
    after(...served, ...objectStore.ready, workspaces),
  );

  return {
    portal: portal.url,
    identity: keycloak.url,
    objectStore: objectStore.store.endpoint,
    objectStoreConsole: hasConsole(settings) ? addresses.objectStoreConsole : undefined,
    services: addresses.services,
    address: ingress.address,
    nodePorts: ingress.nodePorts,
    dnsRecords: dns.recordsToCreate,
    nameServers: dns.nameServers,
    kubeconfig: cluster.kubeconfig,
    firstPasswords: {
      administrator: printSecret(keycloak.adminSecret),
      users: realm.firstUsersSecret && printSecret(realm.firstUsersSecret),
    },
  };
}

function hasConsole({ objectStore }: Settings): boolean {
  return objectStore.kind === "minio" && objectStore.console;
}

function printSecret({ namespace, name }: { namespace: string; name: string }): string {
  return `kubectl --namespace ${namespace} get secret ${name} --output go-template='{{range $key, $value := .data}}{{$key}}: {{$value | base64decode}}{{"\\n"}}{{end}}'`;
}
