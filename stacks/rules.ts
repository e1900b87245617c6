/** Rules between settings of different components. Each runs as soon as the keys that it reads are valid. */
import { usualPort } from "../components/addresses.ts";
import { hostsNotCovered } from "../components/certificates/pem.ts";
import { regionProblems } from "../components/cluster/eks-settings.ts";
import { hostsOf, servicesDomainProblem } from "../components/names.ts";
import { bytesOf } from "../components/scalars.ts";
import { privateNameProblems, zoneProblems } from "./aws-rules.ts";
import { imagePullProblems } from "./image-pull-rules.ts";
import { ingressProblems } from "./ingress-rules.ts";
import { nameProblems } from "./name-problems.ts";
import { type Problem, removeCommand, setCommand } from "./problems.ts";
import { proxyProblems } from "./proxy-rules.ts";
import type { ParsedSettings, SettingsKey } from "./settings.ts";
import { awsWords, switchProblems } from "./switches.ts";

interface Rule<Keys extends SettingsKey = SettingsKey> {
  readonly reads: readonly Keys[];
  readonly check: (settings: Pick<ParsedSettings, Keys>) => readonly Problem[];
}

// Keeps the type of `reads` while the rules stand in one list.
function rule<Keys extends SettingsKey>(reads: readonly Keys[], check: Rule<Keys>["check"]): Rule {
  return { reads, check };
}

