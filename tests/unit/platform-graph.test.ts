import process from "node:process";

import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { kindOf, textOf } from "../../components/kubernetes/object-key.ts";
import { ownerLabel } from "../../components/kubernetes/owner.ts";
import { namespaces } from "../../components/names.ts";
import { wallsOf } from "../../commands/doctor/walls.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { fixedObjects } from "../../stacks/fixed-objects.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { reordered, type StackValues, stackValues } from "../support/arbitrary-settings.ts";
import { type Graph, type Registration, runGraph, secretMarker } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { chartsFor } from "../support/stack-file.ts";

function settingsOf(values: StackValues): Settings {
  return parseSettings({ stack: "test", values, secretKeys: ["certificates", "identity", "platform"] });
}

function platform(values: StackValues, options: { preview?: boolean } = {}): Promise<Graph<unknown>> {
  const settings = settingsOf(values);
  return runGraph(
    async () => datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) }),
    options,
  );
}

interface Sample {
  readonly values: StackValues;
  readonly graph: Graph<unknown>;
}

// Building a graph takes a while: each sample is built once, and every property looks at all of them.
const seed = Number(process.env["DATALAB_SEED"] ?? Date.now() % 1_000_000_000);
const samples: Sample[] = [];

function forEachSample(check: (sample: Sample) => void): void {
  for (const sample of samples) {
    try {
      check(sample);
    } catch (error) {
      throw new Error(`with DATALAB_SEED=${seed}, for ${JSON.stringify(sample.values)}`, { cause: error });
    }
  }
}

/** All namespaces that the platform can have, and a login for the images of each. */
const everyNamespace: StackValues = {
  platform: {
    domain: "example.org",
    imageMirror: "mirror.example.org",
    imagePull: { username: "robot$datalab", password: `${secretMarker}-registry-password` },
  },
  cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
  dns: { kind: "none", clusterDns: "coredns" },
  ingress: { kind: "traefik" },
  certificates: { issuer: "privateCa" },
  identity: {},
  objectStore: { kind: "minio" },
  packages: { engine: "pypiron", privatePrefix: "lab", mirror: {}, reads: "authenticated" },
  catalogue: {},
  basicJupyter: {},
  notebooks: { login: "signup" },
  portal: {},
};

beforeAll(async () => {
  for (const values of [everyNamespace, ...fc.sample(stackValues, { numRuns: 10, seed })]) {
    samples.push({ values, graph: await platform(values) });
  }
}, 120_000);

/** What the engine compares, without the order of registration. */
function comparable(graph: Graph<unknown>): string[] {
  return graph.resources.map((resource) => JSON.stringify(resource)).toSorted();
}

function onAws(graph: Graph<unknown>): Registration[] {
  return graph.resources.filter(({ type }) => type.startsWith("aws:"));
}

function kubernetes(graph: Graph<unknown>): Registration[] {
  return graph.resources.filter(({ type }) => type.startsWith("kubernetes:"));
}

