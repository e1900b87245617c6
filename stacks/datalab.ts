/** The whole platform as one graph, from the cluster at the top to the portal at the bottom. */
import type * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../components/access/access-model.ts";
import type { PublicHostAccess } from "../components/contracts.ts";
import { PostgresDatabase } from "../components/database/postgres-database.ts";
import { IdentityNamespace } from "../components/identity/identity-namespace.ts";
import { Keycloak } from "../components/identity/keycloak.ts";
import { KeycloakRealm } from "../components/identity/keycloak-realm.ts";
import { keycloakWorkload } from "../components/identity/names.ts";
import { realmDocument } from "../components/identity/realm-document.ts";
import { hostsOf, namespaces } from "../components/names.ts";
import { MinioTenant } from "../components/object-store/minio-tenant.ts";
import { Onyxia } from "../components/portal/onyxia.ts";
import { certificatesOf, clusterOf, inCluster, ingressOf } from "./alternatives.ts";
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
  /** Commands that print the first passwords. Passwords themselves are never outputs. */
  readonly firstPasswords: { readonly administrator: string; readonly users: string | undefined };
}

/** Builds the platform. `after(…)` names what must be ready before a part begins. */
export function datalab(settings: Settings, charts: Charts): DatalabOutputs {
  const { domain, protectData, imageMirror } = settings.platform;
  const hosts = hostsOf(domain);
  const access = accessModel({ domain, realm: settings.identity.realm });
  const document = realmDocument(access, settings.identity);
  const common = { hosts, access, imageMirror, protectData };

  const cluster = clusterOf(settings);
  const after = inCluster(cluster, settings);

  const ingress = ingressOf(settings, cluster, after());
  const certificates = certificatesOf(settings, charts, cluster, ingress, after);
  const publicHosts: PublicHostAccess = { clusterIp: ingress.clusterIp, caBundle: certificates.caBundle, ingress };

  const identity = { ...common, ...settings.identity, namespace: namespaces.identity };
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
  const objectStore = new MinioTenant(
    "object-store",
    { ...users, settings: settings.objectStore },
    after(realm, certificates.ready),
  );
  const portal = new Onyxia(
    "portal",
    { ...users, objectStore, apiServer: cluster.apiServer, settings: settings.portal },
    after(realm, certificates.ready, objectStore),
  );

  return {
    portal: portal.url,
    identity: keycloak.url,
    objectStore: objectStore.endpoint,
    objectStoreConsole: settings.objectStore.console ? `https://${hosts.objectStoreConsole}` : undefined,
    services: `https://*.${hosts.services}`,
    address: ingress.address,
    firstPasswords: {
      administrator: printSecret(keycloak.adminSecret),
      users: realm.firstUsersSecret && printSecret(realm.firstUsersSecret),
    },
  };
}

function printSecret({ namespace, name }: { namespace: string; name: string }): string {
  return `kubectl --namespace ${namespace} get secret ${name} --output go-template='{{range $key, $value := .data}}{{$key}}: {{$value | base64decode}}{{"\\n"}}{{end}}'`;
}
