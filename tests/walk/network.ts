/** Who may talk to whom, by attempts from the pods' own networks. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { network } from "../../testbed/node/node.ts";
import { namespaces } from "../../components/names.ts";
import { closedNetwork } from "../support/closed-network.ts";
import { echoNamespace, startEcho } from "./echo.ts";
import { minutes, type Walk } from "./walk.ts";

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Record<string, string> };
  readonly status: { readonly podIP?: string; readonly phase?: string };
}

/** Pods by the name that they have in the attempts. */
const workloads = {
  traefik: [namespaces.ingress, "traefik"],
  keycloak: [namespaces.identity, "keycloak"],
  database: [namespaces.identity, "keycloak-database"],
  store: [namespaces.objectStore, "object-store"],
  api: [namespaces.portal, "onyxia-api"],
  web: [namespaces.portal, "onyxia-web"],
} as const;

type Name = keyof typeof workloads | "service" | "apiServer" | "dns";

/** From, to, port. */
type Attempt = readonly [Name, Name, number];

/** What the platform needs to work. */
const open: readonly Attempt[] = [
  ["keycloak", "database", 5432],
  ["traefik", "keycloak", 8080],
  ["traefik", "store", 9000],
  ["traefik", "store", 9001],
  ["traefik", "api", 8080],
  ["traefik", "web", 8080],
  ["traefik", "service", 8080],
  ["traefik", "apiServer", network.apiPort],
  ["api", "apiServer", network.apiPort],
  ["api", "traefik", 8443],
  ["api", "dns", 53],
  ["store", "traefik", 8443],
  ["store", "dns", 53],
  ["service", "traefik", 8443],
];

/** What nobody needs. */
const closed: readonly Attempt[] = [
  // Only Keycloak has business with its database.
  ...(["traefik", "store", "api", "web", "service"] as const).map((from): Attempt => [from, "database", 5432]),
  // Past the ingress controller.
  ...(["store", "api", "web", "service", "database"] as const).map((from): Attempt => [from, "keycloak", 8080]),
  ...(["keycloak", "api", "web", "service", "database"] as const).map((from): Attempt => [from, "store", 9000]),
  ["service", "store", 9001],
  ["service", "api", 8080],
  ["web", "api", 8080],
  // Health and metrics.
  ["traefik", "keycloak", 9000],
  ["service", "keycloak", 9000],
  ["service", "traefik", 8080],
  // The API server, for those who have no business with it.
  ...(["keycloak", "database", "store", "web"] as const).map((from): Attempt => [from, "apiServer", network.apiPort]),
  // Users' services, for all but the ingress controller.
  ...(["keycloak", "database", "store", "web"] as const).map((from): Attempt => [from, "service", 8080]),
  ["database", "keycloak", 9000],
  ["database", "dns", 53],
  ["web", "traefik", 8443],
];

export function networkPolicies(walk: () => Walk): void {
  describe("network policies", () => {
    let addresses: ReadonlyMap<Name, string>;

    beforeAll(async () => {
      await walk().person("alice");
      await startEcho(walk(), network.outside[0]);
      const { items } = JSON.parse(
        await walk().platform.kubectl(["get", "pods", "--all-namespaces", "-o", "json"]),
      ) as { items: Pod[] };
      const address = (namespace: string, key: string, value: string): string => {
        const found = items.find(
          ({ metadata, status }) =>
            metadata.namespace === namespace && metadata.labels?.[key] === value && status.phase === "Running",
        );
        if (found?.status.podIP === undefined) throw new Error(`no pod ${value} runs in ${namespace}`);
        return found.status.podIP;
      };
      addresses = new Map<Name, string>([
        ...Object.entries(workloads).map(([name, [namespace, workload]]): [Name, string] => [
          name as Name,
          address(namespace, "app.kubernetes.io/name", workload),
        ]),
        ["service", address(echoNamespace, "app", "echo")],
        ["apiServer", network.node],
        ["dns", address("kube-system", "k8s-app", "kube-dns")],
      ]);
    }, 10 * minutes);

    it("let through what the platform needs", async () => {
      await expectAll(open, "connected");
    });

    it("drop everything else", async () => {
      await expectAll(closed, "dropped");
    });

    it("stand in a network without a way out, in which the platform was installed", async () => {
      const { node, folder } = walk().platform;
      const [program = "", ...first] = closedNetwork(node, folder);
      const script = "ls /sys/class/net; timeout 5 bash -c '</dev/tcp/192.0.2.1/443' || echo none";
      // The folder of devices is that of whoever mounts it.
      const seen = `mount -t sysfs sysfs /sys && ${script}`;
      const { stdout } = await promisify(execFile)(program, [...first, "bash", "-c", seen]);
      expect(stdout.trim().split("\n")).toEqual(["lo", "uplink", "none"]);
    });

    it("let a user's pod find its bucket's host by name", async () => {
      const { platform } = walk();
      // Without keys it is refused: by the store, so it was reached.
      const call = `require("node:https").get("https://${platform.hosts.objectStore}/", { rejectUnauthorized: false }, (answer) => { console.log(answer.statusCode); process.exit(); })`;
      const pod = ["--namespace", echoNamespace, "deployment/echo"];
      const answer = await platform.kubectl(["exec", ...pod, "--", "node", "-e", call]);
      expect(answer.trim()).toBe("403");
    });

    async function expectAll(attempts: readonly Attempt[], expected: string): Promise<void> {
      const { stdout } = await walk().platform.node.run("bash", ["-c", attemptScript(attempts, addresses)]);
      const results = stdout.trim().split("\n").toSorted();
      expect(results).toEqual(attempts.map(([from, to, port]) => `${from} → ${to}:${port} ${expected}`).toSorted());
    }
  });
}

/** Connects from each pod's network namespace, a few at a time. A refusal is an answer: what a policy forbids gets none. */
function attemptScript(attempts: readonly Attempt[], addresses: ReadonlyMap<Name, string>): string {
  const lines = attempts.map(([from, to, port]) => {
    const [source = "", target = ""] = [addresses.get(from), addresses.get(to)];
    return `room; attempt "${from} → ${to}:${port}" ${source} ${target} ${port} &`;
  });
  return `
declare -A spaces
for file in /run/netns/*; do
  [ "$file" = /run/netns/outside ] && continue
  for address in $(nsenter --net="$file" ip -4 -oneline address | grep -o 'inet [0-9.]*'); do spaces[$address]="$file"; done
done
room() { while [ "$(jobs -pr | wc -l)" -ge 12 ]; do wait -n; done; }
attempt() {
  space="\${spaces[$2]}"
  if [ -z "$space" ]; then echo "$1 has no network"; return; fi
  nsenter --net="$space" timeout 8 bash -c "</dev/tcp/$3/$4" 2>/dev/null
  case $? in 0) echo "$1 connected";; 124) echo "$1 dropped";; *) echo "$1 refused";; esac
}
${lines.join("\n")}
wait
`;
}
