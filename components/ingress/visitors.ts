/** Who may come in, as Traefik decides it: by the address that a connection comes from. */
import type * as k8s from "@pulumi/kubernetes";

import { labelsFor } from "../kubernetes/labels.ts";
import { namespaces } from "../names.ts";
import { controllerName, redirectPriority } from "./traefik-arguments.ts";

/** Who may ask for what. */
export interface Visitors {
  /** Networks from which everything may be asked for. */
  readonly networks: readonly string[];
  /** Networks of the cluster's pods, which call the public hosts from inside. */
  readonly pods: readonly string[];
  /** What everybody may ask for. @default nothing */
  readonly open?: PublicPaths | undefined;
}

/** Some paths of one host. */
export interface PublicPaths {
  readonly host: string;
  readonly paths: readonly string[];
}

/**
 * What AWS asks a realm for before it believes a token: where the keys are, and the keys. Both are meant for everybody.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
export function realmKeys(host: string, realm: string): PublicPaths {
  const below = ["/.well-known/openid-configuration", "/protocol/openid-connect/certs"];
  return { host, paths: below.map((path) => `/realms/${realm}${path}`) };
}

/** Networks of all who may connect; undefined where everybody must be able to, for the sake of what is open. */
export function connecting({ networks, pods, open }: Visitors): string[] | undefined {
  return open === undefined ? [...new Set([...networks, ...pods])].toSorted() : undefined;
}

const folder = "/etc/traefik/visitors";
const file = "visitors.yml";
export const visitorsName = `${controllerName}-visitors`;

/** Traefik takes routers of its own from a file alone. It is read once: pods are made anew when it changes. */
export const visitorsArguments = [`--providers.file.filename=${folder}/${file}`, "--providers.file.watch=false"];

export const visitorsMount: k8s.types.input.core.v1.VolumeMount = {
  name: "visitors",
  mountPath: folder,
  readOnly: true,
};

export const visitorsVolume: k8s.types.input.core.v1.Volume = { name: "visitors", configMap: { name: visitorsName } };

export function visitorsConfigMap(visitors: Visitors): k8s.core.v1.ConfigMapArgs {
  return {
    metadata: { name: visitorsName, namespace: namespaces.ingress, labels: labelsFor(visitorsName) },
    data: { [file]: JSON.stringify(visitorsConfiguration(visitors), null, 2) },
  };
}

const first = redirectPriority + 1;

/**
 * One router before all others. It takes what strangers ask for and turns it away; what it does not match goes its usual way.
 * A middleware of the entry point would hold for all routers: none could be left open.
 */
export function visitorsConfiguration({ networks, pods, open }: Visitors): object {
  const known = [...new Set([...networks, ...pods])].toSorted();
  const rule = [
    ...known.map((network) => `!ClientIP(\`${network}\`)`),
    ...(open === undefined ? [] : [`!(Host(\`${open.host}\`) && (${open.paths.map(path).join(" || ")}))`]),
  ].join(" && ");
  // The router answers nobody itself: whoever gets past its list, which is nobody, would see `noop`.
  const router = { rule, priority: first, service: "noop@internal", middlewares: ["visitors"] };
  return {
    http: {
      routers: {
        strangers: { ...router, entryPoints: ["web"] },
        "strangers-tls": { ...router, entryPoints: ["websecure"], tls: {} },
      },
      middlewares: { visitors: { ipAllowList: { sourceRange: known } } },
    },
  };
}

function path(of: string): string {
  return `Path(\`${of}\`)`;
}
