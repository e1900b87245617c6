/**
 * The addresses of a node. Every node has the same ones: each is alone in its network namespace, from which nothing
 * leads out. A second namespace is what lies around it: there, clients have addresses of their own, which arrive at
 * the node unchanged.
 */
export const network = {
  node: "10.245.0.1",
  /** Where clients are; the first is used unless another one is asked for. */
  outside: ["10.245.0.254", "10.245.0.253"],
  nodePrefix: 24,
  pods: "10.244.0.0/24",
  services: "10.96.0.0/16",
  /** Service of the API server: the first address of the Services. */
  apiService: "10.96.0.1",
  dns: "10.96.0.10",
  apiPort: 6443,
} as const;

export const nodeName = "node";

/** Where the node's folder is found inside of its namespaces: a short path, because those of sockets are limited. */
export const inside = "/run/node";
export const containerdSocket = "/run/containerd/containerd.sock";
/** Name of the namespace around the node. */
export const outsideNamespace = "outside";
