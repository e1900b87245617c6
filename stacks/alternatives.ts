/** The parts that a stack file chooses by one word. Each branch gives the same contract. */
import * as pulumi from "@pulumi/pulumi";

import { CertManager } from "../components/certificates/cert-manager.ts";
import { existingIssuer } from "../components/certificates/existing-issuer.ts";
import { PrivateCa } from "../components/certificates/private-ca.ts";
import {
  WildcardCertificates,
  type WildcardCertificatesArgs,
} from "../components/certificates/wildcard-certificates.ts";
import { ExistingCluster } from "../components/cluster/existing-cluster.ts";
import type { ClusterAccess, IngressEndpoint } from "../components/contracts.ts";
import { ExistingIngress } from "../components/ingress/existing-ingress.ts";
import { IngressController } from "../components/ingress/ingress-controller.ts";
import { readyWithin } from "../components/kubernetes/ready-timeout.ts";
import { hostsOf, namespaces, providedWildcardSecrets } from "../components/names.ts";
import { secondsOf } from "../components/scalars.ts";
import type { Charts } from "./charts.ts";
import type { Settings } from "./settings.ts";

/** Options of a component in the cluster that waits for others. */
export type After = (...dependsOn: readonly pulumi.Resource[]) => pulumi.ComponentResourceOptions;

/** Everything in the cluster uses its one provider, and becomes ready within the same time. */
export function inCluster(cluster: ClusterAccess, { platform }: Settings): After {
  return (...dependsOn) => ({
    providers: [cluster.provider],
    dependsOn: [...cluster.ready, ...dependsOn],
    transformations: [readyWithin(secondsOf(platform.readyTimeout))],
  });
}

/** `cluster.kind` */
export function clusterOf({ cluster }: Settings): ClusterAccess {
  const { clusterIdentifier, kubeconfig, kubeconfigPath, context, apiServerCidrs, apiServerPorts } = cluster;
  return new ExistingCluster("cluster", {
    clusterIdentifier,
    context,
    // A path is public, the content is not.
    kubeconfig: kubeconfig === undefined ? (kubeconfigPath ?? "") : pulumi.secret(kubeconfig),
    apiServer: { cidrs: apiServerCidrs.toSorted(), ports: apiServerPorts.toSorted((a, b) => a - b) },
  });
}

/** `ingress.kind` */
export function ingressOf(
  { ingress: settings, dns: { resolvesInCluster }, platform, certificates }: Settings,
  { apiServer }: ClusterAccess,
  options: pulumi.ComponentResourceOptions,
): IngressEndpoint & pulumi.Resource {
  switch (settings.kind) {
    case "traefik": {
      const { domain, imageMirror } = platform;
      const wildcardSecrets = certificates.issuer === "provided" ? providedWildcardSecrets : undefined;
      const args = { hosts: hostsOf(domain), settings, apiServer, resolvesInCluster, imageMirror, wildcardSecrets };
      return new IngressController("ingress", args, options);
    }
    case "existing":
      return new ExistingIngress("ingress", { settings, resolvesInCluster }, options);
  }
}

/** Wildcard certificates that are served, and the authority that pods must trust. */
export interface Certificates {
  readonly caBundle: pulumi.Output<string> | undefined;
  readonly ready: pulumi.Resource;
}

/** `certificates.issuer` */
export function certificatesOf(
  settings: Settings,
  charts: Charts,
  { apiServer }: ClusterAccess,
  ingress: IngressEndpoint & pulumi.Resource,
  after: After,
): Certificates {
  const { certificates, platform } = settings;
  const { domain, protectData } = platform;
  const wildcards = (from: WildcardCertificatesArgs["from"], ...dependsOn: pulumi.Resource[]) => {
    const args = { hosts: hostsOf(domain), namespace: ingress.namespace, from };
    return new WildcardCertificates("wildcard-certificates", args, after(ingress, ...dependsOn));
  };
  switch (certificates.issuer) {
    case "privateCa": {
      const chart = charts.certManager;
      const certManager = new CertManager(
        "cert-manager",
        chart === undefined
          ? {
              install: false,
              namespace: certificates.certManager.install
                ? namespaces.certificates
                : certificates.certManager.namespace,
            }
          : { install: true, chart, apiServer, protectData },
        after(),
      );
      const { namespace } = certManager;
      const issuer = new PrivateCa("private-ca", { namespace, domain, protectData }, after(certManager));
      return { caBundle: issuer.caBundle, ready: wildcards({ kind: "issuer", issuer }, issuer) };
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