const rules: readonly Rule[] = [
  rule(
    ["cluster", "dns", "ingress", "certificates", "objectStore"],
    ({ cluster, dns, ingress, certificates, objectStore }) =>
      switchProblems({
        cluster: cluster.kind,
        dns: dns.kind,
        ingress: ingress.kind,
        certificates: certificates.issuer,
        objectStore: objectStore.kind,
      }),
  ),

  rule(["aws", "cluster", "dns", "objectStore"], ({ aws, cluster, dns, objectStore }) => {
    if (aws !== undefined) return [];
    const users = awsWords({ cluster: cluster.kind, dns: dns.kind, objectStore: objectStore.kind });
    if (users.length === 0) return [];
    const message = `is missing: ${users.join(", and ")}`;
    return [
      { path: ["aws", "accountId"], message, cure: setCommand(["aws", "accountId"], "<12 digits>") },
      { path: ["aws", "region"], message, cure: setCommand(["aws", "region"], "<region>") },
    ];
  }),

  rule(["objectStore", "certificates"], ({ objectStore, certificates }) => {
    if (objectStore.kind !== "s3") return [];
    const reason = "AWS asks Keycloak for its keys, and would not trust it";
    if (certificates.issuer === "letsencrypt" && certificates.environment === "staging") {
      const path = ["certificates", "environment"];
      return [{ path, message: `is staging beside S3: ${reason}`, cure: setCommand(path, "production") }];
    }
    if (!("caBundle" in certificates) || certificates.caBundle === undefined) return [];
    const path = ["certificates", "caBundle"];
    return [{ path, message: `is a private authority beside S3: ${reason}`, cure: removeCommand(path) }];
  }),

  rule(["cluster", "aws"], ({ cluster, aws }) => {
    if (cluster.kind !== "eks" || aws === undefined) return [];
    return regionProblems(cluster, aws.region).map(({ path: below, message }) => {
      const path = ["cluster", ...below];
      return { path, message, cure: setCommand(path, "<value>") };
    });
  }),

  rule(["cluster", "ingress"], ({ cluster, ingress }) => {
    if (cluster.kind !== "eks" || ingress.kind !== "traefik") return [];
    const message = "has no meaning on EKS: the load balancer is part of the platform there";
    const given = [
      ...(ingress.serviceType === "LoadBalancer" ? [] : ["serviceType"]),
      ...(ingress.nodePorts === undefined ? [] : ["nodePorts"]),
      ...(ingress.ipFamilyPolicy === undefined ? [] : ["ipFamilyPolicy"]),
      ...(ingress.publicPort === usualPort ? [] : ["publicPort"]),
      ...(ingress.loadBalancerClass === undefined ? [] : ["loadBalancerClass"]),
      ...(Object.keys(ingress.serviceAnnotations).length === 0 ? [] : ["serviceAnnotations"]),
      ...(ingress.proxyProtocolFrom.length === 0 ? [] : ["proxyProtocolFrom"]),
      ...(ingress.externalTrafficPolicy === "Local" ? [] : ["externalTrafficPolicy"]),
    ];
    return given.map((field) => ({ path: ["ingress", field], message, cure: removeCommand(["ingress", field]) }));
  }),

  rule(["cluster"], ({ cluster }) => {
    if (cluster.kind !== "existing") return [];
    const { kubeconfig, kubeconfigPath } = cluster;
    const path = ["cluster", "kubeconfigPath"];
    if (kubeconfig === undefined && kubeconfigPath === undefined) {
      const message = "is missing, and so is `kubeconfig`: one of them says where the cluster is";
      return [{ path, message, cure: setCommand(path, "<path of a kubeconfig>") }];
    }
    if (kubeconfig === undefined || kubeconfigPath === undefined) return [];
    return [{ path, message: "stands beside `kubeconfig`: keep one of them", cure: removeCommand(path) }];
  }),

  rule(["identity"], ({ identity: { registration, smtp } }) => {
    if (registration !== "verified" || smtp !== undefined) return [];
    const path = ["identity", "registration"];
    const message = "is verified, but no mail server is there to verify addresses by";
    const server = [
      setCommand(["identity", "smtp", "host"], "<host>"),
      setCommand(["identity", "smtp", "from"], "<address>"),
    ];
    const open = `or, to let whoever comes in: ${setCommand(path, "open")}`;
    return [{ path, message, cure: [...server, open].join("\n") }];
  }),

  rule(["cluster", "ingress", "objectStore"], ingressProblems),

  rule(["ingress", "dns"], ({ ingress, dns }) => {
    if (ingress.kind !== "existing" || ingress.clusterIp !== undefined || dns.resolvesInCluster) return [];
    const path = ["ingress", "clusterIp"];
    const message = "is missing: pods could not reach the public hosts";
    const resolves = setCommand(["dns", "resolvesInCluster"], true);
    return [{ path, message, cure: `${setCommand(path, "<IP address>")}\nor, where pods resolve them: ${resolves}` }];
  }),

  rule(["ingress", "dns"], ({ ingress, dns }) => {
    if (ingress.kind !== "traefik" || ingress.serviceType === "LoadBalancer" || dns.kind !== "route53") return [];
    const path = ["ingress", "serviceType"];
    const message = `is ${ingress.serviceType}, which has no address that records could lead to; and \`dns.kind\` is route53`;
    const byHand = setCommand(["dns", "kind"], "none");
    return [{ path, message, cure: `${setCommand(path, "LoadBalancer")}\nor, with records made by hand: ${byHand}` }];
  }),

  rule(["platform"], ({ platform }) => {
    const message = servicesDomainProblem(platform);
    if (message === undefined) return [];
    const path = ["platform", "servicesDomain"];
    return [
      {
        path,
        message,
        cure: `${removeCommand(path)}\nor, with a domain for them alone: ${setCommand(path, "<domain>")}`,
      },
    ];
  }),

  rule(["platform", "dns"], ({ platform, dns }) => {
    const { domain, services } = hostsOf(platform);
    if (dns.kind !== "route53" || dns.servicesZoneId !== undefined || services.endsWith(`.${domain}`)) return [];
    const path = ["dns", "servicesZoneId"];
    const message = `is missing: ${services} does not lie below ${domain}`;
    const below = removeCommand(["platform", "servicesDomain"]);
    const cure = `${setCommand(path, `<id of the zone that holds ${services}>`)}\nor, below the domain: ${below}`;
    return [{ path, message, cure }];
  }),

  rule(["dns"], ({ dns }) => {
    if (!dns.resolvesInCluster || dns.clusterDns !== "coredns") return [];
    const path = ["dns", "clusterDns"];
    const message = "is coredns beside `dns.resolvesInCluster`: the cluster's DNS need not be told what it knows";
    return [{ path, message, cure: removeCommand(path) }];
  }),

  rule(["platform", "certificates"], ({ platform, certificates }) => {
    if (certificates.issuer !== "provided") return [];
    const { domain, services, ...hosts } = hostsOf(platform);
    const path = ["certificates", "certificate"];
    return hostsNotCovered(certificates.certificate, [...Object.values(hosts), `any.${services}`]).map((host) => {
      return {
        path,
        message: `does not hold for ${host}`,
        cure: setCommand(path, `<certificate for *.${domain} and *.${services}>`),
      };
    });
  }),

  rule(["cluster"], ({ cluster }) => zoneProblems(cluster)),

  rule(["platform", "objectStore"], imagePullProblems),

  rule(["platform", "portal"], proxyProblems),

  rule(["platform", "certificates"], privateNameProblems),

  rule(["certificates"], ({ certificates }) => {
    if (certificates.issuer !== "existing" || certificates.caBundle === undefined) return [];
    if (!/letsencrypt|acme/.test(certificates.issuerName)) return [];
    const path = ["certificates", "caBundle"];
    const message = `is a private authority, but ${certificates.issuerName} is a public issuer, which pods trust already`;
    return [{ path, message, cure: removeCommand(path) }];
  }),

  rule(["identity"], ({ identity }) => nameProblems(identity)),

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
export function ruleProblems(settings: Partial<ParsedSettings>): Problem[] {
  return rules
    .filter(({ reads }) => reads.every((key) => key in settings))
    .flatMap(({ check }) => check(settings as ParsedSettings));
}
