/** A stack of one ConfigMap: the program of a test, copied into a checkout of its own. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const provider = new kubernetes.Provider("cluster", {
  kubeconfig: ".datalab/kubeconfig",
  clusterIdentifier: "demo-test",
});
const namespace = new kubernetes.core.v1.Namespace("demo-test", { metadata: { name: "demo-test" } }, { provider });
export const answer = new pulumi.Config("datalab").require("text");
new kubernetes.core.v1.ConfigMap(
  "text",
  { metadata: { name: "text", namespace: "demo-test" }, data: { text: answer } },
  { provider, dependsOn: [namespace] },
);