describe("the platform, for every valid stack file,", () => {
  it("gives every resource a name of its own", () => {
    forEachSample(({ graph }) => {
      const names = graph.resources.map(({ urn }) => urn);
      expect(new Set(names).size).toBe(names.length);
    });
  });

  it("fits together: selectors, ports, volumes, accounts, Secrets, rights", () => {
    forEachSample(({ graph }) => {
      // The pods of cert-manager are a chart's, which tests replace.
      const resources = graph.resources.filter(({ name }) => !name.startsWith("cert-manager"));
      expect(looseEnds({ ...graph, resources }, { elsewhere: ["ServiceAccount cert-manager"] })).toEqual([]);
    });
  });

  it("names the provider of every object, and a parent for everything but components", () => {
    forEachSample(({ graph }) => {
      for (const resource of kubernetes(graph)) expect(resource).toMatchObject({ provider: "cluster-provider" });
      for (const resource of onAws(graph)) expect(resource).toMatchObject({ provider: "aws" });
      for (const resource of graph.resources.filter(({ custom, name }) => custom && name !== "aws")) {
        expect(resource.parent).toBeDefined();
      }
    });
  });

  it("shows a secret to nobody", () => {
    forEachSample(({ graph }) => {
      expect(graph.resources.some(({ inputs }) => JSON.stringify(inputs).includes(secretMarker))).toBe(true);
      for (const { name, serialized } of graph.resources) {
        expect({ name, leaks: serialized.includes(secretMarker) }).toEqual({ name, leaks: false });
      }
    });
  });

  it("protects what holds data exactly when it is asked to", () => {
    forEachSample(({ values, graph }) => {
      const holders = graph.resources.filter(({ type, name, inputs }) => {
        const spec = inputs["spec"] as { volumeClaimTemplates?: unknown[] } | undefined;
        return (
          (type === "kubernetes:apps/v1:StatefulSet" && spec?.volumeClaimTemplates !== undefined) ||
          /^(database|object-store-(root|token))-password$/.test(name) ||
          /^aws:(s3\/bucket:Bucket|route53\/zone:|efs\/fileSystem:|kms\/key:|eks\/cluster:)/.test(type)
        );
      });
      expect(holders.length).toBeGreaterThanOrEqual(values["objectStore"]?.["kind"] === "minio" ? 4 : 2);
      const { protectData } = settingsOf(values).platform;
      for (const { name, protect } of holders) expect({ name, protect }).toEqual({ name, protect: protectData });
    });
  });

  it("lets nobody delete what holds data in the cluster, exactly when it is asked to", () => {
    forEachSample(({ values, graph }) => {
      const homes = kubernetes(graph)
        .filter(
          ({ inputs }) => (inputs["spec"] as { volumeClaimTemplates?: unknown } | undefined)?.volumeClaimTemplates,
        )
        .map(({ inputs }) => namespaceOf(inputs));
      expect(homes.length).toBeGreaterThanOrEqual(1);
      const specOf = (name: string) => graph.resources.find((resource) => resource.name === name)?.inputs["spec"];
      const { matchConstraints } = specOf("data-protection-policy") as {
        matchConstraints: { namespaceSelector: { matchExpressions: { values: string[] }[] } };
      };
      // Of a store that a switch leaves behind the policy must let go.
      const { values: protectedHomes = [] } = matchConstraints.namespaceSelector.matchExpressions[0] ?? {};
      expect(new Set(protectedHomes)).toEqual(new Set(homes));
      const { protectData } = settingsOf(values).platform;
      const validationActions = [protectData ? "Deny" : "Audit"];
      expect(specOf("data-protection-policy-binding")).toMatchObject({ validationActions });
      // Deletions come at the end of `up`: the rule must have changed long before.
      for (const name of ["portal", "keycloak", "database"]) {
        expect({ name, before: reaches(graph, "data-protection", name) }).toEqual({ name, before: false });
      }
    });
  });

  it("says what to wait for where the provider would not wait, or not long enough", () => {
    forEachSample(({ graph }) => {
      const waiting = kubernetes(graph).filter(({ type }) => /cert-manager\.io|:StatefulSet$/.test(type));
      expect(waiting.length).toBeGreaterThanOrEqual(2);
      for (const { name, inputs } of waiting) {
        const { annotations } = inputs["metadata"] as { annotations?: Record<string, string> };
        expect({ name, waitsFor: annotations?.["pulumi.com/waitFor"] }).toEqual({ name, waitsFor: expect.anything() });
      }
    });
  });

  it("marks every object as its stack's, by a label and by one field manager, and no pod", () => {
    forEachSample(({ values, graph }) => {
      const owner = `test.${String(values["cluster"]?.["clusterIdentifier"])}`;
      for (const { name, inputs } of kubernetes(graph)) {
        const { labels, annotations } = inputs["metadata"] as Record<string, Record<string, string> | undefined>;
        expect({ name, labels, annotations }).toEqual({
          name,
          labels: expect.objectContaining({ [ownerLabel]: owner }),
          annotations: expect.objectContaining({ "pulumi.com/patchFieldManager": `datalab-${owner}` }),
        });
        // A label of the template would begin a rollout, and one of a claim would replace the StatefulSet.
        expect({ name, below: JSON.stringify(inputs["spec"] ?? {}).includes(ownerLabel) }).toEqual({
          name,
          below: false,
        });
      }
    });
  });

  it("tells beforehand every object outside of namespaces, for the preflight to look for", () => {
    forEachSample(({ values, graph }) => {
      const settings = settingsOf(values);
      if (settings.cluster.kind === "eks") return;
      const made = kubernetes(graph)
        .filter(
          ({ type, inputs }) => !type.includes("cert-manager.io") && !("namespace" in (inputs["metadata"] as object)),
        )
        .map(({ type, inputs }) => textOf({ ...kindOf(type), name: (inputs["metadata"] as { name: string }).name }));
      expect(fixedObjects(planOf(settings), chartsFor(settings)).map(textOf).toSorted()).toEqual(made.toSorted());
    });
  });

  it("tells beforehand what runs, in which namespace, and what of it holds data", () => {
    forEachSample(({ values, graph }) => {
      const { running } = planOf(settingsOf(values));
      const of = (...kinds: string[]) =>
        kubernetes(graph).filter(({ type }) => kinds.some((kind) => type.endsWith(`:${kind}`)));
      const nameOf = ({ inputs }: Registration) => {
        const { namespace = "", name } = inputs["metadata"] as { namespace?: string; name: string };
        return `${namespace}/${name}`;
      };
      const told = running.flatMap(({ namespace, workloads }) => workloads.map(({ name }) => `${namespace}/${name}`));
      // The chart of these tests is a small one; the real one's pods are looked at by the walk's doctor.
      const ofPlatform = (name: string) => !name.startsWith(`${namespaces.certificates}/`);
      const made = of("Deployment", "StatefulSet").map(nameOf);
      expect(told.filter(ofPlatform).toSorted()).toEqual(made.filter(ofPlatform).toSorted());
      const holding = running.flatMap(({ namespace, data = [] }) =>
        data.map(({ statefulSet }) => `${namespace}/${statefulSet}`),
      );
      const claiming = of("StatefulSet").filter(({ inputs }) => "volumeClaimTemplates" in (inputs["spec"] as object));
      expect(holding.toSorted()).toEqual(claiming.map(nameOf).toSorted());
      const madeNamespaces = of("Namespace").map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
      expect(running.map(({ namespace }) => namespace).toSorted()).toEqual(madeNamespaces.toSorted());
    });
  });

  it("tells beforehand every host that an Ingress answers at", () => {
    forEachSample(({ values, graph }) => {
      const { hosts, publicHosts } = planOf(settingsOf(values));
      const answered = kubernetes(graph)
        .filter(({ type }) => type.endsWith(":Ingress"))
        .flatMap(({ inputs }) => (inputs["spec"] as { rules: { host: string }[] }).rules.map(({ host }) => host))
        .filter((host) => !host.startsWith("*."));
      const told: string[] = publicHosts.map(({ host }) => hosts[host]);
      expect(told.toSorted()).toEqual([...new Set(answered)].toSorted());
    });
  });

  it("tells where each value is kept that nobody can make a second time", () => {
    forEachSample(({ values, graph }) => {
      const kept = planOf(settingsOf(values)).keptValues;
      const made = graph.resources.filter(({ type }) => /^tls:|^random:.*:RandomPassword$/.test(type));
      expect(kept.map(({ resource }) => resource).toSorted()).toEqual(made.map(({ name }) => name).toSorted());
      for (const { resource, entry } of kept) {
        const secret = kubernetes(graph).find(({ type, inputs }) => {
          const { name, namespace } = inputs["metadata"] as { name: string; namespace?: string };
          return type === "kubernetes:core/v1:Secret" && name === entry.name && namespace === entry.namespace;
        });
        const text = (secret?.inputs["stringData"] as Record<string, string> | undefined)?.[entry.key];
        const expected = resource.endsWith("-certificate")
          ? `certificate-of-${resource}`
          : `${secretMarker}-${resource}`;
        expect({ resource, text }).toEqual({ resource, text: expected });
      }
    });
  });

  it("makes the walls that the doctor expects", () => {
    forEachSample(({ values, graph }) => {
      const { launcher, policies, roles, schemas, templates } = wallsOf(planOf(settingsOf(values)));
      const made = (kind: string, name: string | undefined) =>
        kubernetes(graph).find(
          ({ type, inputs }) => type.endsWith(`:${kind}`) && (inputs["metadata"] as { name: string }).name === name,
        )?.inputs;
      for (const { name, data } of [launcher, schemas, templates])
        expect(made("ConfigMap", name)).toMatchObject({ data });
      for (const [name, policy] of Object.entries(policies)) {
        expect(made("ValidatingAdmissionPolicy", name)?.["spec"]).toEqual(policy.spec);
      }
      for (const role of roles) {
        const { name } = role.metadata as { name: string };
        expect(made("ClusterRole", name)?.["rules"]).toEqual(role.rules);
      }
    });
  });

  it("writes every reference to a field of the pod in full", () => {
    forEachSample(({ graph }) => {
      for (const { name, inputs } of kubernetes(graph)) {
        for (const reference of fieldReferencesIn(inputs)) {
          expect({ name, reference }).toEqual({ name, reference: expect.objectContaining({ apiVersion: "v1" }) });
        }
      }
    });
  });

  it("keeps the order of the design: each part waits for what it needs", () => {
    forEachSample(({ values, graph }) => {
      const waits = (later: string, earlier: string) => {
        expect({ later, earlier, waits: reaches(graph, later, earlier) }).toEqual({ later, earlier, waits: true });
        expect({ later, earlier, waits: reaches(graph, earlier, later) }).toEqual({ later, earlier, waits: false });
      };
      // Another store needs nobody until a user logs in.
      if (values["objectStore"]?.["kind"] === "minio") {
        waits("object-store", "realm");
        waits("object-store", "wildcard-certificates");
      }
      if (values["objectStore"]?.["kind"] !== "external") waits("portal", "object-store");
      if (values["cluster"]?.["kind"] === "eks") {
        waits("ingress", "cluster");
        waits("cluster", "network");
      }
      if (values["packages"]?.["engine"] === "pypiron") waits("packages", "object-store");
      if (values["catalogue"] !== undefined) waits("portal", "catalogue");
      if (values["notebooks"] !== undefined) waits("notebooks", "realm");
      waits("ingress", "priority");
      if (values["certificates"]?.["issuer"] === "privateCa") waits("cert-manager", "priority");
      waits("portal", "realm");
      waits("realm", "keycloak");
      waits("keycloak", "database");
      waits("portal", "wildcard-certificates");
    });
  });

  it("gives every pod the platform's priority, and each of them after the class is there", () => {
    forEachSample(({ graph }) => {
      // The chart of cert-manager is rendered elsewhere: tests/engine/platform.test.ts looks at its pods.
      const pods = kubernetes(graph).flatMap(({ name, inputs }) => podsIn(inputs).map((pod) => ({ name, pod })));
      expect(pods.length).toBeGreaterThanOrEqual(5);
      for (const { name, pod } of pods) {
        const { priorityClassName } = pod;
        expect({ name, priorityClassName }).toEqual({ name, priorityClassName: "datalab-platform" });
        expect({ name, waits: reaches(graph, ownerIn(graph)(name), "priority") }).toEqual({ name, waits: true });
      }
    });
  });

  it("gives every pod the login for its images, where there is one, and each of them after its Secret", () => {
    forEachSample(({ values, graph }) => {
      const given = values["platform"]?.["imagePull"] !== undefined;
      const secrets = kubernetes(graph).filter(({ inputs }) => inputs["type"] === "kubernetes.io/dockerconfigjson");
      const workloads = kubernetes(graph).filter(({ inputs }) => podsIn(inputs).length > 0);
      const made = graph.resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
      const namespaces = made.map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
      expect(secrets.map(({ inputs }) => namespaceOf(inputs)).toSorted()).toEqual(given ? namespaces.toSorted() : []);
      for (const { name, inputs, dependencies } of workloads) {
        const namespace = namespaceOf(inputs);
        const logins = secrets.filter((secret) => namespaceOf(secret.inputs) === namespace);
        expect({ name, logins: logins.length }).toEqual({ name, logins: given ? 1 : 0 });
        for (const { imagePullSecrets } of podsIn(inputs)) {
          const named = logins.map((login) => ({ name: (login.inputs["metadata"] as { name: string }).name }));
          expect({ name, imagePullSecrets }).toEqual({ name, imagePullSecrets: given ? named : undefined });
        }
        // These are components of their own, which others wait for as a whole.
        if (["datalab-identity", "datalab-notebooks"].includes(namespace ?? "")) continue;
        const waits = logins.every((login) => dependencies.includes(login.name));
        expect({ name, waits }).toEqual({ name, waits: true });
      }
    });
  });

  it("gives no pod the addresses of every Service, and lets none change each file's owner at every start", () => {
    forEachSample(({ graph }) => {
      for (const { name, inputs } of kubernetes(graph)) {
        for (const { enableServiceLinks, securityContext } of podsIn(inputs)) {
          const { fsGroupChangePolicy } = securityContext as { fsGroupChangePolicy?: string };
          const found = { name, enableServiceLinks, fsGroupChangePolicy };
          expect(found).toEqual({ name, enableServiceLinks: false, fsGroupChangePolicy: "OnRootMismatch" });
        }
      }
    });
  });

  it("names every object in a preview before anything exists, and previews exactly what it makes", async () => {
    for (const { values, graph } of samples) {
      const preview = await platform(values, { preview: true });
      const urns = ({ resources }: Graph<unknown>) => resources.map(({ urn }) => urn).toSorted();
      expect(urns(preview)).toEqual(urns(graph));
      for (const { inputs } of kubernetes(preview)) {
        expect((inputs["metadata"] as { name: unknown }).name).toEqual(expect.stringMatching(/^[a-z0-9:.-]+$/));
      }
    }
  }, 120_000);

  it("is the same graph for the same settings, in whatever order they are written", async () => {
    for (const { values, graph } of samples) {
      expect(comparable(await platform(values))).toEqual(comparable(graph));
      expect(comparable(await platform(reordered(values)))).toEqual(comparable(graph));
    }
  }, 120_000);
});

