import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { kubectlFinding } from "../network-errors.ts";
import { failed, passed, type Step } from "../step.ts";

/** The API server, through the kubeconfig of the stack. */
export const clusterStep: Step = {
  id: "cluster",
  title: "cluster's API server",
  hop: "Kubernetes API",
  needs: [],
  run: async ({ expected: { ownCluster }, kubectl, options }) => {
    try {
      const { gitVersion } = await kubectl.get<{ gitVersion: string }>("/version");
      return passed(gitVersion);
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      const finding = kubectlFinding(error);
      if (error.kind === "missing") return failed(finding);
      return failed({
        ...finding,
        ...(ownCluster
          ? {
              cause: "the stack has made no cluster yet, or your login at AWS has run out or has no access to it",
              cure: `Try \`pulumi stack output kubeconfig --stack ${options.stack} > kubeconfig\`, then \`KUBECONFIG=kubeconfig kubectl get nodes\``,
            }
          : {
              cause: "the kubeconfig of the stack is missing, leads elsewhere, or its login has run out",
              cure: "Try `kubectl get nodes` with the kubeconfig and context that datalab:cluster names",
            }),
      });
    }
  },
};
