/** A portal as tests build it: the default settings on the domain `example.test`. */
import * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../../components/access/access-model.ts";
import type { ObjectStore, PublicHostAccess, Realm } from "../../components/contracts.ts";
import { hostsOf } from "../../components/names.ts";
import type { OnyxiaArgs } from "../../components/portal/onyxia.ts";
import type { RegionInputs } from "../../components/portal/region.ts";
import { portalSettings } from "../../components/portal/settings.ts";

export const hosts = hostsOf({ domain: "example.test" });
export const access = accessModel({ domain: "example.test", realm: "datalab" });

export const realm: Realm = {
  issuerUrl: access.issuerUrl,
  clients: { portal: access.portal.clientId, objectStore: access.objectStore.clientId },
};

export const objectStore: ObjectStore = {
  endpoint: "https://s3.example.test",
  region: "us-east-1",
  pathStyleAccess: true,
  sts: { url: "https://sts.example.test", durationSeconds: 43200, roleArn: "arn:role", roleSessionName: "session" },
};

/** Hosts that resolve everywhere, with certificates that everybody trusts. */
export const openHosts: PublicHostAccess = {
  clusterIp: undefined,
  caBundle: undefined,
  ingress: { namespace: "datalab-ingress", podHttpsPort: 8443 },
};

/** Hosts behind the controller's ClusterIP, with certificates of the platform's own CA. */
export function privateHosts(): PublicHostAccess {
  return { ...openHosts, clusterIp: pulumi.output("10.96.0.10"), caBundle: pulumi.output("a certificate") };
}

export function regionInputs(input: unknown = {}): RegionInputs {
  return {
    access,
    realm,
    objectStore,
    servicesDomain: hosts.services,
    ingressClassName: "nginx",
    settings: portalSettings.parse(input),
  };
}

export function onyxiaArgs(input: unknown = {}, publicHosts: PublicHostAccess = openHosts): OnyxiaArgs {
  return {
    hosts,
    access,
    realm,
    objectStore,
    ingressClassName: "nginx",
    addsResponseHeaders: true,
    publicHosts,
    apiServer: { cidrs: ["10.0.0.0/16"], ports: [6443] },
    settings: portalSettings.parse(input),
  };
}
