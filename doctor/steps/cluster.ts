import { KubectlError } from "../kubectl.ts";
import { failed, passed, type Step } from "../step.ts";

/** The API server, through the kubeconfig of the stack. */
export const clusterStep: Step = {
  id: "cluster",
  title: "cluster's API server",
  hop: "Kubernetes API",
  needs: [],
  run: async ({ kubectl }) => {
    try {
      const { gitVersion } = await kubectl.get<{ gitVersion: string }>("/version");
      return passed(gitVersion);
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      const problem = `The cluster cannot be asked: ${error.message.split("\n").at(-1) ?? ""}`;
      if (error.kind === "missing") {
        return failed({ problem, hop: "this machine", cause: "it is not installed", cure: "Install kubectl" });
      }
      return failed({
        problem,
        cause: "the kubeconfig of the stack is missing, leads elsewhere, or its login has run out",
        cure: "Try `kubectl get nodes` with the kubeconfig and context that datalab:cluster names",
      });
    }
  },
};
