/** Rules between settings of different components. Each runs as soon as the keys that it reads are valid. */
import { hostsNotCovered } from "../components/certificates/pem.ts";
import { hostsOf } from "../components/names.ts";
import { bytesOf } from "../components/scalars.ts";
import { type Problem, removeCommand, setCommand } from "./problems.ts";
import type { Settings, SettingsKey } from "./settings.ts";

interface Rule<Keys extends SettingsKey = SettingsKey> {
  readonly reads: readonly Keys[];
  readonly check: (settings: Pick<Settings, Keys>, secretKeys: readonly string[]) => readonly Problem[];
}

// Keeps the type of `reads` while the rules stand in one list.
function rule<Keys extends SettingsKey>(reads: readonly Keys[], check: Rule<Keys>["check"]): Rule {
  return { reads, check };
}

/** Settings that may hold credentials: they must be secrets of the stack file, never plain text. */
const credentials: readonly { readonly key: SettingsKey; readonly field: string }[] = [
  { key: "cluster", field: "kubeconfig" },
  { key: "certificates", field: "privateKey" },
];

const rules: readonly Rule[] = [
  rule(["cluster"], ({ cluster: { kubeconfig, kubeconfigPath } }) => {
    const path = ["cluster", "kubeconfigPath"];
    if (kubeconfig === undefined && kubeconfigPath === undefined) {
      const message = "is missing, and so is `kubeconfig`: one of them says where the cluster is";
      return [{ path, message, cure: setCommand(path, "<path of a kubeconfig>") }];
    }
    if (kubeconfig === undefined || kubeconfigPath === undefined) return [];
    return [{ path, message: "stands beside `kubeconfig`: keep one of them", cure: removeCommand(path) }];
  }),

  ...credentials.map(({ key, field }) =>
    rule([key], (settings, secretKeys) => {
      const path = [key, field];
      if ((settings[key] as Record<string, unknown>)[field] === undefined || secretKeys.includes(key)) return [];
      return [{ path, message: "stands in clear, but is a credential", cure: setCommand(path, `<${field}>`, true) }];
    }),
  ),

  rule(["ingress", "dns"], ({ ingress, dns }) => {
    if (ingress.kind !== "existing" || ingress.clusterIp !== undefined || dns.resolvesInCluster) return [];
    const path = ["ingress", "clusterIp"];
    const message = "is missing: pods could not reach the public hosts";
    const resolves = setCommand(["dns", "resolvesInCluster"], "true");
    return [{ path, message, cure: `${setCommand(path, "<IP address>")}\nor, where pods resolve them: ${resolves}` }];
  }),

  rule(["platform", "certificates"], ({ platform, certificates }) => {
    if (certificates.issuer !== "provided") return [];
    const { domain, services, ...hosts } = hostsOf(platform.domain);
    const path = ["certificates", "certificate"];
    return hostsNotCovered(certificates.certificate, [...Object.values(hosts), `any.${services}`]).map((host) => {
      return {
        path,
        message: `does not hold for ${host}`,
        cure: setCommand(path, `<certificate for *.${domain} and *.${services}>`),
      };
    });
  }),

  rule(["certificates"], ({ certificates }) => {
    if (certificates.issuer !== "existing" || certificates.caBundle === undefined) return [];
    if (!/letsencrypt|acme/.test(certificates.issuerName)) return [];
    const path = ["certificates", "caBundle"];
    const message = `is a private authority, but ${certificates.issuerName} is a public issuer, which pods trust already`;
    return [{ path, message, cure: removeCommand(path) }];
  }),

  rule(["portal"], ({ portal: { quotas, services } }) =>
    (["user", "group"] as const)
      .filter((owner) => quotas[owner].enabled && bytesOf(services.memory.request) > bytesOf(quotas[owner].memory))
      .map((owner) => {
        const path = ["portal", "quotas", owner, "memory"];
        const message = `is less than one service requests (${services.memory.request}): none could start`;
        return { path, message, cure: setCommand(path, services.memory.request) };
      }),
  ),
];

/** Problems of all rules whose keys are there. */
export function ruleProblems(settings: Partial<Settings>, secretKeys: readonly string[]): Problem[] {
  return rules
    .filter(({ reads }) => reads.every((key) => settings[key] !== undefined))
    .flatMap(({ check }) => check(settings as Settings, secretKeys));
}
