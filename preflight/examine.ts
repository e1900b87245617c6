import type { ExistingClusterSettings } from "../components/cluster/settings.ts";
import { ownerOf } from "../components/kubernetes/owner.ts";
import { namespaces } from "../components/names.ts";
import { Kubectl, KubectlError } from "../doctor/kubectl.ts";
import type { Charts } from "../stacks/charts.ts";
import { fixedObjects } from "../stacks/fixed-objects.ts";
import type { Settings } from "../stacks/settings.ts";
import { connectionObstacles, kubeconfigOf } from "./connection.ts";
import { foreignObstacles, type LiveObject, lostStateObstacles } from "./ownership.ts";
import type { Obstacle } from "./problem.ts";
import type { StateObjects } from "./state.ts";

/** What is looked at. */
export interface Subject {
  readonly stack: string;
  readonly settings: Settings;
  readonly charts: Charts;
  /** What the stack's state knows; it is read while the cluster answers. */
  readonly known: Promise<StateObjects>;
}

/** Where it is looked at from. */
export interface Place {
  /** Folder of the project. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What was found. */
export interface Findings {
  readonly obstacles: readonly Obstacle[];
  /** Why the cluster could not be asked; undefined if it was. */
  readonly notAsked: string | undefined;
}

/** In seconds. */
const timeout = 5;

/** Asks the cluster by `kubectl`, which knows every kind of kubeconfig, and costs the program no library. */
export async function examine(
  subject: Subject,
  place: Place,
  more: (kubectl: Kubectl) => Promise<readonly Obstacle[]> = () => Promise.resolve([]),
): Promise<Findings> {
  const { cluster } = subject.settings;
  // A cluster that the platform makes holds nothing of anybody else when it is new, and is in the state afterwards.
  if (cluster.kind === "eks") return { obstacles: [], notAsked: "the platform makes it" };
  const wrong = connectionObstacles(cluster, place.project);
  if (wrong.length > 0) return { obstacles: wrong, notAsked: "the way to it is wrong" };
  const kubectl = kubectlFor(cluster, place);
  try {
    // One request: what comes next asks several times where nobody answers.
    await kubectl.text("/version");
    return { obstacles: [...(await ownership(subject, kubectl)), ...(await more(kubectl))], notAsked: undefined };
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error;
    return { obstacles: [], notAsked: error.message };
  } finally {
    kubectl.close();
  }
}

function kubectlFor(cluster: ExistingClusterSettings, place: Place): Kubectl {
  const kubeconfig = () => Promise.resolve(kubeconfigOf(cluster));
  return new Kubectl({ kubeconfig, context: cluster.context, ...place, timeout });
}

async function ownership({ stack, settings, charts, known }: Subject, kubectl: Kubectl): Promise<Obstacle[]> {
  const names = fixedObjects(settings, charts).map(({ group, kind, name }) =>
    group === "" ? `${kind}/${name}` : `${kind}.${group}/${name}`,
  );
  const live = await kubectl.existing<LiveObject>(names);
  const owner = ownerOf(stack, settings.cluster.clusterIdentifier);
  const claim = { owner, known: await known, adopt: settings.platform.adopt };
  const dataPath = `/api/v1/namespaces/${namespaces.identity}/persistentvolumeclaims`;
  const hasData = async () => (await kubectl.get<{ items: readonly unknown[] }>(dataPath)).items.length > 0;
  return [...foreignObstacles(live, claim), ...(await lostStateObstacles(live, claim, hasData))];
}
