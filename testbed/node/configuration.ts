/** The configuration files of a node's programs, as they read them: JSON is YAML too. Paths are those inside. */
import { containerdSocket, inside, network, nodeName } from "./network.ts";

/** Reference of the image that holds a pod's namespaces. */
export const pauseImage = "bench.datalab/pause:1";

const certificate = (name: string) => `${inside}/pki/${name}.crt`;
const key = (name: string) => `${inside}/pki/${name}.key`;

/** Certificates that are made for a node: their names are those of files. */
export const certificates = [
  {
    name: "apiserver",
    commonName: "kube-apiserver",
    hosts: [
      network.node,
      network.apiService,
      "127.0.0.1",
      "localhost",
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
    ],
  },
  { name: "kubelet", commonName: `system:node:${nodeName}`, organization: "system:nodes", hosts: [network.node] },
  { name: "admin", commonName: "admin", organization: "system:masters" },
  { name: "controller-manager", commonName: "system:kube-controller-manager" },
  { name: "scheduler", commonName: "system:kube-scheduler" },
  { name: "proxy", commonName: "system:kube-proxy" },
] as const;

/** With which a program of the node talks to the API server. */
export function kubeconfig(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "node",
    contexts: [{ name: "node", context: { cluster: "node", user: name } }],
    clusters: [
      {
        name: "node",
        cluster: {
          server: `https://${network.node}:${network.apiPort}`,
          "certificate-authority": certificate("ca"),
        },
      },
    ],
    users: [{ name, user: { "client-certificate": certificate(name), "client-key": key(name) } }],
  };
}

/** @param cgroup the node's own control group */
export function kubelet(cgroup: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: network.node,
    healthzBindAddress: "127.0.0.1",
    // Else it refuses to start on machines with version 1 of control groups.
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    failSwapOn: false,
    clusterDomain: "cluster.local",
    clusterDNS: [network.dns],
    // Pods with the node's own name resolution have none: no name of the machine's network is known here.
    resolvConf: "",
    tlsCertFile: certificate("kubelet"),
    tlsPrivateKeyFile: key("kubelet"),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificate("ca") },
    },
    authorization: { mode: "Webhook" },
    // The disk is the machine's: its being full is not the node's affair before it really is.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
    },
    // Images cannot be had again.
    imageGCHighThresholdPercent: 100,
    podLogsDir: `${inside}/pod-logs`,
    volumePluginDir: `${inside}/volume-plugins`,
    maxPods: 200,
  };
}

export function kubeProxy(): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    hostnameOverride: nodeName,
    clusterCIDR: network.pods,
    clientConnection: { kubeconfig: `${inside}/proxy.kubeconfig` },
    healthzBindAddress: "127.0.0.1:10256",
    metricsBindAddress: "127.0.0.1:10249",
    // These limits are the machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpCloseWaitTimeout: "0s", tcpEstablishedTimeout: "0s" },
  };
}

/** Pods hang on one bridge, whose address is their gateway. */
export function podNetwork(): object {
  return {
    cniVersion: "1.0.0",
    name: "bench",
    plugins: [
      {
        type: "bridge",
        bridge: "pods",
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: "/run/cni",
          ranges: [[{ subnet: network.pods }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
}

/** In TOML, the one format that containerd reads. */
export function containerd(): string {
  return `version = 3
root = "${inside}/containerd"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
  enable_selinux = false
  disable_apparmor = true
  # Where root lacks CAP_SYS_RESOURCE, no pod could start otherwise.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${inside}/cni"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}
