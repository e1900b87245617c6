import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { dockerConfig, pullSecrets, pullsWithSecret, registryOf } from "../../components/kubernetes/image-pull.ts";
import { registryLoginOf } from "../../stacks/alternatives.ts";
import { imagePullProblems } from "../../stacks/settings/image-pull-rules.ts";
import { printed } from "../../stacks/settings/sentences.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, runGraph, secretMarker } from "../support/graph.ts";

/** An object whose type is known at run time only, like those of charts. */
class AnyObject extends pulumi.CustomResource {}

const login = { username: "robot$datalab", password: `${secretMarker}-"quoted"` };

describe("the login for a registry", () => {
  it("is what kubectl would write, under the registry's own name", () => {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    const config = (registry: string) => JSON.parse(dockerConfig(registry, login)) as unknown;
    expect(config("r.example.org:5000")).toEqual({ auths: { "r.example.org:5000": { ...login, auth } } });
    expect(config("docker.io")).toEqual({ auths: { "https://index.docker.io/v1/": { ...login, auth } } });
  });

  it("is for the host that a prefix or an image begins with", () => {
    expect(registryOf("r.example.org:5000/hub/a")).toBe("r.example.org:5000");
    expect(registryOf("r.example.org")).toBe("r.example.org");
  });

  it("is a secret from where the settings end, and for the mirror's host unless a registry is named", async () => {
    const loginFor = async (registry: string | undefined) => {
      const platform = { domain: "example.org", imageMirror: "m.example.org:5000/hub", readyTimeout: "10m" };
      const output = registryLoginOf({
        platform: { ...platform, adopt: [], protectData: false, imagePull: { ...login, registry } },
      });
      expect(output !== undefined && (await pulumi.isSecret(output))).toBe(true);
      return new Promise<string>((resolve) => output?.apply(resolve));
    };
    expect(await loginFor(undefined)).toBe(dockerConfig("m.example.org:5000", login));
    expect(await loginFor("r.example.org")).toBe(dockerConfig("r.example.org", login));
  });

  it("stands in a Secret that no state and no preview shows, and in none where there is no login", async () => {
    const graph = await runGraph(() => {
      pullSecrets("a", "apps", pulumi.secret(dockerConfig("r.example.org", login)), {});
      pullSecrets("b", "apps", undefined, {});
    });
    const secrets = graph.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(secrets).toHaveLength(1);
    expect(secrets[0]).toMatchObject({
      name: "a-image-pull-secret",
      inputs: { type: "kubernetes.io/dockerconfigjson", metadata: { name: "image-pull", namespace: "apps" } },
    });
    expect(secrets[0]?.serialized).not.toContain(secretMarker);
    expect(secrets[0]?.serialized).not.toContain(Buffer.from(login.username).toString("base64").slice(0, 12));
  });
});

describe("every template of pods", () => {
  const pod = { containers: [{ name: "a" }] };
  const named = { ...pod, imagePullSecrets: [{ name: "image-pull" }] };
  const claim = { volumeClaimTemplates: [{ spec: { accessModes: ["ReadWriteOnce"] } }] };

  it.each([
    [
      "a Deployment",
      "apps/v1:Deployment",
      { replicas: 1, template: { spec: pod } },
      { replicas: 1, template: { spec: named } },
    ],
    [
      "a StatefulSet",
      "apps/v1:StatefulSet",
      { ...claim, template: { spec: pod } },
      { ...claim, template: { spec: named } },
    ],
    ["a Job", "batch/v1:Job", { template: { metadata: {}, spec: pod } }, { template: { metadata: {}, spec: named } }],
    [
      "a CronJob",
      "batch/v1:CronJob",
      { schedule: "a", jobTemplate: { spec: { template: { spec: pod } } } },
      { schedule: "a", jobTemplate: { spec: { template: { spec: named } } } },
    ],
    ["a Pod", "core/v1:Pod", pod, named],
    // cert-manager has a template of something else.
    ["a Certificate", "cert-manager.io/v1:Certificate", { secretTemplate: {} }, { secretTemplate: {} }],
    ["a Service", "core/v1:Service", { ports: [] }, { ports: [] }],
  ])("of %s is given the Secret, and nothing else of it changes", async (_, type, spec, expected) => {
    const graph = await runGraph(() => {
      const options = { transformations: [pullsWithSecret] };
      const parent = new pulumi.ComponentResource("datalab:test:Parent", "parent", {}, options);
      new AnyObject(`kubernetes:${type}`, "object", { metadata: { name: "a" }, spec }, { parent });
    });
    expect(find(graph, `kubernetes:${type}`, "object").inputs).toEqual({ metadata: { name: "a" }, spec: expected });
  });
});

describe("a login that no image needs", () => {
  const problems = (registry: string | undefined, imageMirror?: string) => {
    const values = {
      platform: { domain: "example.org", ...(imageMirror === undefined ? {} : { imageMirror }) },
      cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "k" },
      ingress: { kind: "traefik" },
      certificates: { issuer: "privateCa" },
      objectStore: { kind: "minio" },
    };
    const settings = parseSettings({ stack: "test", values, secretKeys: [] });
    const platform = { ...settings.platform, imagePull: { ...login, registry } };
    return imagePullProblems({ ...settings, platform }).map(printed);
  };
  const set = (value: string) => `pulumi config set --path 'datalab:platform.imagePull.registry' '${value}'`;

  it.each(["index.docker.io", "registry-1.docker.io", "hub.docker.com", "docker.oi"])("is told for %s", (registry) => {
    expect(problems(registry)).toEqual([expect.objectContaining({ cure: set("docker.io") })]);
  });

  it("is told with the registries that there are, where none is alike", () => {
    expect(problems("registry.example.org")).toEqual([
      expect.objectContaining({ cure: set("<one of docker.io, quay.io, ghcr.io>") }),
    ]);
  });

  it("is told without a mirror, with both ways out, and beside one whose login it is not", () => {
    const [missing] = problems(undefined);
    expect(missing?.cure).toContain("'datalab:platform.imageMirror'");
    expect(problems("docker.io", "m.example.org/hub")).toEqual([
      expect.objectContaining({ cure: "pulumi config rm --path 'datalab:platform.imagePull.registry'" }),
    ]);
    expect(problems("m.example.org", "m.example.org/hub")).toEqual([]);
  });
});
