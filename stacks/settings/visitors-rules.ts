/** `ingress.visitors` and `ingress.internal` beside what would make them hold for nobody, or shut out the platform itself. */
import type { TraefikSettings } from "../../components/ingress/settings.ts";
import { yamlPath } from "./config-commands.ts";
import { ask, by, edit, or, remove, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

type Read = Pick<ParsedSettings, "cluster" | "dns" | "ingress" | "objectStore">;
type WithTraefik = Read & { readonly ingress: TraefikSettings };

export function visitorsProblems(settings: Read): Problem[] {
  const { ingress } = settings;
  if (ingress.kind !== "traefik") return [];
  const own = { ...settings, ingress };
  const lists = listProblems(ingress);
  if (settings.cluster.kind === "existing") return [...lists, ...addressProblems(own)];
  // Entries are changed before others are taken away, which moves them.
  return [...familyProblems(ingress), ...lists, ...addressProblems(own), ...onAws(own)];
}

/** Entries that say nothing, the last one first: a command that removes one moves those behind it. */
function listProblems({ visitors = [], podNetworks = [] }: TraefikSettings): Problem[] {
  const lists = Object.entries({ visitors, podNetworks });
  return lists.flatMap(([list, networks]) =>
    networks
      .flatMap((network, index) => {
        const path = ["ingress", list, index];
        const away = by(remove(path));
        const before = networks.indexOf(network);
        if (before < index) return [broken(path, `stands at \`${list}[${before}]\` already`, away)];
        if (!network.endsWith("/0")) return [];
        // Of IPv4 it says nothing about IPv6.
        const family = networks.filter((other) => other.includes(":") === network.includes(":"));
        if (new Set(family).size === 1) return [];
        return [broken(path, `is ${network}, which is everybody: the others say nothing beside it`, away)];
      })
      .toReversed(),
  );
}

function addressProblems({ cluster, ingress }: WithTraefik): Problem[] {
  const { visitors, podNetworks, serviceType, externalTrafficPolicy, proxyProtocolFrom, internal } = ingress;
  const existing = cluster.kind === "existing";
  const problems: Problem[] = [];
  if (visitors !== undefined && existing && podNetworks === undefined) {
    const path = ["ingress", "podNetworks"];
    const reason = "is missing beside `visitors`: pods call the public names from inside, and would be refused";
    problems.push(broken(path, reason, by(ask([...path, 0], "network of the pods, like 10.42.0.0/16"))));
  }
  if (visitors === undefined && podNetworks !== undefined) {
    const path = ["ingress", "podNetworks"];
    problems.push(broken(path, "means nothing without `visitors`", by(remove(path))));
  }
  // Beside `HostPort` the policy means nothing, which is said elsewhere.
  const hides = externalTrafficPolicy === "Cluster" && proxyProtocolFrom.length === 0 && serviceType !== "HostPort";
  if (visitors !== undefined && existing && hides) {
    const path = ["ingress", "externalTrafficPolicy"];
    const reason = "is Cluster, which hides the addresses that `visitors` lists";
    const proxy = or("where one sends them", ask(["ingress", "proxyProtocolFrom", 0], "network of the load balancer"));
    problems.push(broken(path, reason, by(set(path, "Local")), proxy));
  }
  if (internal && existing) {
    const path = ["ingress", "internal"];
    const reason = "is for a cluster of this stack (`eks`): tell another load balancer by `serviceAnnotations`";
    problems.push(broken(path, reason, by(remove(path))));
  }
  return problems;
}

/** AWS allows 60 rules in a security group, and two stand for each network: one for each port. */
const mostNetworks = 30;

function familyProblems({ visitors = [] }: TraefikSettings): Problem[] {
  return visitors.flatMap((network, index): Problem[] => {
    if (!network.includes(":")) return [];
    const path = ["ingress", "visitors", index];
    const reason = "is a network of IPv6: the load balancer on AWS has IPv4 addresses alone";
    return [broken(path, reason, by(ask(path, "network of IPv4")))];
  });
}

function onAws({ dns, ingress, objectStore }: WithTraefik): Problem[] {
  const { visitors = [], internal } = ingress;
  const problems: Problem[] = [];
  const count = new Set(visitors).size;
  if (count > mostNetworks) {
    const path = ["ingress", "visitors"];
    const reason = `holds ${count} networks, and AWS takes ${mostNetworks}: name fewer, larger ones`;
    // Which of them may go, only a person knows.
    problems.push(broken(path, reason, by(edit(`In the stack file, change what stands below \`${yamlPath(path)}\`.`))));
  }
  if (internal && objectStore.kind === "s3") {
    const path = ["ingress", "internal"];
    const reason = "is true beside S3: AWS asks Keycloak for its keys, and comes from the internet";
    const list = or("beside that, to let in some alone", ask(["ingress", "visitors", 0], "network"));
    problems.push(broken(path, reason, by(set(path, false)), list));
  }
  if (dns.resolvesInCluster && (internal || ingress.visitors !== undefined)) {
    const path = ["dns", "resolvesInCluster"];
    const reason = `is true beside \`ingress.${internal ? "internal" : "visitors"}\`: pods would come by the load balancer, from addresses that it refuses or cannot answer`;
    problems.push(broken(path, reason, by(set(path, false))));
  }
  return problems;
}
