import { describe, expect, it } from "@jest/globals";

import { type ClusterState, type NetworkPolicy, type Pod, selects } from "../../testbed/node/network-policy/objects.ts";
import { rulesetOf } from "../../testbed/node/network-policy/ruleset.ts";

const web = pod("a", "web", "10.244.0.2", { app: "web" }, [{ name: "http", containerPort: 8080 }]);
const db = pod("a", "db", "10.244.0.3", { app: "db" });
const guest = pod("b", "guest", "10.244.0.4", { app: "guest" });

function pod(
  namespace: string,
  name: string,
  podIP: string,
  labels: Record<string, string>,
  ports: { name: string; containerPort: number }[] = [],
): Pod {
  return {
    metadata: { namespace, name, labels },
    spec: { containers: [{ ports }] },
    status: { podIP, phase: "Running" },
  };
}

function ruleset(...policies: NetworkPolicy["spec"][]): string {
  const state: ClusterState = {
    pods: [web, db, guest],
    namespaces: ["a", "b"].map((name) => ({ metadata: { name, labels: { "kubernetes.io/metadata.name": name } } })),
    policies: policies.map((spec, index) => ({ metadata: { namespace: "a", name: `policy-${index}` }, spec })),
  };
  return rulesetOf(state);
}

/** Lines of one chain. */
function chain(text: string, name: string): string[] | undefined {
  const body = new RegExp(`chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n {2}\\}`).exec(text)?.[1];
  return body?.split("\n").map((line) => line.trim());
}

describe("rules for NetworkPolicies", () => {
  it("leave pods alone that no policy selects", () => {
    const text = ruleset({ podSelector: { matchLabels: { app: "db" } }, policyTypes: ["Ingress"] });
    expect(chain(text, "ingress")).toEqual(["ip daddr 10.244.0.3 jump ingress-10-244-0-3"]);
    expect(text).not.toContain("10-244-0-2");
    expect(text).not.toContain("jump egress-");
  });

  it("drop everything where nothing is allowed, but a pod's talk to itself", () => {
    const text = ruleset({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect(chain(text, "ingress-10-244-0-2")).toEqual([
      "ip saddr 10.244.0.2 return",
      'counter drop comment "ingress of a/web"',
    ]);
    expect(chain(text, "egress-10-244-0-2")?.at(-1)).toBe('counter drop comment "egress of a/web"');
    expect(text).not.toContain("jump ingress-10-244-0-4");
  });

  it("allow what any policy allows: pods, namespaces, networks, ports", () => {
    const text = ruleset(
      { podSelector: {}, policyTypes: ["Ingress"] },
      {
        podSelector: { matchLabels: { app: "web" } },
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: "db" } } }], ports: [{ port: "http" }] },
          { from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "b" } } }] },
          { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 1, endPort: 9 }] },
        ],
      },
    );
    expect(chain(text, "ingress-10-244-0-2")).toEqual([
      "ip saddr 10.244.0.2 return",
      "ip saddr 10.244.0.3 tcp dport { 8080 } return",
      "ip saddr 10.244.0.4 return",
      "ip saddr 10.0.0.0/8 ip saddr != { 10.1.0.0/16 } tcp dport 1-9 return",
      'counter drop comment "ingress of a/web"',
    ]);
  });

  it("take a port's name from the pod that is called", () => {
    const text = ruleset({
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }, { ports: [{ port: 53, protocol: "UDP" }] }],
    });
    expect(chain(text, "egress-10-244-0-3")).toEqual([
      "ip daddr 10.244.0.3 return",
      "ip daddr 10.244.0.2 tcp dport { 8080 } return",
      "udp dport 53 return",
      'counter drop comment "egress of a/db"',
    ]);
  });

  it("allow nobody where a rule names peers of which there are none", () => {
    const text = ruleset({
      podSelector: { matchLabels: { app: "web" } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "nobody" } } }] }],
    });
    expect(chain(text, "ingress-10-244-0-2")).toHaveLength(2);
  });

  it("isolate in both directions when types are left out and an egress rule stands there", () => {
    const text = ruleset({ podSelector: { matchLabels: { app: "web" } }, egress: [] });
    expect(text).toContain("jump egress-10-244-0-2");
    expect(text).toContain("jump ingress-10-244-0-2");
  });

  it("look at expressions of selectors", () => {
    const expression = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: string[]) => ({
      matchExpressions: [{ key: "app", operator, ...(values === undefined ? {} : { values }) }],
    });
    expect(selects(expression("In", ["web"]), { app: "web" })).toBe(true);
    expect(selects(expression("NotIn", ["web"]), { app: "web" })).toBe(false);
    expect(selects(expression("NotIn", ["web"]), {})).toBe(true);
    expect(selects(expression("Exists"), {})).toBe(false);
    expect(selects(expression("DoesNotExist"), {})).toBe(true);
  });
});
