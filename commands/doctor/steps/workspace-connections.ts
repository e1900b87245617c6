import { internalUrl } from "../../../components/identity/names.ts";
import { caBundleKey } from "../../../components/kubernetes/ca-bundle.ts";
import { databaseWorkload } from "../../../components/identity/names.ts";
import { namespaces } from "../../../components/names.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, fact, failed, type Finding, passed, type Step, storeOf, warning } from "../step.ts";
import { type Answer, answersIn, type Attempt, attemptScript } from "./attempts.ts";
import { outputOf, trialPod, trustFolder } from "./trial-pod.ts";

interface Allowed extends Attempt {
  readonly host: string;
}

interface Forbidden extends Attempt {
  /** As a sentence's object. */
  readonly what: string;
  /** Whether the platform's own policies close it, without those of the workspace. */
  readonly guarded: boolean;
}

/** In seconds. */
const aMoment = 5;

/** Port of every kubelet. @see https://kubernetes.io/docs/reference/networking/ports-and-protocols/ */
const kubeletPort = 10_250;

const forbidden: readonly Forbidden[] = [
  {
    key: "keycloak",
    url: `${internalUrl(namespaces.identity)}/`,
    what: "Keycloak by its Service, past the ingress controller",
    guarded: true,
  },
  {
    key: "database",
    url: `http://${databaseWorkload}.${namespaces.identity}.svc:5432/`,
    what: "Keycloak's database",
    guarded: true,
  },
  {
    key: "metadata",
    url: "http://169.254.169.254/",
    what: "the cloud's metadata service (169.254.169.254), which hands out the node's credentials",
    guarded: false,
  },
];

const kubelet: Attempt = { key: "kubelet", url: `http://$NODE:${kubeletPort}/` };

/** What a service of the user reaches, and what not: tried from a pod beside it. */
export const workspaceConnectionsStep: Step = {
  id: "workspace-connections",
  title: "connections of the user's services",
  hop: "workspace",
  needs: ["portal-services"],
  unless: ({ options }) => (options.write ? undefined : "--write was not given"),
  run: async (context) => {
    const { expected, facts } = context;
    const { walls } = expected;
    if (facts.workspace === undefined) return passed("the user has no workspace yet");
    const allowed = allowedOf(context);
    const closed = forbidden.filter(({ guarded }) => guarded || walls.networkIsolation);
    const attempts = [...allowed, ...closed, ...(walls.networkIsolation ? [kubelet] : [])];
    const authorities = walls.privateCa ? `${trustFolder}/${caBundleKey}` : undefined;
    // Some networks need a moment until policies hold for a new pod. An address of IPv6 stands in brackets.
    const script = `sleep ${aMoment}\ncase $NODE in *:*) NODE="[$NODE]" ;; esac\n${attemptScript(attempts, authorities)}`;
    let output: string | Finding;
    try {
      output = await outputOf(context, trialPod(facts.workspace, walls.image, script));
    } catch (error) {
      const refusal = error instanceof KubectlError ? refusedPod(facts.workspace, error) : undefined;
      if (refusal === undefined) throw error;
      return failed(refusal);
    }
    if (typeof output !== "string") return failed(output);
    const answer = answersIn(output);
    const wrong =
      allowed.flatMap(({ host, key }) => notReached(context, host, answer(key)) ?? [])[0] ??
      closed.flatMap(({ what, key }) => (isOpen(answer(key)) ? reached(context, what) : []))[0];
    if (wrong !== undefined) return failed(wrong);
    const silent = attempts.find(({ key }) => answer(key) === undefined);
    if (silent !== undefined) return failed(unfinished(output));
    return isOpen(answer(kubelet.key)) ? warning(nodeReached) : passed(`${attempts.length} tried`);
  },
};

/** The hosts that a service needs: the portal, the login, its bucket, packages. */
function allowedOf(context: Context): readonly Allowed[] {
  const { hosts, addresses, packages } = context.expected;
  const index = packages?.index.indexUrl;
  return [
    { key: "store", host: new URL(storeOf(context).endpoint).hostname, url: storeOf(context).endpoint },
    { key: "identity", host: hosts.identity, url: `${addresses.identity}/` },
    { key: "portal", host: hosts.portal, url: `${addresses.portal}/` },
    ...(index === undefined ? [] : [{ key: "packages", host: new URL(index).hostname, url: index }]),
  ];
}

function isOpen(answer: Answer | undefined): boolean {
  return answer === "connected" || answer === "untrusted";
}

function notReached(context: Context, host: string, answer: Answer | undefined): Finding | undefined {
  const workspace = fact(context, "workspace");
  switch (answer) {
    case "unresolved":
      return {
        problem: `Services in ${workspace} do not find ${host}: the cluster's DNS has no address for it`,
        cause: "the records are not public and the cluster's DNS was not told them, or the way to DNS is closed",
        cure: "See docs/dns.md: `datalab:dns.clusterDns` tells the cluster's CoreDNS; `kubectl --namespace kube-system get pods` shows whether it runs",
        hop: "workspace → DNS",
      };
    case "untrusted":
      return {
        problem: `Services in ${workspace} do not trust the certificate of ${host}`,
        cause: `the ConfigMap datalab-trust there is missing or holds another authority`,
        cure: `Look at \`kubectl --namespace ${workspace} get configmap datalab-trust -o yaml\`, and open "My services" as its owner: what is older than ten minutes is renewed then`,
        hop: "workspace → certificate authority",
      };
    case "closed":
      return {
        problem: `Services in ${workspace} find ${host}, but nobody answers there`,
        cause:
          "its address is in a private network, which the walls close, or the ingress controller is not reached from pods",
        cure: "If the address is in a private network, open that with `datalab:portal.services.egress.allow`",
        hop: "workspace → ingress controller",
      };
    default:
      return undefined;
  }
}

function reached(context: Context, what: string): Finding {
  return {
    problem: `Services in ${fact(context, "workspace")} reach ${what}`,
    cause: "the workspace's NetworkPolicies are missing, another one opens more, or the cluster does not enforce them",
    cure: 'See what the steps "workspaces" and "network-policies" say',
    hop: "workspace → platform",
  };
}

/** Many networks let each pod reach its own node whatever policies say, as Kubernetes allows them to. */
const nodeReached: Finding = {
  problem: `Services reach the kubelet of their own node (port ${kubeletPort}), which asks them for credentials`,
  cause: "the cluster's network does not hold connections of a pod to its own node against NetworkPolicies",
  cure: "Close that port to pods in the network plugin (with Calico `defaultEndpointToHostAction: Drop`, with Cilium its host firewall)",
};

function refusedPod(workspace: string, { kind, message }: KubectlError): Finding | undefined {
  if (kind !== "refused") return undefined;
  const problem = `A pod in ${workspace} is refused: ${message}`;
  if (!/exceeded quota/.test(message)) {
    return {
      problem,
      cause: "this kubeconfig may not make pods there, or a rule of admission refuses them",
      cure: "Run the doctor as somebody who may, or without --write",
    };
  }
  return {
    problem,
    cause: "the user's services use up all that the workspace may have",
    cure: "Let the user pause a service, or raise `datalab:portal.quotas.user`",
  };
}

function unfinished(output: string): Finding {
  return {
    problem: `The pod in the workspace did not try everything; it said: ${output.trim().slice(-300)}`,
    cause: "its image has no shell or no GNU wget, or it was evicted",
    cure: "Run the doctor again; if it stays, compare the image of the portal's API with upstream's",
  };
}
