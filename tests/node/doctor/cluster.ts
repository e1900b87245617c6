/** Pods, volumes, the way to the cluster. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { unreachableKubeconfig } from "../../../commands/stack-file/unreachable-kubeconfig.ts";
import { namespaces } from "../../../components/names.ts";
import { kubectlWithKubelet } from "../../support/doctor-bench.ts";
import { asAlice, type Break, type Breaks } from "./break.ts";

/** Sets the status of a pod as its kubelet would. */
function podStatus(namespace: string, pod: string, container: object): Break {
  return async (bench) => {
    const name = ["--namespace", namespace, "patch", "pod", pod, "--subresource=status", "--type=merge", "--patch"];
    const notReady = ["Ready", "ContainersReady"].map((type) => ({ type, status: "False" }));
    const { status } = JSON.parse(
      await bench.platform.kubectl("--namespace", namespace, "get", "pod", pod, "-o", "json"),
    ) as { status: { conditions: { type: string }[]; containerStatuses: object[] } };
    const conditions = [...status.conditions.filter(({ type }) => !/Ready/.test(type)), ...notReady];
    const broken = { conditions, containerStatuses: [{ ...status.containerStatuses[0], ready: false, ...container }] };
    await bench.platform.kubectl(...name, JSON.stringify({ status: broken }));
    const until = (object: string, what: string) =>
      bench.platform.kubectl("--namespace", namespace, "wait", object, `--for=${what}`);
    const set = `statefulset/${pod.replace(/-0$/, "")}`;
    await until(`pod/${pod}`, "condition=Ready=false");
    await until(set, "jsonpath={.status.replicas}=1");
    await until(set, "jsonpath={.status.availableReplicas}=0");
    return { mend: () => bench.platform.kubectl(...name, JSON.stringify({ status })) };
  };
}

export const cluster: Breaks = {
  "a pod in a crash loop": {
    step: "pods:object-store",
    hop: "object store",
    says: /0 of 1 pods of object-store are ready; object-store-0 is in CrashLoopBackOff after 7 restarts, last with exit code 137 \(OOMKilled\)/,
    cause: /more memory than its limit/,
    breaks: podStatus(namespaces.objectStore, "object-store-0", {
      restartCount: 7,
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } },
      lastState: {
        terminated: { exitCode: 137, reason: "OOMKilled", startedAt: null, finishedAt: new Date().toISOString() },
      },
    }),
  },
  "a pod that is not ready": {
    step: "pods:identity",
    hop: "Keycloak",
    says: /0 of 1 pods of keycloak are ready; keycloak-0 is Running but not ready/,
    cause: /probe fails/,
    breaks: podStatus(namespaces.identity, "keycloak-0", {}),
  },
  "a new version that does not start, behind an old one that answers": {
    step: "pods:portal",
    hop: "portal",
    says: /The new version of onyxia-web does not start: onyxia-web-\S+ cannot be scheduled: .*; pods of .* still answer/,
    cause: /no node has room/,
    breaks: async (bench) => {
      const name = ["--namespace", namespaces.portal];
      const patch = (nodeSelector: object) =>
        bench.platform.kubectl(
          ...[...name, "patch", "deployment", "onyxia-web", "--type=merge", "--patch"],
          JSON.stringify({ spec: { template: { spec: { nodeSelector } } } }),
        );
      // One of them: the old pod stays scheduled.
      const reasons = "jsonpath={.items[*].status.conditions[?(@.type=='PodScheduled')].reason}";
      const pods = [...name, "get", "pods", "--selector=app.kubernetes.io/name=onyxia-web", `--output=${reasons}`];
      await patch({ nowhere: "at-all" });
      const end = Date.now() + 60_000;
      while (!(await bench.platform.kubectl(...pods)).includes("Unschedulable")) {
        if (Date.now() > end) throw new Error("the new pod was never refused");
      }
      return {
        mend: async () => {
          await patch({ nowhere: null });
          await bench.platform.kubectl(...name, "rollout", "status", "deployment/onyxia-web", "--timeout=60s");
        },
      };
    },
  },
  "a Deployment that somebody has deleted": {
    step: "pods:portal",
    hop: "portal",
    says: /has no onyxia-web/,
    cause: /somebody has deleted it/,
    breaks: async (bench) => {
      const name = ["--namespace", namespaces.portal];
      const text = await bench.platform.kubectl(...name, "get", "deployment", "onyxia-web", "-o", "json");
      const { metadata, spec } = JSON.parse(text) as { metadata: object; spec: object };
      await bench.platform.kubectl(...name, "delete", "deployment", "onyxia-web", "--wait");
      const object = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { ...metadata, resourceVersion: undefined, uid: undefined },
        spec,
      };
      return {
        mend: async () => {
          await bench.create(object);
          await bench.platform.kubectl(...name, "rollout", "status", "deployment/onyxia-web", "--timeout=60s");
        },
      };
    },
  },
  "a claim without a volume": {
    step: "volumes:identity",
    hop: "Keycloak",
    says: /claim stuck has no volume, it is Pending/,
    cause: /StorageClass nowhere/,
    breaks: async (bench) => {
      await bench.create({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "stuck", namespace: namespaces.identity },
        spec: {
          storageClassName: "nowhere",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
        },
      });
      return {
        mend: () =>
          bench.platform.kubectl("--namespace", namespaces.identity, "delete", "persistentvolumeclaim", "stuck"),
      };
    },
  },
  "a full volume": {
    step: "volumes:object-store",
    hop: "object store",
    says: /volume of data-object-store-0 is 99 % full/,
    cause: /more was stored/,
    breaks: (bench) => {
      const volume = (namespace: string, name: string, usedBytes: number) => ({
        volume: [
          { name: "data", pvcRef: { name, namespace }, usedBytes, capacityBytes: 1000, inodesUsed: 1, inodes: 10 },
        ],
      });
      const environment = kubectlWithKubelet(bench, {
        pods: [
          volume(namespaces.objectStore, "data-object-store-0", 990),
          volume(namespaces.identity, "data-keycloak-database-0", 100),
        ],
      });
      return Promise.resolve({ mend: () => undefined, options: { args: asAlice, environment } });
    },
  },
  "a cluster that cannot be reached": {
    step: "cluster",
    hop: "Kubernetes API",
    says: /cannot be asked: .*refused/,
    cause: /leads elsewhere/,
    breaks: (bench) => {
      const nowhere = join(bench.platform.folder, "nowhere.kubeconfig");
      writeFileSync(nowhere, unreachableKubeconfig.replace('"user":{}', '"user":{"token":"expired"}'));
      let before: unknown;
      bench.platform.configure((config) => {
        before = config["datalab:cluster"]?.["kubeconfigPath"];
        config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: nowhere };
      });
      return Promise.resolve({
        mend: () => {
          bench.platform.configure((config) => {
            config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: before };
          });
        },
      });
    },
  },
  "no kubectl": {
    step: "cluster",
    hop: "this machine",
    says: /kubectl is not on the PATH/,
    cause: /not installed/,
    breaks: () =>
      Promise.resolve({ mend: () => undefined, options: { args: asAlice, environment: { PATH: "/nonexistent" } } }),
  },
};
