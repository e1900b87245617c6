import type { ExistingClusterSettings } from "../../components/cluster/settings.ts";
import { ownerOf } from "../../components/kubernetes/owner.ts";
import { namespaces } from "../../components/names.ts";
import { kubeconfigOf } from "../kubectl/kubeconfig.ts";
import { Kubectl, KubectlError } from "../kubectl/kubectl.ts";
import type { Place } from "../kubectl/kubeconfig.ts";
import type { Charts } from "../../stacks/charts.ts";
import { fixedObjects } from "../../stacks/fixed-objects.ts";
import type { Plan } from "../../stacks/plan.ts";
import { connectionObstacles } from "./connection.ts";
import { foreignObstacles, type LiveObject, lostStateObstacles } from "./ownership.ts";
import type { Obstacle } from "./problem.ts";
import type { StackState } from "./state.ts";
import { volumes } from "./volumes.ts";

/** What is looked at. */
export interface Subject {
  readonly stack: string;
  readonly plan: Plan;
  readonly charts: Charts;
  /** What the stack's state knows. Asked for when the cluster has answered. */
  readonly known: () => Promise<StackState>;
}

/** What was found. */
export interface Findings {
  readonly obstacles: readonly Obstacle[];
  /** Why the cluster could not be asked; undefined if it was. */
  readonly notAsked: string | undefined;
}

export interface ExamineOptions {
  /** How long the cluster may take for an answer, in seconds. */
  readonly timeout: number;
  /** What else is looked at, with what the cluster says of its version. @default nothing */
  readonly more?: (kubectl: Kubectl, version: string) => Promise<readonly Obstacle[]>;
}

/** Asks the cluster by `kubectl`, which knows every kind of kubeconfig, and costs the program no library. */
export async function examine(subject: Subject, place: Place, { timeout, more }: ExamineOptions): Promise<Findings> {
  const { cluster } = subject.plan;
  // A cluster that the platform makes holds nothing of anybody else when it is new, and is in the state afterwards.
  if (cluster.kind === "eks") return { obstacles: [], notAsked: "the platform makes it" };
  const wrong = connectionObstacles(cluster, place);
  if (wrong.length > 0) return { obstacles: wrong, notAsked: "the way to it is wrong" };
  const kubectl = kubectlFor(cluster, { ...place, timeout });
  const obstacles: Obstacle[] = [];
  try {
    // One request: what comes next asks several times where nobody answers.
    const version = await kubectl.text("/version");
    obstacles.push(...(await ownership(subject, kubectl)));
    obstacles.push(...(await volumes(subject.plan, kubectl, subject.stack)));
    obstacles.push(...((await more?.(kubectl, version)) ?? []));
    return { obstacles, notAsked: undefined };
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    return { obstacles, notAsked: error.message };
  } finally {
    kubectl.close();
  }
}

function kubectlFor(cluster: ExistingClusterSettings, place: Place & { readonly timeout: number }): Kubectl {
  const kubeconfig = kubeconfigOf(cluster, place.environment);
  return new Kubectl({ kubeconfig: () => Promise.resolve(kubeconfig), context: cluster.context, ...place });
}

async function ownership({ stack, plan, charts, known }: Subject, kubectl: Kubectl): Promise<Obstacle[]> {
  const names = fixedObjects(plan, charts).map(({ group, kind, name }) =>
    group === "" ? `${kind}/${name}` : `${kind}.${group}/${name}`,
  );
  const live = await kubectl.existing<LiveObject>(names);
  const owner = ownerOf(stack, plan.cluster.clusterIdentifier);
  const { objects, hasPasswords } = await known();
  const claim = { owner, known: objects, adopt: plan.platform.adopt };
  const dataPath = `/api/v1/namespaces/${namespaces.identity}/persistentvolumeclaims`;
  const hasData = async () => (await kubectl.get<{ items: readonly unknown[] }>(dataPath)).items.length > 0;
  return [
    ...foreignObstacles(live, claim),
    ...(await lostStateObstacles(live, { stack, owner, hasPasswords }, hasData)),
  ];
}
