/** Q: how much a workspace may hold. */
import { admitted, type Attempt, refused } from "./attempt.ts";
import { create, type KubernetesObject, often } from "./calls.ts";
import { pod } from "./pods.ts";
import { service } from "./services.ts";

/** Workspace that is filled up. */
export const crowded = "user-crowd";

const perContainer = "usage per Container";

export const quantityAttempts: readonly Attempt[] = [
  tooMany("Q1", "more than 200 ConfigMaps", 200, { apiVersion: "v1", kind: "ConfigMap" }),
  admitted(
    "mallory",
    "Q2",
    "a Secret of 0.9 MB",
    "a release of helm is as large; the number of Secrets is bounded, their size is not",
    create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "attempt" },
      stringData: { large: "x".repeat(900_000) },
    }),
  ),
  tooMany("Q3", "more than 100 Services", 100, service({ clusterIP: "None" })),
  tooMany("Q4", "more than 60 claims of 1 MiB", 60, claim("1Mi")),
  refused(
    "mallory",
    "Q5",
    "110 GiB in one claim",
    "LimitRange",
    create(claim("110Gi")),
    "usage per PersistentVolumeClaim",
  ),
  refused(
    "mallory",
    "Q6",
    "a pod with 900 GiB of ephemeral storage",
    "LimitRange",
    create(pod({}, asking("ephemeral-storage", "900Gi"))),
    perContainer,
  ),
  admitted(
    "mallory",
    "Q7",
    "a pod without requests",
    "it gets those of the LimitRange, which the quotas count",
    create(pod()),
    `"requests":{"cpu":"100m","ephemeral-storage":"1Gi","memory":"1Gi"}`,
  ),
  refused(
    "mallory",
    "Q8",
    "a container with 9 GiB of memory",
    "LimitRange",
    create(pod({}, asking("memory", "9Gi"))),
    perContainer,
  ),
  refused("launcher", "Q9", "a container with 5 CPUs", "LimitRange", create(pod({}, asking("cpu", "5"))), perContainer),
  refused(
    "mallory",
    "Q10",
    "nine containers in one pod with 8 GiB each",
    "quota",
    create(pod({ containers: Array.from({ length: 9 }, (_, index) => container(`c${index}`)) })),
  ),
  tooMany("Q11", "more than 300 Secrets", 300, { apiVersion: "v1", kind: "Secret" }),
  tooMany("Q12", "more than 60 Leases", 60, { apiVersion: "coordination.k8s.io/v1", kind: "Lease" }),
];

/**
 * Is created for real, in a workspace of its own, until it is refused. A few come through beyond the number: while
 * objects are made, the controller counts what was there a moment ago.
 */
function tooMany(no: string, attempt: string, most: number, object: KubernetesObject): Attempt {
  const make = often(Math.ceil(most * 1.2), object, crowded);
  return { no, attempt, who: "crowd", expected: "refused", by: "quota", make };
}

function claim(storage: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "attempt" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
  };
}

function asking(resource: string, quantity: string): KubernetesObject {
  return { resources: { requests: { [resource]: quantity }, limits: { [resource]: quantity } } };
}

function container(name: string): KubernetesObject {
  return { name, image: "a", resources: { limits: { memory: "8Gi" }, requests: { memory: "1Mi" } } };
}
