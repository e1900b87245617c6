/** Onyxia's own record of a service, beside helm's: who launched it from where, under which name for people. */
import type { Kubernetes } from "./kubernetes.ts";

export type ServiceRecord = Readonly<Partial<Record<"catalog" | "owner" | "friendlyName" | "share", string>>>;

function secretsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

function secretName(release: string): string {
  return `sh.onyxia.release.v1.${release}`;
}

/** Writes the record of a new service. helm's first revision owns it: it goes when that goes. */
export async function createRecord(
  kubernetes: Kubernetes,
  namespace: string,
  release: string,
  record: ServiceRecord,
): Promise<void> {
  const owner = await kubernetes.get(`${secretsPath(namespace)}/sh.helm.release.v1.${release}.v1`);
  if (owner === undefined) throw new Error(`${release}: helm has recorded no first revision`);
  const { name, uid } = owner.metadata;
  await kubernetes.create(secretsPath(namespace), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: secretName(release),
      ownerReferences: [{ apiVersion: "v1", kind: "Secret", name, uid, controller: true }],
    },
    type: "onyxia.sh/release.v1",
    data: encoded(record),
  });
}

/** Empty where there is none. */
export async function readRecord(kubernetes: Kubernetes, namespace: string, release: string): Promise<ServiceRecord> {
  const secret = await kubernetes.get(`${secretsPath(namespace)}/${secretName(release)}`);
  const data = (secret?.["data"] ?? {}) as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

export async function changeRecord(
  kubernetes: Kubernetes,
  namespace: string,
  release: string,
  change: ServiceRecord,
): Promise<void> {
  const secret = await kubernetes.get(`${secretsPath(namespace)}/${secretName(release)}`);
  if (secret === undefined) {
    await createRecord(kubernetes, namespace, release, change);
    return;
  }
  const metadata = { ...secret.metadata, managedFields: undefined };
  const data = { ...(secret["data"] as object | undefined), ...encoded(change) };
  await kubernetes.apply(secretsPath(namespace), { ...secret, metadata, data });
}

function encoded(record: ServiceRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}
