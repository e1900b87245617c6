import type { Running, Workload } from "../../../components/part.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, failed, type Finding, passed, type Step, warning } from "../step.ts";
import { type Job, type Pod, podTrouble, recentRestart, restartsOf, scheduleOf } from "../../../checks/kubectl/pods.ts";
import { rolloutOf, type WorkloadObject } from "./rollouts.ts";

interface List<T> {
  readonly items: readonly T[];
}

/** Replicas, pods and Jobs of one part. */
export function workloadStep(part: Running): Step {
  return {
    id: `pods:${part.key}`,
    title: `pods of ${part.name}`,
    hop: part.name,
    needs: ["cluster"],
    run: async (context) => {
      const { kubectl } = context;
      const pods = (await kubectl.get<List<Pod>>(`/api/v1/namespaces/${part.namespace}/pods`)).items;
      let doubt: Finding | undefined;
      const ready: string[] = [];
      const own = new Set<Pod>();
      for (const workload of part.workloads) {
        const state = await stateOf(context, part, workload, pods);
        if ("failure" in state) return failed(state.failure);
        doubt ??= state.doubt;
        ready.push(`${workload.name} ${state.ready}/${workload.replicas}`);
        for (const pod of state.pods) own.add(pod);
      }
      const { items: jobs } = await kubectl.get<List<Job>>(`/apis/batch/v1/namespaces/${part.namespace}/jobs`);
      const lost = lastRuns(jobs).find(({ status }) =>
        status.conditions?.some(({ type, status: is }) => type === "Failed" && is === "True"),
      );
      if (lost !== undefined) return failed(failedJob(part, lost));
      if (doubt !== undefined) return warning(doubt);
      const restarted = recentRestart([...own], context.now());
      const restarts = restartsOf([...own]);
      if (restarted === undefined)
        return passed(`${ready.join(", ")}${restarts === 0 ? "" : `; ${restarts} restarts`}`);
      return warning({
        problem: `${restarted.pod} has been restarted ${restarted.count} times, last at ${restarted.at}: ${restarted.reason}`,
        cause: "it ran out of memory, or its probe failed",
        cure: `Look at \`kubectl --namespace ${part.namespace} logs ${restarted.pod} --previous\``,
      });
    },
  };
}

type State =
  { readonly failure: Finding } | { readonly doubt?: Finding; readonly ready: number; readonly pods: readonly Pod[] };

/** How a workload is, with the pods of its own among all of the namespace. */
async function stateOf(
  { kubectl, now }: Context,
  { namespace }: Running,
  { kind, name, replicas }: Workload,
  all: readonly Pod[],
): Promise<State> {
  let object: WorkloadObject;
  try {
    object = await kubectl.get<WorkloadObject>(`/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
  } catch (error) {
    if (!(error instanceof KubectlError) || error.kind !== "not found") throw error;
    const failure = {
      problem: `${namespace} has no ${name} (${kind})`,
      cause: "the stack is not deployed completely, or somebody has deleted it",
      cure: "Run `pulumi up --refresh`",
    };
    return { failure };
  }
  const ready = object.status.readyReplicas ?? 0;
  const rollout = rolloutOf(object);
  const labels = Object.entries(object.spec.selector?.matchLabels ?? {});
  const pods = all.filter(({ metadata }) => labels.every(([label, value]) => metadata.labels?.[label] === value));
  if (ready >= replicas && rollout === "complete") return { ready, pods };
  const troubles = pods.flatMap((pod) => podTrouble(pod, now()) ?? []);
  const trouble = troubles.find(({ starting }) => !starting) ?? troubles[0];
  const cure = trouble?.cure ?? `Look at \`kubectl --namespace ${namespace} describe ${kind} ${name}\``;
  if (ready >= replicas) {
    const old = "pods of the version before still answer";
    if (rollout === "running" && trouble?.starting !== false) {
      const problem = `A new version of ${name} is starting; ${old}`;
      const doubt = { problem, cause: "it was changed a moment ago", cure: "Run the doctor again in a minute" };
      return { doubt, ready, pods };
    }
    const problem = `The new version of ${name} does not start${trouble === undefined ? "" : `: ${trouble.what}`}; ${old}`;
    return { failure: { problem, cause: trouble?.cause ?? "its pods cannot be made", cure } };
  }
  const scaled = object.spec.replicas ?? 1;
  const failure = {
    problem: `${ready} of ${replicas} pods of ${name} are ready${trouble === undefined ? "" : `; ${trouble.what}`}`,
    cause:
      trouble?.cause ?? (scaled < replicas ? `somebody has scaled it to ${scaled}` : "its pods are still starting"),
    cure,
  };
  return { failure };
}

/** Of each CronJob the last run alone: what failed before has been made up for. */
function lastRuns(jobs: readonly Job[]): Job[] {
  const age = ({ metadata }: Job) => metadata.creationTimestamp ?? "";
  const isLast = (job: Job) => {
    const schedule = scheduleOf(job);
    return schedule === undefined || !jobs.some((other) => scheduleOf(other) === schedule && age(other) > age(job));
  };
  return jobs.filter(isLast);
}

function failedJob({ namespace }: Running, job: Job): Finding {
  const { metadata, status } = job;
  const message = status.conditions?.find(({ type }) => type === "Failed")?.message ?? "";
  const schedule = scheduleOf(job);
  const problem = `The Job ${metadata.name} has failed: ${message}`;
  if (schedule !== undefined) {
    const again = `kubectl --namespace ${namespace} create job ${schedule}-again --from=cronjob/${schedule}`;
    return {
      problem,
      cause: `what the CronJob ${schedule} looks after is not as it should be, or could not be reached`,
      cure: `Look at \`kubectl --namespace ${namespace} logs job/${metadata.name}\`, mend what it says, and let it run again: \`${again}\``,
    };
  }
  return {
    problem,
    cause: "the part that it sets up did not answer, or refused what it was told",
    cure: `Look at \`kubectl --namespace ${namespace} logs job/${metadata.name}\`, then run \`pulumi up --refresh\``,
  };
}
