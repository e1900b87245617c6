/** `certificates.issuer`: who vouches for the platform's names. */
import * as pulumi from "@pulumi/pulumi";

import { CertManager } from "../components/certificates/cert-manager.ts";
import { existingIssuer } from "../components/certificates/existing-issuer.ts";
import { IssuerGuard } from "../components/certificates/issuer-guard.ts";
import { LetsEncrypt } from "../components/certificates/lets-encrypt.ts";
import { ownIssuerLimits } from "../components/certificates/own-issuer.ts";
import { PrivateCa } from "../components/certificates/private-ca.ts";
import {
  WildcardCertificates,
  type WildcardCertificatesArgs,
} from "../components/certificates/wildcard-certificates.ts";
import type { CertificateIssuer, ClusterAccess, IngressEndpoint } from "../components/contracts.ts";
import { servicesZoneOf } from "../components/dns/settings.ts";
import { proxyOf } from "../components/kubernetes/proxy.ts";
import { namespaces } from "../components/names.ts";
import { type After, type Dns, loaded, registryLoginOf } from "./alternatives.ts";
import type { AwsParts } from "./aws.ts";
import type { Charts } from "./charts.ts";
import type { Plan } from "./plan.ts";

/** Wildcard certificates that are served, and the authority that pods must trust. */
export interface Certificates {
  readonly caBundle: pulumi.Output<string> | undefined;
  readonly ready: pulumi.Resource;
}

/** What certificates are made with. */
export interface CertificatesContext {
  readonly charts: Charts;
  readonly cluster: ClusterAccess;
  readonly ingress: IngressEndpoint & pulumi.Resource;
  readonly dns: Dns;
  readonly aws: AwsParts | undefined;
  readonly after: After;
}

/** Builds the issuer and the wildcard certificates. */
export function certificatesOf(plan: Plan, context: CertificatesContext): Certificates {
  const { certificates, hosts, platform } = plan;
  const { ingress, after } = context;
  const { domain, protectData } = platform;
  const wildcards = (from: WildcardCertificatesArgs["from"], ...dependsOn: pulumi.Resource[]) => {
    const args = { hosts, namespace: ingress.namespace, from };
    return new WildcardCertificates("wildcard-certificates", args, after(ingress, ...dependsOn));
  };
  /** The wildcards of an issuer that the platform makes, and that vouches for nothing else. */
  const ownWildcards = (issuer: CertificateIssuer & pulumi.Resource) => {
    const limits = ownIssuerLimits(certificates, hosts, ingress.namespace);
    const guard = limits === undefined ? [] : [new IssuerGuard("issuer-guard", limits, after(issuer))];
    return wildcards({ kind: "issuer", issuer }, issuer, ...guard);
  };
  switch (certificates.issuer) {
    case "privateCa": {
      const certManager = certManagerOf(plan, context, certificates.certManager);
      const { namespace } = certManager;
      const issuer = new PrivateCa("private-ca", { namespace, domain, protectData }, after(certManager));
      return { caBundle: issuer.caBundle, ready: ownWildcards(issuer) };
    }
    case "letsencrypt": {
      const { environment, email } = certificates;
      const { zoneId = "" } = context.dns;
      const aws = loaded(context.aws);
      const rights = aws.challengeRights(context.cluster, zoneId);
      const certManager = certManagerOf(plan, context, certificates.certManager, rights);
      const servicesZoneId = servicesZoneOf(plan.dns);
      const servicesZone = servicesZoneId === undefined ? undefined : { domain: hosts.services, id: servicesZoneId };
      const args = { environment, email, zoneId, servicesZone, region: aws.region };
      const issuer = new LetsEncrypt("lets-encrypt", args, after(certManager));
      return { caBundle: issuer.caBundle, ready: ownWildcards(issuer) };
    }
    case "existing": {
      const issuer = existingIssuer(certificates);
      return { caBundle: issuer.caBundle, ready: wildcards({ kind: "issuer", issuer }) };
    }
    case "provided": {
      const { certificate, privateKey, caBundle } = certificates;
      return {
        caBundle: caBundle === undefined ? undefined : pulumi.output(caBundle),
        ready: wildcards({ kind: "provided", certificate, privateKey: pulumi.secret(privateKey) }),
      };
    }
  }
}

/** The cert-manager of the chart, or the one that is in the cluster. */
function certManagerOf(
  { platform }: Plan,
  { charts, cluster: { apiServer }, after }: CertificatesContext,
  settings: { readonly install: true } | { readonly install: false; readonly namespace: string },
  rights?: pulumi.Resource,
): CertManager {
  const chart = charts.certManager;
  const acme = rights !== undefined;
  const registryLogin = registryLoginOf({ platform });
  const args =
    chart === undefined
      ? { install: false as const, namespace: settings.install ? namespaces.certificates : settings.namespace }
      : {
          install: true as const,
          chart,
          apiServer,
          acme,
          authorities: acme ? platform.authorities : undefined,
          proxy: acme ? proxyOf(platform) : undefined,
          protectData: platform.protectData,
          registryLogin,
        };
  return new CertManager("cert-manager", args, after(...(acme ? [rights] : [])));
}
