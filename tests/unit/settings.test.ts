import { describe, expect, it } from "@jest/globals";

import { SettingsError, yamlPath } from "../../stacks/problems.ts";
import { loadSettings, parseSettings } from "../../stacks/settings.ts";
import { wildcard, wildcardKey } from "../support/certificates.ts";
import { runGraph } from "../support/graph.ts";
import { stackFile } from "../support/stack-file.ts";

type Values = Record<string, Record<string, unknown>>;

const valid: Values = {
  platform: { domain: "example.org" },
  cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "/etc/kubeconfig" },
  ingress: { kind: "traefik" },
  certificates: { issuer: "privateCa" },
  objectStore: { kind: "minio" },
};

const onRoute53: Values = {
  aws: { accountId: "123456789012", region: "eu-west-3" },
  dns: { kind: "route53", zone: { kind: "new" } },
};

function problems(values: Values, secretKeys: string[] = []) {
  try {
    parseSettings({ stack: "test", values, secretKeys });
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, message, cure }) => ({ path: yamlPath(path), message, cure }));
  }
}

const smtp = { host: "mail.example.org", from: "lab@example.org", user: "lab", password: "s3cret" };

/** The valid file with some keys changed. */
function change(changes: Values): Values {
  return {
    ...valid,
    ...Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, { ...valid[key], ...value }])),
  };
}

