import { inside, network, nodeName } from "./network.ts";
import type { NodePrograms } from "./programs.ts";

/** A program that runs as long as the node. */
export interface Service {
  readonly name: keyof NodePrograms["paths"];
  readonly arguments: readonly string[];
}

const pki = `${inside}/pki`;

/** First of all: what the others keep their state in, and what images are in. */
export const foundations: readonly Service[] = [
  {
    name: "etcd",
    arguments: [
      `--data-dir=${inside}/etcd`,
      "--listen-client-urls=http://127.0.0.1:2379",
      "--advertise-client-urls=http://127.0.0.1:2379",
      "--listen-peer-urls=http://127.0.0.1:2380",
      "--log-level=warn",
      // Throw-away data: no reason to wait for the disk.
      "--unsafe-no-fsync",
    ],
  },
  { name: "containerd", arguments: [`--config=${inside}/containerd.toml`] },
  {
    name: "kube-apiserver",
    arguments: [
      "--etcd-servers=http://127.0.0.1:2379",
      `--bind-address=${network.node}`,
      `--advertise-address=${network.node}`,
      `--secure-port=${network.apiPort}`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      `--client-ca-file=${pki}/ca.crt`,
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${pki}/sa.pub`,
      `--service-account-signing-key-file=${pki}/sa.key`,
      `--kubelet-client-certificate=${pki}/admin.crt`,
      `--kubelet-client-key=${pki}/admin.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      "--kubelet-preferred-address-types=InternalIP",
      `--service-cluster-ip-range=${network.services}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
    ],
  },
];

/** As soon as the API server answers. */
export const workers: readonly Service[] = [
  {
    name: "kube-controller-manager",
    arguments: [
      ...clientOf("controller-manager"),
      `--service-account-private-key-file=${pki}/sa.key`,
      `--root-ca-file=${pki}/ca.crt`,
      `--cluster-signing-cert-file=${pki}/ca.crt`,
      `--cluster-signing-key-file=${pki}/ca.key`,
      "--use-service-account-credentials=true",
      `--cluster-cidr=${network.pods}`,
    ],
  },
  { name: "kube-scheduler", arguments: clientOf("scheduler") },
  {
    name: "kubelet",
    arguments: [
      `--config=${inside}/kubelet.json`,
      `--kubeconfig=${inside}/kubelet.kubeconfig`,
      `--root-dir=${inside}/kubelet`,
      `--cert-dir=${inside}/kubelet/pki`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${network.node}`,
      "--node-labels=topology.kubernetes.io/region=bench,topology.kubernetes.io/zone=bench-a",
    ],
  },
  { name: "kube-proxy", arguments: [`--config=${inside}/kube-proxy.json`] },
];

function clientOf(name: string): string[] {
  const file = `${inside}/${name}.kubeconfig`;
  return [
    `--kubeconfig=${file}`,
    `--authentication-kubeconfig=${file}`,
    `--authorization-kubeconfig=${file}`,
    "--bind-address=127.0.0.1",
    "--leader-elect=false",
  ];
}
