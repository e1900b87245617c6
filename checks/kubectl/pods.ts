/** What the status of a pod says, in words. */
import { setCommand } from "../../stacks/settings/config-commands.ts";

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  /** As the pod names it. */
  readonly image?: string;
  /** Where it came from, with its digest; a digest alone for one that was put onto the node by hand. */
  readonly imageID?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    /** With the end of the log. */
    readonly terminated?: {
      readonly reason?: string;
      readonly exitCode: number;
      readonly finishedAt?: string;
      readonly message?: string;
    };
  };
  readonly lastState?: {
    readonly terminated?: {
      readonly reason?: string;
      readonly exitCode: number;
      readonly finishedAt?: string;
      /** End of the log. */
      readonly message?: string;
    };
  };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface Job {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly status: { readonly conditions?: readonly Condition[] };
}

/** The CronJob that has made a Job; undefined where none has. */
export function scheduleOf({ metadata }: Job): string | undefined {
  return metadata.ownerReferences?.find(({ kind }) => kind === "CronJob")?.name;
}

export interface Trouble {
  /** Whether it may be no trouble at all: the pod has not had its time yet. */
  readonly starting: boolean;
  /** Rest of a sentence that names the pod. */
  readonly what: string;
  readonly cause: string;
  readonly cure: string;
}

const waitingCauses: Readonly<Record<string, string>> = {
  CrashLoopBackOff: "its program ends as soon as it has started",
  ImagePullBackOff: "the image does not exist, or the registry cannot be reached or wants a login",
  ErrImagePull: "the image does not exist, or the registry cannot be reached or wants a login",
  CreateContainerConfigError: "a Secret or ConfigMap that it names is missing",
};

/** What registries answer, by way of the container runtime, who wants a login or another one. */
const denied = /\b(401|403) |unauthorized|authorization failed|access denied|denied: |no basic auth/i;

/** A program that always ends is started again after five minutes at most. */
const longestPause = 600_000;

/** Why a pod is not ready; undefined if it is, has done its work, or is about to go. @param whose namespace it is in */
export function podTrouble(
  { metadata, status }: Pod,
  now: Date,
  whose: "platform" | "workspace" = "platform",
): Trouble | undefined {
  const { name, namespace } = metadata;
  const isReady = status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
  if (isReady === true || status.phase === "Succeeded" || metadata.deletionTimestamp !== undefined) return undefined;
  const describe = `Look at \`kubectl --namespace ${namespace} describe pod ${name}\``;
  const unscheduled = status.conditions?.find(({ type, status: is }) => type === "PodScheduled" && is === "False");
  if (unscheduled !== undefined) {
    return {
      starting: false,
      what: `${name} cannot be scheduled: ${unscheduled.message ?? ""}`,
      cause: "no node has room or fits, or a volume is not there yet",
      cure: describe,
    };
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const failed = status.phase === "Failed" ? containers.find(({ state }) => state?.terminated?.exitCode) : undefined;
  if (failed?.state?.terminated !== undefined) {
    const { exitCode, message } = failed.state.terminated;
    return {
      starting: false,
      what: `${name} has failed, with exit code ${exitCode}${saying(message)}`,
      cause: "what it calls did not answer, or refused",
      cure: `Look at \`kubectl --namespace ${namespace} logs ${name}\``,
    };
  }
  for (const { ready, state, lastState, restartCount, image } of containers) {
    if (ready) continue;
    const reason = state?.waiting?.reason ?? "";
    const last = lastState?.terminated;
    const isKnown = Object.hasOwn(waitingCauses, reason);
    // Between two attempts a program that always ends is seen running. An end long ago says nothing about today.
    const endedNow = last !== undefined && last.exitCode !== 0 && age(last.finishedAt, now) <= longestPause;
    if (!isKnown && !endedNow) continue;
    const ended =
      last === undefined
        ? ""
        : `, last with exit code ${last.exitCode}${last.reason === undefined ? "" : ` (${last.reason})`}`;
    if (reason.includes("Image") && denied.test(state?.waiting?.message ?? "")) {
      return {
        starting: false,
        what: `${name} is in ${reason}${ofImage(reason, image)}`,
        ...login(whose, describe),
      };
    }
    const crashes = !isKnown || reason === "CrashLoopBackOff";
    return {
      starting: false,
      what: `${name} is ${isKnown ? `in ${reason}${ofImage(reason, image)}` : "not ready"}${restartCount > 0 ? ` after ${restartCount} restarts` : ""}${ended}${saying(last?.message)}`,
      cause:
        last?.reason === "OOMKilled"
          ? "it needs more memory than its limit"
          : (waitingCauses[crashes ? "CrashLoopBackOff" : reason] ?? ""),
      cure: crashes ? `Look at \`kubectl --namespace ${namespace} logs ${name} --previous\`` : describe,
    };
  }
  return {
    starting: true,
    what: `${name} is ${status.reason ?? status.phase ?? "there"} but not ready`,
    cause: "it is still starting, or its probe fails",
    cure: `${describe} and at its log`,
  };
}

/** Users' namespaces have no login of the platform: its password would be theirs. */
function login(whose: "platform" | "workspace", describe: string): Pick<Trouble, "cause" | "cure"> {
  if (whose === "workspace") {
    return { cause: "the registry wants a login, and the node has none for it", cure: describe };
  }
  const set = ["username", "password"].map((field) => setCommand(["platform", "imagePull", field], `<${field}>`));
  const cure = `Run \`${set.join(" && ")}\`, then \`pulumi up\``;
  return { cause: "the registry wants a login, or refuses that of `platform.imagePull`", cure };
}

/** The image, where it is the trouble. */
function ofImage(reason: string, image: string | undefined): string {
  return image !== undefined && reason.includes("Image") ? ` of ${image}` : "";
}

/** The last line that a program wrote is most often the reason of its end. */
function saying(log = ""): string {
  const last = log.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return last === "" ? "" : `; it said: ${last.slice(0, 300)}`;
}

function age(moment: string | undefined, now: Date): number {
  return moment === undefined ? Infinity : now.getTime() - new Date(moment).getTime();
}

const hour = 3_600_000;

/** The container that was restarted within the last hour, and most often. */
export function recentRestart(pods: readonly Pod[], now: Date) {
  const all = pods.flatMap(({ metadata, status }) =>
    (status.containerStatuses ?? []).flatMap(({ restartCount, lastState }) => {
      const { finishedAt, reason, exitCode } = lastState?.terminated ?? {};
      if (restartCount === 0 || finishedAt === undefined) return [];
      if (age(finishedAt, now) > hour) return [];
      return [
        { pod: metadata.name, count: restartCount, at: finishedAt, reason: reason ?? `exit code ${exitCode ?? 0}` },
      ];
    }),
  );
  return all.toSorted((a, b) => b.count - a.count)[0];
}

/** How often containers of these pods were started again. */
export function restartsOf(pods: readonly Pod[]): number {
  const containers = pods.flatMap(({ status }) => status.containerStatuses ?? []);
  return containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
