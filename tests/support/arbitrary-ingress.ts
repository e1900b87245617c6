/** Random ways in, as a person could have written them. */
import fc from "fast-check";

import type { Combination } from "../../stacks/settings/switches.ts";
import { cidr, label, resources, some } from "./arbitrary-values.ts";

const traefik = some({
  replicas: fc.integer({ min: 1, max: 3 }),
  resources,
  serviceType: fc.constantFrom("LoadBalancer", "NodePort", "HostPort"),
  nodePorts: fc.constant({ http: 30080, https: 30443 }),
  publicPort: fc.constantFrom(443, 8443, 30443),
  serviceAnnotations: fc.dictionary(label, label),
  externalTrafficPolicy: fc.constantFrom("Local", "Cluster"),
  proxyProtocolFrom: fc.uniqueArray(cidr),
})
  .map(({ nodePorts, externalTrafficPolicy, ...settings }) => ({
    kind: "traefik",
    ...settings,
    // Neither has a meaning where visitors come to the pods themselves.
    ...(settings.serviceType === "HostPort" ? {} : withoutAbsent({ nodePorts, externalTrafficPolicy })),
  }))
  .chain((settings) => visitors(["10.42.0.0/16"]).map((list) => ({ ...settings, ...list })));

/** Lists compare visitors' own addresses. */
function visitors(podNetworks: readonly string[] | undefined): fc.Arbitrary<Record<string, unknown>> {
  const list = fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 });
  const pods = podNetworks === undefined ? {} : { podNetworks };
  return fc
    .option(list)
    .map((found) => (found === null ? {} : { visitors: found, externalTrafficPolicy: "Local", ...pods }));
}

function withoutAbsent(settings: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

export const existingIngress = label.map((className) => ({
  kind: "existing",
  className,
  namespace: "ingress-system",
  address: "192.0.2.1",
  clusterIp: "10.43.0.1",
}));

export function traefikOf({ cluster, dns, objectStore }: Combination): fc.Arbitrary<Record<string, unknown>> {
  const replicas = fc.integer({ min: 1, max: 3 });
  if (cluster === "eks") {
    const own = fc.tuple(replicas, visitors(undefined), fc.boolean());
    return own.map(([count, list, internal]) => ({ kind: "traefik", replicas: count, ...list, internal }));
  }
  return traefik.map((settings) => ({
    ...settings,
    // Records need an address to lead to, and AWS asks at the usual port.
    ...(dns === "route53" ? { serviceType: "LoadBalancer" } : {}),
    ...(objectStore === "s3" ? { publicPort: 443 } : {}),
  }));
}