describe("a stack file", () => {
  it("needs a domain and a cluster, the rest has defaults", () => {
    expect(problems(valid)).toEqual([]);
    expect(problems({}).map(({ path }) => path)).toEqual(
      expect.arrayContaining(["datalab:platform.domain", "datalab:cluster.kind"]),
    );
  });

  it("reports ten mistakes at once, each with its place and a cure", () => {
    const found = problems({
      platform: { domain: "localhost", protectdata: true },
      cluster: { kind: "existing", clusterIdentifier: "Home", kubeconfigPath: "/etc/kubeconfig", kubeconfig: "a: b" },
      ingres: { kind: "traefik" },
      ingress: { kind: "nginx" },
      certificates: { issuer: "privateCA" },
      identity: { replicas: "2", firstUsers: { "Jean.Dupont": { email: "jean@example.org" } } },
      objectStore: { kind: "minio", replicas: 3, credentialsLifetime: "1 day" },
      portal: { catalogs: [{ id: "ide", name: "IDE", location: "ftp://example.org" }] },
    });
    const paths = found.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "datalab:platform.domain",
        "datalab:platform.protectdata",
        "datalab:cluster.clusterIdentifier",
        "datalab:ingres",
        "datalab:ingress.kind",
        "datalab:certificates.issuer",
        "datalab:identity.replicas",
        "datalab:objectStore.replicas",
        "datalab:objectStore.credentialsLifetime",
        "datalab:portal.catalogs[0].location",
      ]),
    );
    expect(found.length).toBeGreaterThanOrEqual(10);
    for (const { message, cure } of found) {
      expect(message).not.toBe("");
      expect(cure).toMatch(/pulumi config (set|rm) /);
    }
  });

  it.each<[string, Values, string[], string | undefined]>([
    ["a kubeconfig and its path", { cluster: { kubeconfig: "a: b" } }, ["cluster"], "datalab:cluster.kubeconfigPath"],
    ["no kubeconfig at all", { cluster: { kubeconfigPath: undefined } }, [], "datalab:cluster.kubeconfigPath"],
    [
      "a kubeconfig in clear",
      { cluster: { kubeconfig: "a: b", kubeconfigPath: undefined } },
      [],
      "datalab:cluster.kubeconfig",
    ],
    ["a secret kubeconfig", { cluster: { kubeconfig: "a: b", kubeconfigPath: undefined } }, ["cluster"], undefined],
    ["a mail password in clear", { identity: { smtp } }, [], "datalab:identity.smtp.password"],
    ["a secret mail password", { identity: { registration: "verified", smtp } }, ["identity"], undefined],
    ["addresses to verify by no mail", { identity: { registration: "verified" } }, [], "datalab:identity.registration"],
    ["registration for whoever comes", { identity: { registration: "open" } }, [], undefined],
    ["a hyphen in a name", { identity: { groups: ["data-science"] } }, [], "datalab:identity.groups[0]"],
    [
      "an ingress controller that pods cannot reach",
      { ingress: { kind: "existing", className: "a", namespace: "a", address: "192.0.2.1" } },
      [],
      "datalab:ingress.clusterIp",
    ],
    [
      "an ingress controller that pods find by DNS",
      {
        ingress: { kind: "existing", className: "a", namespace: "a", address: "192.0.2.1" },
        dns: { resolvesInCluster: true },
      },
      [],
      undefined,
    ],
    ["services below another domain", { platform: { servicesDomain: "example.net" } }, [], undefined],
    [
      "services at the platform's own domain",
      { platform: { servicesDomain: "example.org" } },
      [],
      "datalab:platform.servicesDomain",
    ],
    [
      "services above the platform's domain",
      { platform: { domain: "data.example.org", servicesDomain: "example.org" } },
      [],
      "datalab:platform.servicesDomain",
    ],
    [
      "services in the place of Keycloak",
      { platform: { servicesDomain: "auth.example.org" } },
      [],
      "datalab:platform.servicesDomain",
    ],
    [
      "services below the portal",
      { platform: { servicesDomain: "lab.datalab.example.org" } },
      [],
      "datalab:platform.servicesDomain",
    ],
    [
      "services outside the zone",
      { ...onRoute53, platform: { servicesDomain: "example.net" } },
      [],
      "datalab:dns.servicesZoneId",
    ],
    [
      "services in a zone of their own",
      {
        ...onRoute53,
        platform: { servicesDomain: "example.net" },
        dns: { ...onRoute53["dns"], servicesZoneId: "Z0SERVICES" },
      },
      [],
      undefined,
    ],
    [
      "services elsewhere, without a certificate for them",
      {
        platform: { domain: "d.test", servicesDomain: "e.test" },
        certificates: { issuer: "provided", certificate: wildcard, privateKey: wildcardKey },
      },
      ["certificates"],
      "datalab:certificates.certificate",
    ],
    [
      "a DNS that is told what it knows",
      { dns: { resolvesInCluster: true, clusterDns: "coredns" } },
      [],
      "datalab:dns.clusterDns",
    ],
    ["a DNS that is left alone", { dns: { clusterDns: "none" } }, [], undefined],
    [
      "a quota below one service",
      { portal: { quotas: { user: { memory: "512Mi" } } } },
      [],
      "datalab:portal.quotas.user.memory",
    ],
    ["a small quota that is off", { portal: { quotas: { user: { memory: "512Mi", enabled: false } } } }, [], undefined],
  ])("with %s", (_what, changes, secretKeys, path) => {
    const values = change(changes);
    expect(problems(values, secretKeys).map((problem) => problem.path)).toEqual(path === undefined ? [] : [path]);
  });

  it("of this repository is valid", () => {
    expect(() => parseSettings(stackFile("dev"))).not.toThrow();
  });
});

describe("loading", () => {
  const text = (values: Values) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`datalab:${key}`, JSON.stringify(value)]));

  it("reads what the engine hands over, and knows which keys are secret", async () => {
    const config = text(change({ cluster: { kubeconfig: "a: b", kubeconfigPath: undefined } }));
    const { result } = await runGraph(loadSettings, { config, secretKeys: ["datalab:cluster"] });
    expect(result.cluster).toMatchObject({ kubeconfig: "a: b" });
    await expect(runGraph(loadSettings, { config })).rejects.toThrow(/datalab:cluster\.kubeconfig/);
  });

  it("says what a value that is no object should be", async () => {
    const config = { ...text(valid), "datalab:platform": "example.org" };
    await expect(runGraph(loadSettings, { config })).rejects.toThrow(/datalab:platform/);
  });
});
