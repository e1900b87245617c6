/** P: pods, by the owner of a workspace. */
import { podPolicyName } from "../../../components/workspaces/pod-policy.ts";
import { admitted, refused, type Attempt } from "./attempt.ts";
import { change, create, type KubernetesObject, neighbour } from "./calls.ts";

const security = "Pod Security";
const volumes = "Volumes of this namespace's pods";

export const podAttempts: readonly Attempt[] = [
  refused(
    "mallory",
    "P1",
    "a pod with hostPath /",
    security,
    withVolume({ hostPath: { path: "/" } }),
    "hostPath volumes",
  ),
  refused("mallory", "P2", "a pod with hostNetwork", security, withSpec({ hostNetwork: true }), "host namespaces"),
  refused("mallory", "P3", "a privileged pod", security, withContext({ privileged: true }), "privileged"),
  refused(
    "mallory",
    "P4",
    "a pod with hostPort 443",
    security,
    withContainer({ ports: [{ containerPort: 443, hostPort: 443 }] }),
    "hostPort",
  ),
  refused("mallory", "P5", "a pod with hostPID", security, withSpec({ hostPID: true }), "host namespaces"),
  refused(
    "mallory",
    "P6",
    "a pod with CAP_SYS_ADMIN",
    security,
    withContext({ capabilities: { add: ["SYS_ADMIN"] } }),
    "non-default capabilities",
  ),
  refused(
    "mallory",
    "P7",
    "a pod with an nfs volume of any server (the root of EFS)",
    podPolicyName,
    withVolume({ nfs: { server: "fs-1.efs.eu-west-3.amazonaws.com", path: "/" } }),
    volumes,
  ),
  refused(
    "mallory",
    "P8",
    "a pod with an iscsi volume",
    podPolicyName,
    withVolume({ iscsi: { targetPortal: "10.0.0.1:3260", iqn: "iqn.2001-04.com.example:disk", lun: 0 } }),
    volumes,
  ),
  refused(
    "mallory",
    "P9",
    "a pod with an inline CSI volume",
    podPolicyName,
    withVolume({ csi: { driver: "efs.csi.aws.com" } }),
    volumes,
  ),
  ...(["system-node-critical", "system-cluster-critical"] as const).map((priorityClassName, index) =>
    refused(
      "mallory",
      `P${10 + index}`,
      `a pod of priority ${priorityClassName}`,
      podPolicyName,
      withSpec({ priorityClassName }),
      "no priority over others",
    ),
  ),
  refused(
    "mallory",
    "P12",
    "a pod that names its node, past taints and scheduler",
    podPolicyName,
    withSpec({ nodeName: "node-a" }),
    "placed by the scheduler",
  ),
  admitted(
    "mallory",
    "P13",
    "a pod that tolerates every taint",
    "only the scheduler places pods; taints keep load away, they are no wall",
    withSpec({ tolerations: [{ operator: "Exists" }] }),
  ),
  admitted(
    "mallory",
    "P14",
    "a pod that runs as root",
    "level `baseline`, which INSEE's charts need",
    withContext({ runAsUser: 0 }),
  ),
  admitted(
    "mallory",
    "P15",
    "a pod without limits, memory request 16Mi",
    "it gets the limits of the LimitRange",
    withContainer({ resources: { requests: { memory: "16Mi" } } }),
    `"limits":{"cpu":"2","ephemeral-storage":"10Gi","memory":"4Gi"}`,
  ),
  refused("mallory", "P16", "a token of a neighbour's ServiceAccount", "RBAC", {
    ...create({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }),
    path: `/api/v1/namespaces/${neighbour}/serviceaccounts/default/token`,
  }),
  refused(
    "mallory",
    "P17",
    "a pod with unmasked /proc",
    "API server",
    withContext({ procMount: "Unmasked" }),
    "procMount",
  ),
  refused(
    "mallory",
    "P18",
    "a pod with seccomp Unconfined",
    security,
    withContext({ seccompProfile: { type: "Unconfined" } }),
    "seccompProfile",
  ),
  refused(
    "mallory",
    "P19",
    "a pod with sysctl kernel.msgmax",
    security,
    withSpec({ securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] } }),
    "forbidden sysctls",
  ),
  refused(
    "controller",
    "P20",
    "the pod of a Deployment of priority system-node-critical",
    podPolicyName,
    withSpec({ priorityClassName: "system-node-critical" }),
    "no priority over others",
  ),
  refused(
    "mallory",
    "P21",
    "a pod with a flexVolume, whose driver runs on the node",
    podPolicyName,
    withVolume({ flexVolume: { driver: "example.test/any" } }),
    volumes,
  ),
  refused("mallory", "P22", "put a pod onto a node by hand (pods/binding)", "RBAC", {
    ...create({ apiVersion: "v1", kind: "Binding", target: { kind: "Node", name: "node-a" } }),
    path: "/api/v1/namespaces/user-mallory/pods/thing/binding",
  }),
  refused(
    "launcher",
    "P23",
    "a pod with an nfs volume",
    podPolicyName,
    withVolume({ nfs: { server: "10.0.0.1", path: "/" } }),
    volumes,
  ),
  refused(
    "mallory",
    "P24",
    "a pod with the rights of a launch",
    "no such account",
    withSpec({ serviceAccountName: "datalab-launcher" }),
  ),
  refused("mallory", "P25", "a token with the rights of a launch", "no such account", {
    ...create({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} }),
    path: "/api/v1/namespaces/user-mallory/serviceaccounts/datalab-launcher/token",
  }),
  refused(
    "mallory",
    "P26",
    "change a pod's node after the fact",
    "API server",
    change("pods", "thing", { spec: { nodeName: "node-z" } }),
  ),
];

/** A pod that nothing is said against. */
export function pod(spec: KubernetesObject = {}, container: KubernetesObject = {}): KubernetesObject {
  const containers = [{ name: "a", image: "a", ...container }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "attempt" }, spec: { containers, ...spec } };
}

function withSpec(spec: KubernetesObject) {
  return create(pod(spec));
}

function withContainer(container: KubernetesObject) {
  return create(pod({}, container));
}

function withContext(securityContext: KubernetesObject) {
  return withContainer({ securityContext });
}

function withVolume(source: KubernetesObject) {
  return withSpec({ volumes: [{ name: "v", ...source }] });
}
