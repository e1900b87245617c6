import { describe, expect, it } from "@jest/globals";

import { hostPorts, podSecurityOf } from "../../components/ingress/host-ports.ts";
import { ingressSettings, type TraefikSettings } from "../../components/ingress/settings.ts";
import { deployment } from "../../components/ingress/traefik.ts";
import { service } from "../../components/ingress/traefik-service.ts";
import {
  hostPortObstacles,
  type NodeOfTheCluster,
  type PodOfTheCluster,
  takesHostPorts,
} from "../../checks/preflight/host-ports.ts";

const settingsOf = (given: object = {}) => ingressSettings.parse({ kind: "traefik", ...given }) as TraefikSettings;
const hosted = settingsOf({ serviceType: "HostPort" });

interface Pods {
  readonly strategy?: object;
  readonly template: { readonly spec: { readonly containers: readonly [{ readonly ports: readonly object[] }] } };
}

const podsOf = (settings: TraefikSettings) => deployment(settings, "traefik").spec as unknown as Pods;

describe("a controller at the ports of its nodes", () => {
  it("takes 80 and the port of the addresses, and leaves the health checks inside", () => {
    const ports = (settings: TraefikSettings) => podsOf(settings).template.spec.containers[0].ports;
    expect(ports(hosted)).toEqual([
      { name: "http", containerPort: 8000, hostPort: 80 },
      { name: "https", containerPort: 8443, hostPort: 443 },
      { name: "health", containerPort: 8080 },
    ]);
    expect(ports({ ...hosted, publicPort: 8443 })).toContainEqual({
      name: "https",
      containerPort: 8443,
      hostPort: 8443,
    });
    for (const other of ["LoadBalancer", "NodePort"]) {
      expect(JSON.stringify(ports(settingsOf({ serviceType: other })))).not.toContain("hostPort");
    }
  });

  it("gives the ports up before the next pod wants them", () => {
    const rollingUpdate = { maxSurge: 0, maxUnavailable: 1 };
    expect(podsOf(hosted).strategy).toEqual({ type: "RollingUpdate", rollingUpdate });
    expect(podsOf(settingsOf())).not.toHaveProperty("strategy");
    expect(hostPorts(settingsOf()).rollout).toEqual({});
  });

  it("needs a namespace that allows them, and others do not", () => {
    expect(podSecurityOf(hosted)).toBe("privileged");
    for (const serviceType of ["LoadBalancer", "NodePort"] as const) {
      expect(podSecurityOf({ serviceType })).toBe("restricted");
    }
  });

  it("has a Service for pods alone, which waits for no address", () => {
    expect(service(hosted)).toMatchObject({
      metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { type: "ClusterIP" },
    });
    // The API server takes it only where a Service is reached from outside.
    expect(service(hosted).spec).not.toHaveProperty("externalTrafficPolicy");
  });
});

describe("the preflight, for ports of nodes,", () => {
  const node = (name: string, unschedulable = false): NodeOfTheCluster => ({
    metadata: { name },
    spec: { unschedulable },
  });
  const pod = (namespace: string, name: string, nodeName: string, ...hostPort: number[]): PodOfTheCluster => ({
    metadata: { namespace, name },
    spec: { nodeName, containers: [{}, { ports: hostPort.map((port) => ({ hostPort: port })) }] },
  });
  const bundled = pod("kube-system", "svclb-traefik-1a2b-xyz", "a", 80, 443);

  it("names who holds them, and how many nodes are left", () => {
    const [obstacle] = hostPortObstacles(hosted, [bundled, pod("web", "site", "b", 443, 8080)], [node("a"), node("b")]);
    expect(obstacle).toEqual({
      message:
        "The ingress controller needs a node with free ports 80 and 443; there are 0. Ports are held by kube-system/svclb-traefik-1a2b-xyz (80 and 443 of a), web/site (443 of b).",
      cures: [
        "Start k3s with `--disable=traefik`: the platform brings its own.",
        "Have whoever owns those pods give the ports up.",
        "pulumi config set --path 'datalab:ingress.serviceType' 'NodePort'   # with a load balancer of your own before it",
      ],
    });
  });

  it("wants as many nodes as there are pods", () => {
    const two = { ...hosted, replicas: 2 };
    expect(hostPortObstacles(two, [], [node("a"), node("b")])).toEqual([]);
    const [obstacle] = hostPortObstacles(two, [], [node("a"), node("b", true)]);
    expect(obstacle?.message).toBe("The ingress controller needs 2 nodes with free ports 80 and 443; there is 1.");
    expect(obstacle?.cures[0]).toBe("pulumi config set --path 'datalab:ingress.replicas' '1'");
  });

  it("says nothing where a node is left, of other ports, of pods that ended, and of the controller's own", () => {
    const others = [
      bundled,
      pod("web", "metrics", "b", 9100),
      { ...pod("web", "done", "b", 443), status: { phase: "Succeeded" } },
      pod("datalab-ingress", "traefik-1", "b", 80, 443),
    ];
    expect(hostPortObstacles(hosted, others, [node("a"), node("b")])).toEqual([]);
    expect(hostPortObstacles({ ...hosted, publicPort: 9100 }, others, [node("b")])).toHaveLength(1);
  });

  it("leaves ports of UDP to whoever has them", () => {
    const spec = { nodeName: "a", containers: [{ ports: [{ hostPort: 443, protocol: "UDP" }] }] };
    expect(hostPortObstacles(hosted, [{ ...bundled, spec }], [node("a")])).toEqual([]);
  });

  it("asks for nothing where the way in is another", () => {
    expect(takesHostPorts(hosted)).toBe(true);
    expect(takesHostPorts(settingsOf())).toBe(false);
    expect(hostPortObstacles(settingsOf(), [bundled], [node("a")])).toEqual([]);
  });
});
