/** cert-manager by its chart, and one certificate: the program of a test, copied into a project of its own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const provider = new kubernetes.Provider("cluster", { context: "datalab-bench", clusterIdentifier: "test" });
const namespace = new kubernetes.core.v1.Namespace("certs", { metadata: { name: "certs" } }, { provider });
const chart = new kubernetes.helm.v4.Chart(
  "cert-manager",
  {
    chart: new pulumi.Config().require("chart"),
    namespace: "certs",
    values: { crds: { enabled: true } },
  },
  { provider, dependsOn: [namespace] },
);
const issuer = new kubernetes.apiextensions.CustomResource(
  "issuer",
  {
    apiVersion: "cert-manager.io/v1",
    kind: "ClusterIssuer",
    metadata: { name: "self-signed" },
    spec: { selfSigned: {} },
  },
  { provider, dependsOn: [chart] },
);
new kubernetes.apiextensions.CustomResource(
  "wildcard",
  {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "wildcard", namespace: "certs" },
    spec: {
      secretName: "wildcard",
      dnsNames: ["*.lab.example.org"],
      issuerRef: { name: "self-signed", kind: "ClusterIssuer" },
    },
  },
  { provider, dependsOn: [issuer] },
);
