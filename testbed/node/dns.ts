/** The cluster's name service: CoreDNS in a pod that follows the Corefile in its ConfigMap, as in a cluster of kubeadm's. */
import type { ApiClient } from "../control-plane/api-client.ts";
import { network } from "./network.ts";
import type { Host } from "./set-up.ts";

export const corednsImage = "bench.datalab/coredns:1";

const namespace = "kube-system";
const metadata = { name: "coredns", namespace };
const labels = { "k8s-app": "kube-dns" };

/** Names outside of the cluster are unknown: no server is asked for them. */
export function corefile(hosts: readonly Host[]): string {
  const lines = hosts.filter(({ inPods }) => inPods === true).map(({ name, address }) => `    ${address} ${name}`);
  return `.:53 {
  errors
  ready
  hosts {
${lines.join("\n")}
    fallthrough
  }
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
  }
  cache 5
  # As kubeadm has it, but quicker.
  reload 2s 1s
}
`;
}

export async function createDns(api: ApiClient, hosts: readonly Host[]): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" };
  const core = `/api/v1/namespaces/${namespace}`;
  await Promise.all([
    api.create(`${core}/serviceaccounts`, { apiVersion: "v1", kind: "ServiceAccount", metadata }),
    api.create(`${core}/configmaps`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { Corefile: corefile(hosts) },
    }),
    api.create(`${rbac}/clusterroles`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: role.name },
      rules: [
        { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    }),
    api.create(`${rbac}/clusterrolebindings`, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: role.name },
      roleRef: role,
      subjects: [{ kind: "ServiceAccount", name: metadata.name, namespace }],
    }),
    api.create(`${core}/services`, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace, labels },
      spec: {
        clusterIP: network.dns,
        selector: labels,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    }),
  ]);
  await api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment());
}

function deployment(): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...metadata, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: metadata.name,
          priorityClassName: "system-cluster-critical",
          dnsPolicy: "Default",
          containers: [
            {
              name: "coredns",
              image: corednsImage,
              args: ["-conf", "/etc/coredns/Corefile"],
              readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
              volumeMounts: [{ name: "config", mountPath: "/etc/coredns" }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: metadata.name } }],
        },
      },
    },
  };
}
