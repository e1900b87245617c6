import type { Part, Workload } from "../expectations.ts";
import { KubectlError } from "../kubectl.ts";
import { type Context, failed, type Finding, passed, type Step, warning } from "../step.ts";
import { type Job, type Pod, podTrouble, recentRestart } from "./pods.ts";

interface List<T> {
  readonly items: readonly T[];
}

/** Replicas, pods and Jobs of one part. */
export function workloadStep(part: Part): Step {
  return {
    id: `pods:${part.key}`,
    title: `pods of ${part.name}`,
    hop: part.name,
    needs: ["cluster"],
    run: async (context) => {
      const { kubectl } = context;
      const pods = (await kubectl.get<List<Pod>>(`/api/v1/namespaces/${part.namespace}/pods`)).items;
      for (const workload of part.workloads) {
        const finding = await workloadFinding(context, part, workload, pods);
        if (finding !== undefined) return failed(finding);
      }
      const { items: jobs } = await kubectl.get<List<Job>>(`/apis/batch/v1/namespaces/${part.namespace}/jobs`);
      const lost = jobs.find(({ status }) =>
        status.conditions?.some(({ type, status: is }) => type === "Failed" && is === "True"),
      );
      if (lost !== undefined) return failed(failedJob(part, lost));
      const restarted = recentRestart(pods, context.now());
      if (restarted === undefined) return passed(`${pods.length} pods`);
      return warning({
        problem: `${restarted.pod} has been restarted ${restarted.count} times, last at ${restarted.at}: ${restarted.reason}`,
        cause: "it ran out of memory, or its probe failed",
        cure: `Look at \`kubectl --namespace ${part.namespace} logs ${restarted.pod} --previous\``,
      });
    },
  };
}

interface WorkloadObject {
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly readyReplicas?: number };
}

async function workloadFinding(
  { kubectl }: Context,
  { namespace }: Part,
  { kind, name, replicas }: Workload,
  pods: readonly Pod[],
): Promise<Finding | undefined> {
  let object: WorkloadObject;
  try {
    object = await kubectl.get<WorkloadObject>(`/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`);
  } catch (error) {
    if (!(error instanceof KubectlError) || error.kind !== "not found") throw error;
    return {
      problem: `${namespace} has no ${name} (${kind})`,
      cause: "the stack is not deployed completely, or somebody has deleted it",
      cure: "Run `pulumi up --refresh`",
    };
  }
  const ready = object.status.readyReplicas ?? 0;
  if (ready >= replicas) return undefined;
  const trouble = pods
    .filter((pod) => pod.metadata.name.startsWith(`${name}-`))
    .flatMap((pod) => podTrouble(pod) ?? [])[0];
  const scaled = object.spec.replicas ?? 1;
  return {
    problem: `${ready} of ${replicas} pods of ${name} are ready${trouble === undefined ? "" : `; ${trouble.what}`}`,
    cause:
      trouble?.cause ?? (scaled < replicas ? `somebody has scaled it to ${scaled}` : "its pods are still starting"),
    cure: trouble?.cure ?? `Look at \`kubectl --namespace ${namespace} describe ${kind} ${name}\``,
  };
}

function failedJob({ namespace }: Part, { metadata, status }: Job): Finding {
  const message = status.conditions?.find(({ type }) => type === "Failed")?.message ?? "";
  return {
    problem: `The Job ${metadata.name} has failed: ${message}`,
    cause: "the part that it sets up did not answer, or refused what it was told",
    cure: `Look at \`kubectl --namespace ${namespace} logs job/${metadata.name}\`, then run \`pulumi up --refresh\``,
  };
}
