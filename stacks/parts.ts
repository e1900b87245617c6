/** The parts of the platform, each with its key of the stack file, in the order of the documents. The graph is in datalab.ts. */
import type { z } from "zod";

import { aws } from "../components/aws/part.ts";
import { basicJupyter } from "../components/basic-jupyter/part.ts";
import { catalogue } from "../components/catalogue/part.ts";
import { certificates } from "../components/certificates/part.ts";
import { cluster } from "../components/cluster/part.ts";
import { dns } from "../components/dns/part.ts";
import { identity } from "../components/identity/part.ts";
import { ingress } from "../components/ingress/part.ts";
import { namespaceKey } from "../components/kubernetes/cluster-objects.ts";
import { objectStore } from "../components/object-store/part.ts";
import { placeKeptValue } from "../components/object-store/service-places.ts";
import type { Declared, PublicHost, SharedHost } from "../components/part.ts";
import { notebooks } from "../components/notebooks/part.ts";
import { packages } from "../components/packages/part.ts";
import { portal } from "../components/portal/part.ts";
import { platform } from "./settings/platform.ts";

export const parts = [
  platform,
  aws,
  cluster,
  dns,
  ingress,
  certificates,
  identity,
  objectStore,
  packages,
  catalogue,
  basicJupyter,
  notebooks,
  portal,
] as const;

export type AnyPart = (typeof parts)[number];

/** Names of the public hosts. */
export type HostName = SharedHost | OwnHost;
type OwnHost = { [P in AnyPart as P["key"]]: keyof P["hosts"] & string }[AnyPart["key"]];

/** What the schemas of the parts give. */
type PartSettings = { readonly [P in AnyPart as P["key"]]: z.infer<P["settings"]> };

/** What all parts say about themselves. */
export function declaredBy(settings: PartSettings): Declared<HostName> {
  const all = parts.map((part) => part.declaredIn(settings));
  const running = all.flatMap((declared) => declared.running);
  const buckets = all.flatMap((declared) => declared.buckets);
  return {
    running,
    publicHosts: all.flatMap<PublicHost<HostName>>((declared) => declared.publicHosts),
    clusterObjects: [
      ...running.map(({ namespace }) => namespaceKey(namespace)),
      ...all.flatMap((declared) => declared.clusterObjects),
    ],
    keptValues: [
      ...all.flatMap((declared) => declared.keptValues),
      // AWS's buckets are opened without a key.
      ...(settings.objectStore.kind === "minio" ? buckets.map(placeKeptValue) : []),
    ],
    buckets,
  };
}

/** The hosts that one part alone knows. */
export function ownHosts(domain: string): Readonly<Record<OwnHost, string>> {
  const labels = parts.flatMap(({ hosts }) => Object.entries<string>(hosts));
  return Object.fromEntries(labels.map(([name, label]) => [name, `${label}.${domain}`])) as Record<OwnHost, string>;
}
