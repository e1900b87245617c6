import { describe, expect, it } from "@jest/globals";

import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { loadSettings, parseSettings } from "../../stacks/settings/read.ts";
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
    return error.problems.map(printed).map(({ path, message, cure }) => ({ path: yamlPath(path), message, cure }));
  }
}

const smtp = { host: "mail.example.org", from: "lab@example.org", user: "lab", password: "s3cret" };

const imageMirror = "m.example.org:5000/hub";
const imagePull = { username: "robot$datalab", password: "s3cret" };

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

  it("says what a name in several languages is, where it is in none", () => {
    const catalogs = [{ id: "own", name: {}, location: "https://charts.example.org" }];
    expect(problems(change({ portal: { catalogs } }))).toEqual([
      expect.objectContaining({
        path: "datalab:portal.catalogs[0].name",
        message: expect.stringContaining("one text for each language") as unknown,
      }),
    ]);
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

  it.each<[string, Values, string]>([
    // Each with a rule beside it that reads another setting of the same key.
    ["a wrong text", { platform: { domain: "localhost", imagePull } }, "datalab:platform.imagePull.registry"],
    ["a wrong kind", { cluster: { clusterIdentifier: 7, kubeconfig: "a: b" } }, "datalab:cluster.kubeconfigPath"],
    [
      "a wrong word",
      { certificates: { issuer: "privateCA" }, platform: { imagePull } },
      "datalab:platform.imagePull.registry",
    ],
    ["a name that nobody reads", { identity: { groups: ["team-a"], titel: "x" } }, "datalab:identity.groups[0]"],
    [
      "a bad entry of a list",
      {
        portal: {
          catalogs: [{ id: "x" }],
          services: { memory: { request: "2Gi", limit: "4Gi" } },
          quotas: { user: { enabled: true, memory: "1Gi" } },
        },
      },
      "datalab:portal.quotas.user.memory",
    ],
    [
      "an object that breaks its own rule",
      { identity: { sessions: { idle: "2d", max: "1d" }, groups: ["team-a"] } },
      "datalab:identity.groups[0]",
    ],
    [
      "something that is missing",
      { cluster: { clusterIdentifier: undefined, kubeconfigPath: undefined } },
      "datalab:cluster.kubeconfigPath",
    ],
  ])("tells what a rule finds beside %s", (_, values, path) => {
    const found = problems(change(values), ["platform"]).map((problem) => problem.path);
    expect(found).toContain(path);
    expect(found.length).toBeGreaterThan(1);
  });

  it("has no rule speak about a value that was made up", () => {
    const wrong = { ingress: { kind: "traefik", serviceType: "NodPort" }, dns: { kind: "rout53" } };
    expect(problems(change(wrong)).map(({ path }) => path)).toEqual([
      "datalab:dns.kind",
      "datalab:ingress.serviceType",
    ]);
    // Without the wrong values both would break a rule.
    expect(problems(change({ cluster: { kubeconfigPath: 7 } })).map(({ path }) => path)).toEqual([
      "datalab:cluster.kubeconfigPath",
    ]);
    const proxy = { https: "http://proxy.example.org:3128", addresses: ["nowhere"] };
    expect(problems(change({ platform: { proxy } })).map(({ path }) => path)).toEqual([
      "datalab:platform.proxy.addresses[0]",
    ]);
    const names = { identity: { firstUsers: { "Jean.Dupont": { email: "j@example.org" } } } };
    expect(problems(change(names)).map(({ path }) => path)).toEqual(['datalab:identity.firstUsers["Jean.Dupont"]']);
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
    [
      "a registry's password in clear",
      { platform: { imageMirror, imagePull } },
      [],
      "datalab:platform.imagePull.password",
    ],
    ["a login for the mirror", { platform: { imageMirror, imagePull } }, ["platform"], undefined],
    [
      "a login for the mirror by its name",
      { platform: { imageMirror, imagePull: { ...imagePull, registry: "m.example.org:5000" } } },
      ["platform"],
      undefined,
    ],
    [
      "a login for Docker Hub",
      { platform: { imagePull: { ...imagePull, registry: "docker.io" } } },
      ["platform"],
      undefined,
    ],
    ["a login for nobody", { platform: { imagePull } }, ["platform"], "datalab:platform.imagePull.registry"],
    [
      "a login that no image needs",
      { platform: { imageMirror, imagePull: { ...imagePull, registry: "docker.io" } } },
      ["platform"],
      "datalab:platform.imagePull.registry",
    ],
    [
      "a login for the registry of the store's own image",
      {
        platform: { imageMirror, imagePull: { ...imagePull, registry: "r.example.net" } },
        objectStore: { image: `r.example.net/store@sha256:${"0".repeat(64)}` },
      },
      ["platform"],
      undefined,
    ],
    [
      "a colon in the name for a registry",
      { platform: { imageMirror, imagePull: { ...imagePull, username: "a:b" } } },
      ["platform"],
      "datalab:platform.imagePull.username",
    ],
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

  it("names a key that was meant as a path, and leaves the right value alone", () => {
    const path = 'datalab:["platform.domain"]';
    const remove = "pulumi config rm 'datalab:platform.domain'";
    expect(problems({ ...valid, "platform.domain": "x.org" as never })).toMatchObject([{ path, cure: remove }]);
    const values = { ...valid, platform: {}, "platform.domain": "x.org" as never };
    expect(problems(values).find((problem) => problem.path === path)?.cure).toBe(
      `pulumi config set --path 'datalab:platform.domain' '<value>'\n${remove}`,
    );
    for (const key of ["br[0]", 'quo"te', "a.b"])
      expect(problems({ ...valid, [key]: {} })[0]?.cure).toContain(`pulumi config rm 'datalab:${key}'`);
  });

  it("has no keys of a namespace that nobody reads", () => {
    const of = (...foreignKeys: string[]) => {
      try {
        parseSettings({ stack: "test", values: valid, secretKeys: [], foreignKeys });
        return [];
      } catch (error) {
        return (error as SettingsError).problems
          .map(printed)
          .map(({ path, message, cure }) => `${yamlPath(path)} ${message} ${cure}`);
      }
    };
    expect(of("aws:region", "pulumi:disable-default-providers", "kubernetes:context")).toEqual([]);
    const [platform, identity, region, other] = of("data-lab:platform", "datalb:identity", "awz:region", "team:cost");
    expect(platform).toMatch(/^data-lab:platform is read by nobody.*did you mean `datalab:platform`\?/);
    expect(platform).toContain("move what stands below `data-lab:platform` to `datalab:platform`");
    expect(identity).toContain("write `datalab:identity` in the place of `datalb:identity`");
    expect(region).toContain("`aws:region`");
    expect(other).toMatch(/ pulumi config rm 'team:cost'$/);
  });

  it.each<[string, Values]>([
    ["beside other mistakes", { certificates: { issuer: "provided", privateKey: wildcardKey } }],
    ["in a place for something else", { cluster: { kubeconfigPath: "users:\n- user:\n    token: abc\n" } }],
    ["in an address", { portal: { catalogs: [{ id: "a", name: "a", location: "https://me:pw@example.org" }] } }],
    ["in an annotation", { ingress: { serviceAnnotations: { key: "AKIAABCDEFGHIJKLMNOP" } } }],
    ["of a key that is nobody's", { portl: { key: wildcardKey } }],
  ])("has no credential in clear %s", (_where, changes) => {
    const [key = ""] = Object.keys(changes);
    const told = (secretKeys: string[]) =>
      problems(change(changes), secretKeys).filter(({ message }) => /in clear/.test(message));
    expect(told([])).toMatchObject([{ cure: expect.stringMatching(/config set --secret/) as unknown }]);
    expect(told([key])).toEqual([]);
  });

  it("may speak of tokens and passwords", () => {
    expect(problems(change({ portal: { title: "Login by token: ask the desk, password: none" } }))).toEqual([]);
  });

  it("shows what contradicts another component beside settings that nobody reads", () => {
    const found = problems(change({ cluster: { kubeconfig: "a: b", contxt: "x" }, ingress: { replica: 2 } }), [
      "cluster",
    ]);
    expect(found.map(({ path }) => path)).toEqual([
      "datalab:cluster.contxt",
      "datalab:ingress.replica",
      "datalab:cluster.kubeconfigPath",
    ]);
  });

  it("takes names and numbers as their owners do", () => {
    const ingress = {
      kind: "existing",
      className: "nginx.internal",
      namespace: "a",
      address: "a.test",
      clusterIp: "10.0.0.1",
    };
    expect(
      problems(
        change({
          ingress,
          certificates: { issuer: "existing", issuerName: "ca.company.example" },
          identity: {
            resources: { cpu: 2, memory: "1Gi" },
            database: { storage: { size: "5Gi", storageClass: "ceph.fast" } },
          },
          objectStore: { kind: "external", endpoint: "https://s3.example.org", region: "RegionOne" },
          portal: { services: { cpu: { request: 0.5, limit: 2 } }, quotas: { user: { cpu: 8 } } },
        }),
      ),
    ).toEqual([]);
    for (const region of ["auto", "fr-par", "ru-central1", "GRA"])
      expect(
        problems(change({ objectStore: { kind: "external", endpoint: "https://s3.example.org", region } })),
      ).toEqual([]);
    expect(problems(change({ objectStore: { kind: "external", endpoint: "https://a.org:9000" } }))).toEqual([]);
    expect(problems(change({ objectStore: { kind: "external", endpoint: "https://a.org/s3" } }))[0]?.message).toContain(
      "without a path",
    );
    for (const className of ["a..b", ".a", "a.", "A", "a.-b"])
      expect(problems(change({ ingress: { ...ingress, className } }))).toHaveLength(1);
    for (const cpu of [0, -1, 0.0001])
      expect(problems(change({ portal: { quotas: { user: { cpu } } } }))[0]?.message).toContain("like 2 or 250m");
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
    const misspelt = { ...text(valid), "data-lab:platform": "{}" };
    await expect(runGraph(loadSettings, { config: misspelt })).rejects.toThrow(/data-lab:platform is read by nobody/);
  });

  it("says what a value that is no object should be", async () => {
    const config = { ...text(valid), "datalab:platform": "example.org" };
    await expect(runGraph(loadSettings, { config })).rejects.toThrow(/datalab:platform/);
  });
});
