/** Objects that tell the cluster's DNS where the platform is, as plain arguments. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { imageReference, withDigest } from "../kubernetes/image.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { onceJob } from "../kubernetes/once-job.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { clusterDnsScript } from "./cluster-dns-script.ts";

/** Name of the Job's pods, of its account and of its rights. */
export const clusterDnsName = "cluster-dns";

/** Where every distribution keeps CoreDNS's configuration. */
export const coreDns = { namespace: "kube-system", configMap: "coredns", custom: "coredns-custom" } as const;

const metadata = { name: clusterDnsName, namespace: namespaces.dns, labels: labelsFor(clusterDnsName) };
const account = "/var/run/secrets/kubernetes.io/serviceaccount";
const work = "/work";
/** The kubelet hands on a changed ConfigMap within 90 seconds, and CoreDNS looks at it twice a minute. */
const waitSeconds = 240;

export function serviceAccount(): k8s.core.v1.ServiceAccountArgs {
  return { metadata, automountServiceAccountToken: false };
}

/** Two ConfigMaps by name, nothing else in the namespace. */
export function role(): k8s.rbac.v1.RoleArgs {
  const configMap = (name: string, ...verbs: string[]) => {
    return { apiGroups: [""], resources: ["configmaps"], resourceNames: [name], verbs };
  };
  return {
    metadata: { ...metadata, name: `datalab-${clusterDnsName}`, namespace: coreDns.namespace },
    // Server-side apply creates by name, so that the name can be demanded.
    rules: [configMap(coreDns.configMap, "get", "patch"), configMap(coreDns.custom, "create", "patch")],
  };
}

export function roleBinding(): k8s.rbac.v1.RoleBindingArgs {
  const name = `datalab-${clusterDnsName}`;
  return {
    metadata: { ...metadata, name, namespace: coreDns.namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name: clusterDnsName, namespace: namespaces.dns }],
  };
}

export interface ClusterDnsJobArgs {
  /** Public hosts of the platform, each by its full name. */
  readonly hosts: readonly string[];
  /** Every name below it leads to the same address. */
  readonly servicesDomain: string;
  /** Address of the ingress controller's Service inside the cluster. */
  readonly address: pulumi.Input<string>;
  /** Registry prefix of a mirror. @default upstream's registries */
  readonly imageMirror?: string | undefined;
  /** Digest that the image must have. @default none is asked for */
  readonly imageDigest?: `sha256:${string}` | undefined;
}

/** Other names or another script are another Job, and another address replaces it. */
export function clusterDnsJob({ address, ...known }: ClusterDnsJobArgs): k8s.batch.v1.JobArgs {
  const spec = podSpec(known);
  const [container] = spec.containers;
  const containers = [{ ...container, env: [...container.env, { name: "ADDRESS", value: address }] }];
  return onceJob({
    name: clusterDnsName,
    namespace: namespaces.dns,
    does: spec,
    backoffLimit: 1,
    podSpec: { ...spec, containers },
  });
}

function podSpec({ hosts, servicesDomain, imageMirror, imageDigest }: Omit<ClusterDnsJobArgs, "address">) {
  const environment = {
    HOSTS: hosts.toSorted().join(" "),
    SERVICES_DOMAIN: servicesDomain,
    API_SERVER: "https://kubernetes.default.svc",
    ACCOUNT: account,
    WORK: work,
    WAIT_SECONDS: String(waitSeconds),
  };
  const container = {
    name: "tell",
    // It holds a shell, awk and GNU wget, and the portal brings it to the cluster anyway.
    image: imageReference(withDigest(images.onyxiaApi, imageDigest), imageMirror),
    command: ["/bin/sh", "-c", clusterDnsScript],
    env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...platformContainer({ cpu: "20m", memory: "32Mi" }),
    volumeMounts: [{ name: "work", mountPath: work }],
  };
  return {
    serviceAccountName: clusterDnsName,
    automountServiceAccountToken: true,
    restartPolicy: "Never",
    ...platformPod(user),
    containers: [container] as const,
    // It holds the account's token for a moment: in memory, and gone with the pod.
    volumes: [{ name: "work", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } }],
  };
}

/** User of the image. */
const user = 101;
