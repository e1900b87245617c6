/** A stack file for each combination of the switches. */
import type { Combination, Switch } from "../../stacks/settings/switches.ts";
import type { StackValues } from "./arbitrary-settings.ts";
import { wildcard, wildcardKey } from "./certificates.ts";

/** That of the certificate at hand. */
const domain = "d.test";

/** What a person writes beside each word. */
const values: { readonly [S in Switch]: { readonly [W in Combination[S]]: () => Record<string, unknown> } } = {
  cluster: {
    existing: () => ({ kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" }),
    eks: () => ({
      kind: "eks",
      clusterIdentifier: "prod",
      network: { kind: "new", zones: ["eu-west-3a", "eu-west-3b"] },
      publicAccessCidrs: ["203.0.113.0/24"],
      admins: ["arn:aws:iam::123456789012:role/operators"],
      nodeGroups: {
        platform: { instanceTypes: ["m7i.xlarge"], min: 2 },
        elastic: { capacity: "spot", instanceTypes: ["m7i.2xlarge", "m6i.2xlarge"], min: 1 },
      },
    }),
  },
  dns: {
    none: () => ({ kind: "none" }),
    route53: () => ({ kind: "route53", zone: { kind: "new" } }),
  },
  ingress: {
    traefik: () => ({ kind: "traefik" }),
    existing: () => ({
      kind: "existing",
      className: "nginx",
      namespace: "ingress-system",
      address: "192.0.2.1",
      clusterIp: "10.43.0.1",
    }),
  },
  certificates: {
    privateCa: () => ({ issuer: "privateCa" }),
    letsencrypt: () => ({ issuer: "letsencrypt", environment: "production", email: "operators@example.org" }),
    existing: () => ({ issuer: "existing", issuerName: "company" }),
    provided: () => ({ issuer: "provided", certificate: wildcard, privateKey: wildcardKey }),
  },
  objectStore: {
    minio: () => ({ kind: "minio" }),
    s3: () => ({ kind: "s3" }),
    external: () => ({ kind: "external", endpoint: "https://store.example.net" }),
  },
};

/** The stack file, its AWS account included. */
export function combinationValues(combination: Combination): StackValues {
  const chosen = (name: Switch) =>
    (values[name] as Record<string, () => Record<string, unknown>>)[combination[name]]!();
  return {
    platform: { domain },
    aws: { accountId: "123456789012", region: "eu-west-3" },
    cluster: chosen("cluster"),
    dns: chosen("dns"),
    ingress: chosen("ingress"),
    certificates: chosen("certificates"),
    objectStore: chosen("objectStore"),
  };
}
