/** The two parts that have a Job each: the program of a test. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../../../components/access/access-model.ts";
import { PlatformPriority } from "../../../components/cluster/platform-priority.ts";
import { IdentityNamespace } from "../../../components/identity/identity-namespace.ts";
import { KeycloakRealm } from "../../../components/identity/keycloak-realm.ts";
import { realmDocument } from "../../../components/identity/realm-document.ts";
import { identitySettings } from "../../../components/identity/settings.ts";
import { readyWithin } from "../../../components/kubernetes/ready-timeout.ts";
import { hostsOf, namespaces } from "../../../components/names.ts";
import { MinioTenant } from "../../../components/object-store/minio-tenant.ts";
import { minioSettings } from "../../../components/object-store/settings.ts";

const config = new pulumi.Config();
const domain = "example.org";
const access = accessModel({ domain, realm: "datalab" });
const provider = new kubernetes.Provider("cluster", {
  context: "datalab-bench",
  clusterIdentifier: "test",
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});
const options = { providers: [provider], transformations: [readyWithin(15)] };
const priority = new PlatformPriority("priority", options);
const namespace = namespaces.identity;
const identity = new IdentityNamespace("identity", { namespace, protectData: false }, options);
const settings = identitySettings.parse({
  displayName: config.require("displayName"),
  clients: { wiki: { kind: "confidential", redirectUris: ["https://wiki.example.org/*"] } },
});
new KeycloakRealm(
  "realm",
  { namespace, access, document: realmDocument(access, settings) },
  { ...options, dependsOn: [identity, priority] },
);
new MinioTenant(
  "store",
  {
    hosts: hostsOf({ domain }),
    access,
    realm: { issuerUrl: access.issuerUrl },
    ingressClassName: "traefik",
    publicHosts: { clusterIp: undefined, caBundle: undefined, ingress: { namespace: "ingress", podHttpsPort: 8443 } },
    settings: minioSettings.parse({ kind: "minio", publicSharing: config.requireBoolean("publicSharing") }),
  },
  { ...options, dependsOn: [priority] },
);
