/** The whole platform as one graph, from the cluster at the top to the portal at the bottom. */
import * as pulumi from "@pulumi/pulumi";

import { BasicJupyter, type BasicJupyterCommands } from "../components/basic-jupyter/basic-jupyter.ts";
import { addressOf } from "../components/addresses.ts";
import { trustOf } from "../components/certificates/authorities.ts";
import { PlatformPriority } from "../components/cluster/platform-priority.ts";
import type { NodePorts, PublicHostAccess } from "../components/contracts.ts";
import { DataProtection } from "../components/data-protection/data-protection.ts";
import { PostgresDatabase } from "../components/database/postgres-database.ts";
import type { DnsRecord } from "../components/dns/records.ts";
import { IdentityNamespace } from "../components/identity/identity-namespace.ts";
import { Keycloak } from "../components/identity/keycloak.ts";
import { KeycloakRealm } from "../components/identity/keycloak-realm.ts";
import { databaseWorkload, keycloakWorkload } from "../components/identity/names.ts";
import { realmDocument } from "../components/identity/realm-document.ts";
import { ownedBy, ownerOf } from "../components/kubernetes/owner.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import { namespaces } from "../components/names.ts";
import { Onyxia } from "../components/portal/onyxia.ts";
import { Workspaces } from "../components/workspaces/workspaces.ts";
import manifest from "../package.json" with { type: "json" };
import {
  clusterOf,
  dnsOf,
  inCluster,
  ingressOf,
  objectStoreOf,
  registryLoginOf,
  tellClusterDns,
} from "./alternatives.ts";
import { catalogueOf } from "./catalogue.ts";
import type { AwsParts } from "./aws.ts";
import { certificatesOf } from "./certificates.ts";
import type { Charts } from "./charts.ts";
import { packagesOf } from "./packages.ts";
import { notebooksOf } from "./notebooks.ts";
import type { Plan } from "./plan.ts";

/** Where everything is. */
export interface DatalabOutputs {
  readonly portal: string;
  readonly identity: string;
  readonly objectStore: string;
  /** Undefined when the console is off. */
  readonly objectStoreConsole: string | undefined;
  /** Index of the platform's own packages; undefined where there is none. */
  readonly packageIndex: string | undefined;
  /** Commands that lead to the basic Jupyter; undefined where there is none. */
  readonly basicJupyter: BasicJupyterCommands | undefined;
  /** Where people start their own notebooks; undefined where there is no hub. */
  readonly notebooks: string | undefined;
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
  readonly firstPasswords: {
    readonly administrator: string;
    readonly users: string | undefined;
    /** Of whoever may publish packages. */
    readonly packages: string | undefined;
    /** Of the hub's first administrator, where people sign up there. */
    readonly notebooks: string | undefined;
  };
  /** The release of the program that made all of it: see CHANGELOG. */
  readonly version: string;
}

/** What is fetched or loaded before the graph is built. */
export interface Prepared {
  readonly charts: Charts;
  readonly aws?: AwsParts | undefined;
  /** Field managers of what earlier operations have made: see {@link ownedBy}. */
  readonly fieldManagers?: ReadonlyMap<string, string> | undefined;
}

/** Builds the platform. `after(…)` names what must be ready before a part begins. */
export function datalab(plan: Plan, { charts, aws, fieldManagers }: Prepared): DatalabOutputs {
  const { hosts, addresses, access } = plan;
  const { protectData, imageMirror, authorities, adopt } = plan.platform;
  const document = realmDocument(access, plan.identity);
  const common = { hosts, access, imageMirror, registryLogin: registryLoginOf(plan), protectData };

  const owner = ownerOf(pulumi.getStack(), plan.cluster.clusterIdentifier);
  const mark = ownedBy(owner, { fieldManagers, adopt });
  const cluster = clusterOf(plan, aws, mark);
  const priority = new PlatformPriority("priority", inCluster({ cluster, plan, mark })());
  const after = inCluster({ cluster, plan, mark }, priority);

  const ingress = ingressOf(plan, cluster, aws, after());
  const dns = dnsOf(plan, ingress, aws);
  tellClusterDns(plan, cluster, ingress, after(ingress));
  const certificates = certificatesOf(plan, { charts, cluster, ingress, dns, aws, after });
  const caBundle = trustOf(certificates.caBundle, authorities);
  const publicHosts: PublicHostAccess = { clusterIp: ingress.clusterIp, caBundle, ingress };

  new DataProtection("data-protection", { namespaces: plan.dataNamespaces, protectData }, after());
  const proxy = proxyOf(plan.platform);
  const identity = { ...common, ...plan.identity, authorities, proxy, namespace: namespaces.identity };
  const identityNamespace = new IdentityNamespace("identity", identity, after());
  const database = new PostgresDatabase(
    "database",
    {
      ...identity,
      ...identity.database,
      workload: databaseWorkload,
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
  const objectStore = objectStoreOf(plan, aws, cluster, users, after(...served));
  const workspaces = new Workspaces(
    "workspaces",
    { access, servicesDomain: hosts.services, ingress, ...plan.portal },
    after(),
  );
  const packages = packagesOf(
    plan,
    { ...users, authorities, proxy, places: objectStore.places },
    after(...objectStore.ready),
  );
  const basic =
    plan.basicJupyter && new BasicJupyter("basic-jupyter", { ...common, settings: plan.basicJupyter }, after());
  const catalogue = catalogueOf(plan, charts, common, after());
  const notebooks = notebooksOf(
    plan,
    { ...users, proxy, objectStore: objectStore.store, apiServer: cluster.apiServer },
    (...first) => after(...served, ...objectStore.ready, ...first),
  );
  const portal = new Onyxia(
    "portal",
    {
      ...users,
      authorities,
      proxy,
      addsResponseHeaders: ingress.addsResponseHeaders,
      objectStore: objectStore.store,
      packageIndex: plan.packageIndex,
      catalogueHash: catalogue?.contentHash,
      apiServer: cluster.apiServer,
      settings: plan.portal,
    },
    after(...served, ...objectStore.ready, workspaces, ...(catalogue === undefined ? [] : [catalogue])),
  );

  return {
    portal: portal.url,
    identity: keycloak.url,
    objectStore: objectStore.store.endpoint,
    objectStoreConsole: hasConsole(plan) ? addresses.objectStoreConsole : undefined,
    packageIndex: plan.packageIndex?.indexUrl,
    basicJupyter: basic?.commands,
    notebooks: notebooks && addressOf(hosts.notebooks, plan.ingress.publicPort),
    services: addresses.services,
    address: ingress.address,
    nodePorts: ingress.nodePorts,
    dnsRecords: dns.recordsToCreate,
    nameServers: dns.nameServers,
    kubeconfig: cluster.kubeconfig,
    firstPasswords: {
      administrator: printSecret(keycloak.adminSecret),
      users: realm.firstUsersSecret && printSecret(realm.firstUsersSecret),
      packages: packages && printSecret(packages.publisherSecret),
      notebooks: notebooks?.administratorSecret && printSecret(notebooks.administratorSecret),
    },
    version: manifest.version,
  };
}

function hasConsole({ objectStore }: Plan): boolean {
  return objectStore.kind === "minio" && objectStore.console;
}

function printSecret({ namespace, name }: { namespace: string; name: string }): string {
  return `kubectl --namespace ${namespace} get secret ${name} --output go-template='{{range $key, $value := .data}}{{$key}}: {{$value | base64decode}}{{"\\n"}}{{end}}'`;
}
