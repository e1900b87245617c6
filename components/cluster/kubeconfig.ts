/** How kubectl and Pulumi reach a cluster on EKS. */

export interface EksEndpoint {
  readonly name: string;
  readonly region: string;
  /** URL of the API server. */
  readonly endpoint: string;
  /** Its authority's certificate, in base64. */
  readonly certificateAuthority: string;
}

/**
 * A kubeconfig that holds no credential: the AWS command line makes a token of fifteen minutes for whoever uses it. The
 * text depends on the cluster alone, so that nothing changes from one run to the next.
 */
export function eksKubeconfig({ name, region, endpoint, certificateAuthority }: EksEndpoint): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
