/** A Deployment that never becomes ready: the program of a test, copied into a project of its own. */
import * as kubernetes from "@pulumi/kubernetes";

const provider = new kubernetes.Provider("cluster", { context: "datalab-bench", clusterIdentifier: "test" });
const labels = { app: "stuck" };
new kubernetes.apps.v1.Deployment(
  "stuck",
  {
    metadata: { name: "stuck", namespace: "default" },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "example.org/never-ready:1" }] },
      },
    },
  },
  { provider },
);
