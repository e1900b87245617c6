/** Which resources hold data, and what becomes of it. */
import { deletionPolicyName } from "../../components/data-protection/deletion-policy.ts";
import type { Resource } from "./plan.ts";

/** Data that a switch destroys, or leaves behind where nobody looks for it. */
export interface DataLoss {
  readonly resource: Resource;
  /** What it holds, as a person says it. */
  readonly holds: string;
  /** What happens to that. */
  readonly consequence: string;
}

/** Types of resources that hold data, and what a person calls it. */
const holders: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:PersistentVolumeClaim": "a volume",
  "aws:s3/bucket:Bucket": "objects",
  "aws:s3/bucketV2:BucketV2": "objects",
  "aws:efs/fileSystem:FileSystem": "home directories",
  "aws:ebs/volume:Volume": "a volume",
  "aws:rds/instance:Instance": "a database",
  "aws:rds/cluster:Cluster": "a database",
  "aws:route53/zone:Zone": "the domain's records; a new zone has other name servers, which your registrar must name",
  "aws:kms/key:Key": "the key of encrypted data",
  "aws:eks/cluster:Cluster": "everything in the cluster, with the volumes of users' services",
  "tls:index/privateKey:PrivateKey": "the key of an authority that people's machines may trust",
};

const otherwiseProtected = "what the program protects";
const claimTemplates = "kubernetes:apps/v1:StatefulSet";
const namespaceType = "kubernetes:core/v1:Namespace";

/** Data that is lost: what a person would name first, and of that the protected. */
export function dataLosses(resources: readonly Resource[]): DataLoss[] {
  const gone = resources.filter(({ fate }) => fate === "removed" || fate === "replaced");
  const namespaces = new Set(gone.filter(({ type }) => type === namespaceType).map(({ before }) => nameIn(before)));
  return gone
    .flatMap((resource) => {
      const holds = held(resource);
      return holds === undefined ? [] : [{ resource, holds, consequence: consequenceOf(resource, namespaces) }];
    })
    .toSorted((a, b) => rank(b) - rank(a));
}

/** Namespaces and passwords are protected too, but can be made again. */
function rank({ resource, holds }: DataLoss): number {
  return (holds === otherwiseProtected ? 0 : 2) + Number(resource.protected);
}

/**
 * Whether AWS refuses to delete it as long as the program says so, or the API server refuses what it guards: the rule would
 * go only a moment before what it holds.
 */
export function isGuardedOutside(resource: Resource): boolean {
  const { type, before } = resource;
  if (type.startsWith("aws:")) return before["deletionProtection"] === true || before["forceDestroy"] === false;
  const { policyName, validationActions } = specOf(resource);
  return policyName === deletionPolicyName && Array.isArray(validationActions) && validationActions.includes("Deny");
}

function held(resource: Resource): string | undefined {
  if (resource.type === claimTemplates) {
    const claims = (specOf(resource)["volumeClaimTemplates"] as unknown[] | undefined) ?? [];
    if (claims.length > 0) return "volumes";
  }
  return holders[resource.type] ?? (resource.protected ? otherwiseProtected : undefined);
}

function consequenceOf(resource: Resource, goneNamespaces: ReadonlySet<string | undefined>): string {
  const { fate, type, before } = resource;
  if (type !== claimTemplates) return fate === "removed" ? "is deleted" : "is deleted, and a new one is made empty";
  const { namespace } = before["metadata"] as { namespace?: string };
  if (goneNamespaces.has(namespace)) return `are deleted, with the namespace ${namespace ?? ""}`;
  const { whenDeleted } = (specOf(resource)["persistentVolumeClaimRetentionPolicy"] ?? {}) as { whenDeleted?: string };
  if (whenDeleted === "Delete") return "are deleted";
  return fate === "removed"
    ? "stay, as claims that nothing uses"
    : "stay in the cluster, and a set of the same name takes them up again";
}

function specOf({ before }: Resource): Readonly<Record<string, unknown>> {
  return (before["spec"] ?? {}) as Record<string, unknown>;
}

function nameIn(inputs: Resource["before"]): string | undefined {
  return (inputs["metadata"] as { name?: string } | undefined)?.name;
}
