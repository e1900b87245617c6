/** Rules between settings of different components. Each has its say as soon as what it reads is valid. */
import { catalogueId } from "../../components/catalogue/names.ts";
import { hostsNotCovered } from "../../components/certificates/pem.ts";
import { regionProblems } from "../../components/cluster/eks-settings.ts";
import { hostsOf, servicesDomainProblem } from "../../components/names.ts";
import { bytesOf } from "../../components/scalars.ts";
import { privateNameProblems, zoneProblems } from "./aws-rules.ts";
import { ask, by, or, type Path, remove, set } from "./cures.ts";
import { imagePullProblems } from "./image-pull-rules.ts";
import { ingressProblems } from "./ingress-rules.ts";
import { nameProblems } from "./name-rules.ts";
import { notebooksHost, notebooksProblems } from "./notebooks-rules.ts";
import { packagesHost, packagesProblems } from "./packages-rules.ts";
import { broken, type Problem } from "./problems.ts";
import { proxyProblems } from "./proxy-rules.ts";
import type { ParsedSettings, SettingsKey } from "./schemas.ts";
import { awsWords, switchProblems } from "./switches.ts";
import { visitorsProblems } from "./visitors-rules.ts";
import { watched } from "./watched.ts";

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
    const reason = `is missing: ${users.join(", and ")}`;
    return [
      broken(["aws", "accountId"], reason, by(ask(["aws", "accountId"], "12 digits"))),
      broken(["aws", "region"], reason, by(ask(["aws", "region"], "region"))),
    ];
  }),

  rule(["packages", "objectStore", "cluster"], packagesProblems),

  rule(["notebooks"], notebooksProblems),

  rule(["objectStore", "certificates"], ({ objectStore, certificates }) => {
    if (objectStore.kind !== "s3") return [];
    const reason = "AWS asks Keycloak for its keys, and would not trust it";
    if (certificates.issuer === "letsencrypt" && certificates.environment === "staging") {
      const path = ["certificates", "environment"];
      return [broken(path, `is staging beside S3: ${reason}`, by(set(path, "production")))];
    }
    if (!("caBundle" in certificates) || certificates.caBundle === undefined) return [];
    const path = ["certificates", "caBundle"];
    return [broken(path, `is a private authority beside S3: ${reason}`, by(remove(path)))];
  }),

  rule(["cluster", "aws"], ({ cluster, aws }) => {
    if (cluster.kind !== "eks" || aws === undefined) return [];
    return regionProblems(cluster, aws.region).map(({ path: below, message }) => {
      const path = ["cluster", ...below];
      return broken(path, message, by(ask(path, "value")));
    });
  }),

  rule(["cluster"], ({ cluster }) => {
    if (cluster.kind !== "existing") return [];
    const { kubeconfig, kubeconfigPath } = cluster;
    const path = ["cluster", "kubeconfigPath"];
    if (kubeconfig === undefined && kubeconfigPath === undefined) {
      const reason = "is missing, and so is `kubeconfig`: one of them says where the cluster is";
      return [broken(path, reason, by(ask(path, "path of a kubeconfig")))];
    }
    if (kubeconfig === undefined || kubeconfigPath === undefined) return [];
    return [broken(path, "stands beside `kubeconfig`: keep one of them", by(remove(path)))];
  }),

  rule(["identity"], ({ identity: { registration, smtp } }) => {
    if (registration !== "verified" || smtp !== undefined) return [];
    const path = ["identity", "registration"];
    const reason = "is verified, but no mail server is there to verify addresses by";
    const server = by(ask(["identity", "smtp", "host"], "host"), ask(["identity", "smtp", "from"], "address"));
    return [broken(path, reason, server, or("to let whoever comes in", set(path, "open")))];
  }),

  rule(["cluster", "ingress", "objectStore"], ingressProblems),

  rule(["ingress", "dns"], ({ ingress, dns }) => {
    if (ingress.kind !== "existing" || ingress.clusterIp !== undefined || dns.resolvesInCluster) return [];
    const path = ["ingress", "clusterIp"];
    const reason = "is missing: pods could not reach the public hosts";
    const resolves = or("where pods resolve them", set(["dns", "resolvesInCluster"], true));
    return [broken(path, reason, by(ask(path, "IP address")), resolves)];
  }),

  rule(["ingress", "dns"], ({ ingress, dns }) => {
    if (ingress.kind !== "traefik" || ingress.serviceType === "LoadBalancer" || dns.kind !== "route53") return [];
    const path = ["ingress", "serviceType"];
    const reason = `is ${ingress.serviceType}, which has no address that records could lead to; and \`dns.kind\` is route53`;
    const byHand = or("with records made by hand", set(["dns", "kind"], "none"));
    return [broken(path, reason, by(set(path, "LoadBalancer")), byHand)];
  }),

  rule(["platform"], ({ platform }) => {
    const reason = servicesDomainProblem(platform);
    if (reason === undefined) return [];
    const path = ["platform", "servicesDomain"];
    return [broken(path, reason, by(remove(path)), or("with a domain for them alone", ask(path, "domain")))];
  }),

  rule(["platform", "dns"], ({ platform, dns }) => {
    const { domain, services } = hostsOf(platform);
    if (dns.kind !== "route53" || dns.servicesZoneId !== undefined || services.endsWith(`.${domain}`)) return [];
    const path = ["dns", "servicesZoneId"];
    const reason = `is missing: ${services} does not lie below ${domain}`;
    const below = or("below the domain", remove(["platform", "servicesDomain"]));
    return [broken(path, reason, by(ask(path, `id of the zone that holds ${services}`)), below)];
  }),

  rule(["dns"], ({ dns }) => {
    if (!dns.resolvesInCluster || dns.clusterDns !== "coredns") return [];
    const path = ["dns", "clusterDns"];
    const reason = "is coredns beside `dns.resolvesInCluster`: the cluster's DNS need not be told what it knows";
    return [broken(path, reason, by(remove(path)))];
  }),

  rule(["platform", "certificates", "packages", "notebooks"], ({ platform, certificates, packages, notebooks }) => {
    if (certificates.issuer !== "provided") return [];
    const own = { ...packagesHost(packages, platform), ...notebooksHost(notebooks, platform) };
    const { domain, services, ...hosts } = { ...hostsOf(platform), ...own };
    const path = ["certificates", "certificate"];
    const right = by(ask(path, `certificate for *.${domain} and *.${services}`));
    return hostsNotCovered(certificates.certificate, [...Object.values(hosts), `any.${services}`]).map((host) =>
      broken(path, `does not hold for ${host}`, right),
    );
  }),

  rule(["cluster"], ({ cluster }) => zoneProblems(cluster)),

  rule(["platform", "objectStore"], imagePullProblems),

  rule(["platform", "portal"], proxyProblems),

  rule(["cluster", "dns", "ingress", "objectStore"], visitorsProblems),

  rule(["platform", "certificates"], privateNameProblems),

  rule(["certificates"], ({ certificates }) => {
    if (certificates.issuer !== "existing" || certificates.caBundle === undefined) return [];
    if (!/letsencrypt|acme/.test(certificates.issuerName)) return [];
    const path = ["certificates", "caBundle"];
    const reason = `is a private authority, but ${certificates.issuerName} is a public issuer, which pods trust already`;
    return [broken(path, reason, by(remove(path)))];
  }),

  rule(["identity"], ({ identity }) => nameProblems(identity)),

  rule(["catalogue"], ({ catalogue }) => {
    if (catalogue === undefined || catalogue.charts.length > 0 || catalogue.directory !== undefined) return [];
    const path = ["catalogue", "charts"];
    const reason = "is empty, and so is the catalogue: it has no `directory` either";
    return [
      broken(path, reason, by(remove(path)), or("with charts of your own", ask(["catalogue", "directory"], "folder"))),
    ];
  }),

  rule(["catalogue", "portal"], ({ catalogue, portal }) => {
    const at = portal.catalogs.findIndex(({ id }) => id === catalogueId);
    if (catalogue === undefined || at < 0) return [];
    const path = ["portal", "catalogs", at, "id"];
    const reason = `is ${catalogueId}, which is the catalogue of \`catalogue\``;
    return [broken(path, reason, by(ask(path, "another id")))];
  }),

  rule(["portal"], ({ portal: { quotas, services } }) =>
    (["user", "group"] as const)
      .filter((owner) => quotas[owner].enabled && bytesOf(services.memory.request) > bytesOf(quotas[owner].memory))
      .map((owner) => {
        const path = ["portal", "quotas", owner, "memory"];
        const reason = `is less than one service requests (${services.memory.request}): none could start`;
        return broken(path, reason, by(set(path, services.memory.request)));
      }),
  ),
];

/**
 * Problems of all rules whose keys are there.
 *
 * @param madeUp places whose values are not those of the stack file: a rule that reads one of them finds nothing
 */
export function ruleProblems(settings: Partial<ParsedSettings>, madeUp: readonly Path[] = []): Problem[] {
  return rules
    .filter(({ reads }) => reads.every((key) => key in settings))
    .flatMap(({ check }) => {
      const { settings: seen, isTouched } = watched(settings as ParsedSettings, madeUp);
      const found = check(seen);
      return isTouched() ? [] : found;
    });
}
