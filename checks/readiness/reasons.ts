/** Why parts of the platform are not ready yet, from what the cluster says of its own objects. */
import { type Pod, podTrouble } from "../kubectl/pods.ts";
import { isDefaultClass, type StorageClass } from "../preflight/capabilities.ts";
import { certificateReasons, type Issuing } from "./certificates.ts";
import { type BalancedService, serviceReason } from "./load-balancer.ts";
import type { Reason, Warning } from "./reason.ts";

/** A claim for a volume. */
export interface Claim {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly storageClassName?: string };
  readonly status: { readonly phase?: string };
}

/** What is there at one moment, of the platform's namespaces alone. */
export interface Snapshot {
  readonly pods: readonly Pod[];
  readonly claims: readonly Claim[];
  readonly storageClasses: readonly StorageClass[];
  readonly warnings: readonly Warning[];
  /** Services that wait for the address of a load balancer. */
  readonly services: readonly BalancedService[];
  readonly issuing: Issuing;
}

/** @param since when `up` began: older events say nothing of it */
export function reasons(snapshot: Snapshot, since: Date, now: Date): Reason[] {
  const { pods, claims, storageClasses, services, issuing } = snapshot;
  const warnings = snapshot.warnings.filter((warning) => momentOf(warning) >= since.getTime());
  const unbound = claims.filter(({ status }) => status.phase === "Pending");
  return [
    ...unbound.flatMap((claim) => claimReason(claim, storageClasses)),
    ...pods.filter((pod) => !isOver(pod, pods, since)).flatMap((pod) => podReason(pod, now)),
    ...warnings.flatMap(refusalReason),
    ...certificateReasons(issuing),
    ...services.map((service) => serviceReason(service, warnings)),
  ];
}

function claimReason({ metadata, spec }: Claim, classes: readonly StorageClass[]): Reason[] {
  const { name, namespace } = metadata;
  const { storageClassName } = spec;
  const what = `The claim ${namespace}/${name} has no volume`;
  const names = classes.map((found) => found.metadata.name).toSorted();
  const there = names.length === 0 ? "the cluster has none" : `the cluster has ${names.join(", ")}`;
  const key = `claim ${namespace}/${name}`;
  if (storageClassName !== undefined && !names.includes(storageClassName)) {
    return [{ key, starting: false, sentence: `${what}: there is no StorageClass ${storageClassName}; ${there}.` }];
  }
  const chosen = storageClassName ?? classes.find(isDefaultClass);
  if (chosen === undefined) {
    return [
      { key, starting: false, sentence: `${what}: it names no StorageClass, and none is the default; ${there}.` },
    ];
  }
  const className = typeof chosen === "string" ? chosen : chosen.metadata.name;
  return [{ key, starting: true, sentence: `${what} yet: its StorageClass is ${className}.` }];
}

function podReason(pod: Pod, now: Date): Reason[] {
  const trouble = podTrouble(pod, now);
  if (trouble === undefined) return [];
  const { name, namespace } = pod.metadata;
  const { starting, what, cause, cure } = trouble;
  return [{ key: `pod ${namespace}/${name}`, starting, sentence: `The pod ${namespace}/${what}: ${cause}. ${cure}.` }];
}

const jobLabel = "batch.kubernetes.io/job-name";

/** A failed pod stays where it is: one of an earlier day, one that was evicted, a Job's attempt before that which succeeded. */
function isOver({ metadata, status }: Pod, all: readonly Pod[], since: Date): boolean {
  if (status.phase !== "Failed") return false;
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  if (!ends.some((end) => end !== undefined && new Date(end).getTime() >= since.getTime())) return true;
  const job = metadata.labels?.[jobLabel];
  return (
    job !== undefined &&
    all.some((other) => other.metadata.labels?.[jobLabel] === job && other.status.phase === "Succeeded")
  );
}

/** Pods that the cluster does not even let be made: quotas, rules of admission, Pod Security. */
function refusalReason({ reason, message = "", involvedObject }: Warning): Reason[] {
  if (reason !== "FailedCreate") return [];
  const { kind = "", name = "", namespace = "" } = involvedObject;
  const key = `${kind} ${namespace}/${name}`;
  return [{ key, starting: false, sentence: `The ${kind} ${namespace}/${name} cannot make its pods: ${message}.` }];
}

function momentOf({ lastTimestamp, eventTime }: Warning): number {
  const moment = lastTimestamp ?? eventTime;
  return moment === null || moment === undefined ? 0 : new Date(moment).getTime();
}
