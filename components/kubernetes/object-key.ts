/** What tells objects of a cluster apart. */
export interface ObjectKey {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Undefined for what lies in no namespace. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The key as one text, for maps. */
export function textOf({ group, kind, namespace, name }: ObjectKey): string {
  return `${kind}.${group}/${namespace ?? ""}/${name}`;
}

/** The group of an object's `apiVersion`, such as `apps/v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

/** Group and kind of one of Pulumi's types, such as `kubernetes:apps/v1:Deployment`. */
export function kindOf(type: string): Pick<ObjectKey, "group" | "kind"> {
  const [, version = "", kind = ""] = type.split(":");
  const [group = ""] = version.split("/");
  return { group: group === "core" ? "" : group, kind };
}
