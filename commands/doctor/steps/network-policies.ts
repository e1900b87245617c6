import { internalUrl } from "../../../components/identity/names.ts";
import { namespaces } from "../../../components/names.ts";
import { apiName } from "../../../components/portal/permissions.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { failed, passed, type Step, warning } from "../step.ts";
import { type Answer, answersIn, type Attempt, attemptScript } from "./attempts.ts";

/** Open to the API, which launches there; so that a pod without any network is not taken for a wall. */
const allowed: Attempt = { key: "api-server", url: "https://kubernetes.default.svc/version" };
/** Past the ingress controller: the API knows Keycloak by its public host alone. */
const forbidden: Attempt = { key: "keycloak", url: `${internalUrl(namespaces.identity)}/` };

/** Whether the cluster's network enforces NetworkPolicies: without that all walls stand on paper. Changes nothing. */
export const networkPoliciesStep: Step = {
  id: "network-policies",
  title: "network policies are enforced",
  hop: "cluster's network",
  // A Keycloak that is down would look well closed.
  needs: ["cluster", "discovery"],
  run: async ({ kubectl }) => {
    let output: string;
    try {
      const script = attemptScript([allowed, forbidden]);
      output = await kubectl.run(namespaces.portal, `deployment/${apiName}`, "api", script);
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      return warning(cannotTell(error.message, "this kubeconfig may not run commands in pods"));
    }
    const answer = answersIn(output);
    if (isOpen(answer(forbidden.key))) {
      return failed({
        problem: `This cluster does not enforce NetworkPolicies: the portal's API reaches Keycloak at ${forbidden.url}, which its policy forbids`,
        cause: "the network plugin of the cluster knows no policies, or has them switched off",
        cure: "Install a network plugin that enforces them, such as Calico or Cilium; on EKS set `enableNetworkPolicy` of the VPC CNI",
      });
    }
    if (answer(forbidden.key) === "closed" && isOpen(answer(allowed.key))) return passed();
    return warning(
      cannotTell(
        `the pod says "${output.trim().replaceAll("\n", ", ")}"`,
        "its image has no GNU wget, or it reaches neither DNS nor the API server",
      ),
    );
  },
};

function isOpen(answer: Answer | undefined): boolean {
  return answer === "connected" || answer === "untrusted";
}

function cannotTell(reason: string, cause: string) {
  return {
    problem: `It cannot be told whether this cluster enforces NetworkPolicies: ${reason}`,
    cause,
    cure: `Try it: \`kubectl --namespace ${namespaces.portal} exec deployment/${apiName} -- wget --tries=1 --timeout=5 -O /dev/null ${forbidden.url}\` must not connect`,
  };
}