/** Whether a component waits, over any number of steps, for something of another one. */
function reaches(graph: Graph<unknown>, from: string, to: string): boolean {
  const ownerOf = ownerIn(graph);
  const edges = new Map<string, Set<string>>();
  for (const { name, dependencies } of graph.resources) {
    const owner = ownerOf(name);
    edges.set(owner, new Set([...(edges.get(owner) ?? []), ...dependencies.map(ownerOf)]));
  }
  const seen = new Set<string>();
  const visit = (name: string): boolean => {
    if (seen.has(name)) return false;
    seen.add(name);
    return [...(edges.get(name) ?? [])].some((next) => next !== name && (next === to || visit(next)));
  };
  return visit(from);
}

/** Finds the outermost component of a resource. */
function ownerIn({ resources }: Graph<unknown>): (name: string) => string {
  const parents = new Map(resources.map(({ name, parent }) => [name, parent]));
  const ownerOf = (name: string): string => {
    const parent = parents.get(name);
    return parent === undefined ? name : ownerOf(parent);
  };
  return ownerOf;
}

function namespaceOf(inputs: Record<string, unknown>): string | undefined {
  return (inputs["metadata"] as { namespace?: string }).namespace;
}

/** Every pod, or template of one, at whatever depth. */
function podsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(podsIn);
  return "containers" in value ? [value, ...inner] : inner;
}

/** Every `fieldRef`, at whatever depth. */
function fieldReferencesIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(fieldReferencesIn);
  return "fieldRef" in value ? [value.fieldRef, ...inner] : inner;
}
