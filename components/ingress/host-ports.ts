/** `serviceType: HostPort`: visitors come to the nodes' own ports, where a pod of the controller takes them. */
import type { PodSecurityLevel } from "../kubernetes/namespace.ts";
import type { TraefikSettings } from "./settings.ts";

type WayIn = Pick<TraefikSettings, "serviceType" | "publicPort">;

/** What the pods and their rollout get of it; nothing for other ways in. */
export function hostPorts({ serviceType, publicPort }: WayIn) {
  if (serviceType !== "HostPort") return { rollout: {}, port: () => ({}) };
  const taken: Readonly<Record<string, number>> = { http: 80, https: publicPort };
  return {
    // A node has each port once: the new pod can only come when an old one has gone.
    rollout: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
    port: (name: string) => (taken[name] === undefined ? {} : { hostPort: taken[name] }),
  };
}

/**
 * Levels below the last one allow no pod a port of its node. The controller's pods keep all else that they ask for.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 */
export function podSecurityOf({ serviceType }: Pick<WayIn, "serviceType">): PodSecurityLevel {
  return serviceType === "HostPort" ? "privileged" : "restricted";
}
