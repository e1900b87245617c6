/**
 * What a part of the platform says about itself, once, as plain data: what of it can be told before anything runs. The
 * plan, the preflight, the doctor, DNS and the documents read it from here. Loads no SDK.
 */
import type { z } from "zod";

import type { KeptValue } from "./kept-value.ts";
import type { ObjectKey } from "./kubernetes/object-key.ts";

/** A Deployment or StatefulSet that must have all of its pods. */
export interface Workload {
  readonly kind: "deployments" | "statefulsets";
  readonly name: string;
  readonly replicas: number;
}

/** What a part runs, all in one namespace that is its own. */
export interface Running {
  /** Name of the doctor's step. */
  readonly key: string;
  /** As the rest of a sentence. @example "object store" */
  readonly name: string;
  readonly namespace: string;
  /** Empty for a part that only does something once. */
  readonly workloads: readonly Workload[];
  /** Where it keeps data that no other part has. @default nowhere */
  readonly data?: readonly DataVolume[];
}

/** The volume of each pod of a StatefulSet. */
export interface DataVolume {
  readonly statefulSet: string;
  /** Whose data it is, as the rest of a sentence. @example "Keycloak's database" */
  readonly name: string;
  /** The setting that describes it. */
  readonly setting: readonly string[];
  readonly size: string;
  /** @default the cluster's default class */
  readonly storageClass?: string | undefined;
}

/** A public host that the part answers at, through the platform's ingress controller. */
export interface PublicHost<Host extends string = string> {
  /** Name of the doctor's step. */
  readonly key: string;
  readonly host: Host;
  /** Who answers, as the rest of a sentence. */
  readonly name: string;
  /** A path that is served to everybody. */
  readonly path: string;
}

/**
 * A bucket of the object store that a part keeps its data in. The bucket, its policy and the account that may use it have
 * the same name.
 */
export interface ServiceBucket {
  readonly name: string;
  /** Whose pods use it: all of the namespace, which is the part's alone, with the ServiceAccount of this name. */
  readonly client: { readonly namespace: string; readonly workload: string };
}

/** What depends on the settings. */
export interface Declared<Host extends string = string> {
  readonly running: readonly Running[];
  readonly publicHosts: readonly PublicHost<Host>[];
  /** Objects outside of namespaces, with names that are the same in every stack. Namespaces of `running` are among them by themselves. */
  readonly clusterObjects: readonly ObjectKey[];
  /** Values that it makes once. */
  readonly keptValues: readonly KeptValue[];
  /** Buckets of its own. */
  readonly buckets: readonly ServiceBucket[];
}

/** A part, as `part` makes it. */
export interface Part<Key extends string, Schema extends z.ZodType, Host extends string> {
  /** Its key in the stack file. */
  readonly key: Key;
  readonly settings: Schema;
  /** Hosts of its own, which no other part asks for: names, and what each is called below the domain. Those that others know are in names.ts. */
  readonly hosts: Readonly<Record<Host, string>>;
  readonly declaredIn: (all: { readonly [K in Key]: z.infer<Schema> }) => Declared<Host | SharedHost>;
}

/** Nothing: what a part leaves out of {@link Declared}. */
const nothing: Declared<never> = { running: [], publicHosts: [], clusterObjects: [], keptValues: [], buckets: [] };

/** Hosts that several parts know: see `hostsOf`. */
export type SharedHost = "portal" | "identity" | "objectStore" | "objectStoreConsole";

/** Makes a part. `declares` gets the settings of its key, with defaults filled in. */
export function part<const Key extends string, Schema extends z.ZodType, const Host extends string = never>(given: {
  readonly key: Key;
  readonly settings: Schema;
  readonly hosts?: Readonly<Record<Host, string>>;
  readonly declares?: (settings: z.infer<Schema>) => Partial<Declared<Host | SharedHost>>;
}): Part<Key, Schema, Host> {
  const { key, settings, declares } = given;
  return {
    key,
    settings,
    hosts: given.hosts ?? ({} as Readonly<Record<Host, string>>),
    declaredIn: (all) => ({ ...nothing, ...declares?.(all[key]) }),
  };
}

/** A Deployment. */
export function deployment(name: string, replicas: number): Workload {
  return { kind: "deployments", name, replicas };
}

/** A StatefulSet. */
export function statefulSet(name: string, replicas: number): Workload {
  return { kind: "statefulsets", name, replicas };
}
