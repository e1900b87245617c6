import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";

export interface IssuerPolicyArgs {
  /** The ClusterIssuer. */
  readonly issuerName: string;
  /** The only namespace whose certificates it issues. */
  readonly namespace: string;
  /** Domains below which, and for which, it issues. */
  readonly domains: readonly string[];
}

export const issuerPolicyName = "datalab-issuer";

/** Names of a certificate beside its `dnsNames`; a literal subject can hold a common name. */
const otherNames = ["commonName", "literalSubject", "ipAddresses", "uris", "emailAddresses", "otherNames"];

/**
 * Whom the platform's own authority vouches for. cert-manager signs everything that it is asked for, and a ClusterIssuer
 * is open to every namespace.
 *
 * A CertificateRequest has its names in a signed blob that a policy cannot read. cert-manager makes it in the
 * Certificate's own namespace, so that the namespace is the wall there.
 */
export function issuerPolicy(args: IssuerPolicyArgs): k8s.admissionregistration.v1.ValidatingAdmissionPolicyArgs {
  const { issuerName, namespace } = args;
  const domains = args.domains.filter((domain) => !args.domains.some((other) => domain.endsWith(`.${other}`)));
  const below = domains.map((domain) => `name == "${domain}" || name.endsWith(".${domain}")`).join(" || ");
  const absent = otherNames.map((field) => `!has(object.spec.${field})`).join(" && ");
  return {
    metadata: { name: issuerPolicyName, labels: labelsFor(issuerPolicyName) },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        matchPolicy: "Equivalent",
        resourceRules: [
          {
            apiGroups: ["cert-manager.io"],
            apiVersions: ["*"],
            operations: ["CREATE", "UPDATE"],
            resources: ["certificates", "certificaterequests"],
          },
        ],
      },
      matchConditions: [
        {
          // Who may change the issuer may change this rule too. `up` moves certificates to another namespace at the moment
          // in which it changes the rule, which the API server takes a while to read.
          name: "not-an-operator",
          expression: `!authorizer.group("cert-manager.io").resource("clusterissuers").check("update").allowed()`,
        },
        {
          name: "issuer",
          expression: `object.spec.issuerRef.name == "${issuerName}" && object.spec.issuerRef.?kind.orValue("Issuer") == "ClusterIssuer"`,
        },
      ],
      validations: [
        {
          expression: `request.namespace == "${namespace}"`,
          message: `The ClusterIssuer ${issuerName} issues in the namespace ${namespace} alone: use an issuer of your own.`,
        },
        {
          expression: "!object.spec.?isCA.orValue(false)",
          message: `The ClusterIssuer ${issuerName} makes no authorities.`,
        },
        {
          expression: `request.resource.resource != "certificates" || (size(object.spec.?dnsNames.orValue([])) > 0 && object.spec.dnsNames.all(name, ${below}))`,
          message: `The ClusterIssuer ${issuerName} issues for names below ${domains.join(" and ")}.`,
        },
        {
          expression: `request.resource.resource != "certificates" || (${absent})`,
          message: `The ClusterIssuer ${issuerName} issues for dnsNames alone.`,
        },
      ],
    },
  };
}
