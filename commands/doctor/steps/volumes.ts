import type { Running } from "../../../components/part.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, failed, type Finding, passed, type Step, warning } from "../step.ts";
import type { Pod } from "../../../checks/kubectl/pods.ts";

interface Claim {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly storageClassName?: string };
  readonly status: { readonly phase?: string };
}

/** What a kubelet measures. @see https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source */
export interface NodeStats {
  readonly pods?: readonly {
    readonly volume?: readonly {
      readonly pvcRef?: { readonly name: string; readonly namespace: string };
      readonly usedBytes?: number;
      readonly capacityBytes?: number;
      readonly inodesUsed?: number;
      readonly inodes?: number;
    }[];
  }[];
}

/** Shares of a volume, in percent. */
const full = 95;
const nearlyFull = 80;

/** Whether claims have their volumes, and how full those are. */
export function volumeStep(part: Running): Step {
  const { key, name, namespace } = part;
  return {
    id: `volumes:${key}`,
    title: `volumes of ${name}`,
    hop: name,
    needs: ["cluster"],
    run: async (context) => {
      const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
      const { items: claims } = await context.kubectl.get<{ items: Claim[] }>(path);
      const unbound = claims.find(({ status }) => status.phase !== "Bound");
      if (unbound !== undefined) return failed(unboundFinding(part, unbound));
      if (claims.length === 0) return passed("none");
      const used = await usage(context, namespace);
      if (typeof used === "string") return passed(`${claims.length} bound; how full is not known: ${used}`);
      const worst = fullest(used, namespace);
      if (worst === undefined) return passed(`${claims.length} bound; no node says how full`);
      if (worst.percent < nearlyFull)
        return passed(`${claims.length} bound, ${worst.percent} % of ${worst.claim} used`);
      const finding = {
        problem: `The volume of ${worst.claim} is ${worst.percent} % full${worst.of}`,
        cause: "more was stored than it was made for",
        cure: "Delete what is not needed, or enlarge the claim if its StorageClass allows it",
      };
      return worst.percent >= full ? failed(finding) : warning(finding);
    },
  };
}

function unboundFinding({ namespace }: Running, { metadata, spec, status }: Claim): Finding {
  return {
    problem: `The claim ${metadata.name} has no volume, it is ${status.phase ?? "new"}`,
    cause: `nothing makes volumes of the StorageClass ${spec.storageClassName ?? "that is the default, and there is none"}`,
    cure: `Look at \`kubectl --namespace ${namespace} describe persistentvolumeclaim ${metadata.name}\``,
  };
}

/** Statistics of the nodes that the namespace's pods are on, or why there are none. */
async function usage({ kubectl }: Context, namespace: string): Promise<NodeStats[] | string> {
  const { items: pods } = await kubectl.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
  const nodes = [...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))].toSorted();
  try {
    return await Promise.all(nodes.map((node) => kubectl.get<NodeStats>(`/api/v1/nodes/${node}/proxy/stats/summary`)));
  } catch (error) {
    // Many clusters let nobody ask the nodes; the rest of the step holds without it.
    if (error instanceof KubectlError) return error.message;
    throw error;
  }
}

/** The volume with the least room, in bytes or in files. */
export function fullest(stats: readonly NodeStats[], namespace: string) {
  const volumes = stats
    .flatMap(({ pods = [] }) => pods.flatMap(({ volume = [] }) => volume))
    .flatMap(({ pvcRef, usedBytes = 0, capacityBytes = 0, inodesUsed = 0, inodes = 0 }) => {
      if (pvcRef?.namespace !== namespace) return [];
      const bytes = share(usedBytes, capacityBytes);
      const files = share(inodesUsed, inodes);
      const percent = Math.max(bytes, files);
      return [{ claim: pvcRef.name, percent, of: files > bytes ? ", counted in files" : "" }];
    });
  return volumes.toSorted((a, b) => b.percent - a.percent)[0];
}

function share(used: number, all: number): number {
  return all === 0 ? 0 : Math.round((100 * used) / all);
}
