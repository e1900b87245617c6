import { beforeAll, describe, expect, it } from "@jest/globals";

import { formerNames, suffixes } from "../../components/kubernetes/logical-names.ts";
import { datalab } from "../../stacks/datalab.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { combinationValues } from "../support/combination-settings.ts";
import { type Registration, runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

const combinations = [
  { cluster: "existing", dns: "none", ingress: "traefik", certificates: "privateCa", objectStore: "minio" },
  { cluster: "existing", dns: "none", ingress: "traefik", certificates: "provided", objectStore: "minio" },
  { cluster: "eks", dns: "route53", ingress: "traefik", certificates: "letsencrypt", objectStore: "s3" },
] as const;

const more = {
  platform: { domain: "d.test", imagePull: { registry: "docker.io", username: "a", password: "b" } },
  objectStore: { kind: "minio", console: true, replicas: 4 },
  portal: { web: { replicas: 2 }, api: { replicas: 2 } },
  packages: { engine: "pypiron", reads: "authenticated" },
  catalogue: {},
  basicJupyter: {},
  notebooks: { login: "signup" },
  identity: {
    replicas: 2,
    firstUsers: { ada: { email: "ada@d.test" } },
    clients: { wiki: { kind: "confidential", redirectUris: ["https://wiki.d.test/*"] } },
  },
};

/** Called after what they do and hold. */
const calledByContent = ["ConfigMap", "CronJob", "Job"];

describe("logical names", () => {
  const all = new Map<string, Registration>();

  beforeAll(async () => {
    for (const combination of combinations) {
      const plain = combinationValues(combination);
      const values = {
        ...plain,
        ...more,
        objectStore: combination.objectStore === "minio" ? more.objectStore : plain["objectStore"],
      };
      const plan = planOf(parseSettings({ stack: "test", values, secretKeys: ["certificates", "platform"] }));
      const graph = await runGraph(async () => datalab(plan, { charts: chartsFor(plan), aws: await loadAws(plan) }));
      for (const one of graph.resources) all.set(one.urn, one);
    }
  }, 60_000);

  it("begin with the name of the parent", () => {
    const others = [...all.values()].filter(
      ({ name, parent }) => parent !== undefined && !name.startsWith(`${parent}-`),
    );
    expect(others.map(({ name }) => name)).toEqual([]);
  });

  it("end with what they are", () => {
    const seen = new Set<string>();
    const others = [...all.values()].flatMap(({ name, type, parent }) => {
      const kind = type.split(":").at(-1) ?? "";
      // A chart's objects are called by their kind, namespace and name; AWS's by what they are there for.
      if (/^(aws|pulumi|datalab|tls):/.test(type) || parent === "cert-manager-chart") return [];
      if (calledByContent.includes(kind)) return [];
      if (!(kind in suffixes)) return [`${kind} ${name}: the kind has no suffix`];
      seen.add(kind);
      return suffixes[kind as keyof typeof suffixes].some((suffix) => name.endsWith(`-${suffix}`))
        ? []
        : [`${kind} ${name}`];
    });
    expect(others).toEqual([]);
    // No row of the table is for nothing.
    expect([...seen].toSorted()).toEqual(Object.keys(suffixes).toSorted());
  });

  it("are known by those of release 0.1, each to one alone", () => {
    const claims = [...all.values()].flatMap(({ name, type }) =>
      formerNames(type, name).map((former) => `${type} ${former}`),
    );
    const taken = new Set([...all.values()].map(({ name, type }) => `${type} ${name}`));
    expect(claims.filter((claim) => taken.has(claim))).toEqual([]);
    expect(claims.length).toBe(new Set(claims).size);
    const [account] = [...all.values()].filter(({ name }) => name === "keycloak-service-account");
    expect(account?.aliases).toEqual([expect.stringContaining("keycloak-account")]);
  });

  it.each([
    ["kubernetes:apps/v1:StatefulSet", "object-store-stateful-set", "object-store-servers"],
    ["kubernetes:apps/v1:Deployment", "portal-api-deployment", "portal-api"],
    ["kubernetes:networking.k8s.io/v1:Ingress", "object-store-s3-ingress", "object-store-ingress-s3"],
    ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "realm-network-policy", "realm-policy"],
    ["kubernetes:core/v1:Secret", "ingress-image-pull-secret", "ingress-image-pull"],
    [
      "kubernetes:cert-manager.io/v1:Certificate",
      "wildcard-certificates-services-certificate",
      "wildcard-certificates-services",
    ],
    ["kubernetes:core/v1:ConfigMap", "object-store-policy-document", "object-store-policy"],
    ["random:index/randomPassword:RandomPassword", "object-store-token-password", "object-store-token-secret"],
    ["kubernetes:policy/v1:PodDisruptionBudget", "portal-web-disruption-budget", "portal-web-budget"],
  ])("of a %s: %s was %s", (type, name, before) => {
    expect(formerNames(type, name)).toContain(before);
  });
});
