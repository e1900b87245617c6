import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import type { OperationResult, Step } from "../../testbed/engine/engine.ts";
import { privateCaName } from "../../components/certificates/own-issuer.ts";
import { namespaces, wildcardSecrets } from "../../components/names.ts";
import { reordered } from "../support/arbitrary-settings.ts";
import { isRun } from "../support/cron-jobs.ts";
import { type KubernetesObject, type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;
const unchanged = ["--expect-no-changes"];

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

/** Resources that an operation would touch, with what it would do. */
function changes(result: OperationResult): string[] {
  return result.steps.filter(({ op }) => !["same", "read"].includes(op)).map(({ op, name }) => `${op} ${name}`);
}

function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}\n${result.text}`);
  return result;
}

function kubernetesSteps(result: OperationResult): Step[] {
  return result.steps.filter(({ type }) => type.startsWith("kubernetes:"));
}

function components(result: OperationResult): string[] {
  return result.steps.map(({ urn }) => urn).toSorted();
}

describe("the whole platform on the real engine", () => {
  let firstPreview: OperationResult;

  it(
    "previews every object before the cluster can be reached",
    async () => {
      let real: unknown;
      platform.configure((config) => {
        real = config["datalab:cluster"]?.["kubeconfigPath"];
        // A kubeconfig that leads nowhere: nobody listens on this port.
        config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: unreachableKubeconfig };
      });
      firstPreview = succeeded(await platform.engine.preview());
      platform.configure((config) => {
        config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: real };
      });
      const named = kubernetesSteps(firstPreview).map(
        ({ inputs }) => (inputs?.["metadata"] as { name?: string } | undefined)?.name,
      );
      expect(named.length).toBeGreaterThan(100);
      // An unknown name prints as a marker and hides what the object is.
      for (const name of named) expect(name).toMatch(/^[a-z0-9:.-]+$/);
    },
    3 * minutes,
  );

  it(
    "brings up everything, just as previewed",
    async () => {
      const up = succeeded(await platform.engine.up());
      expect(components(up)).toEqual(components(firstPreview));
    },
    6 * minutes,
  );

  it("leaves every workload ready and every certificate issued", async () => {
    type Workload = KubernetesObject & { spec: { replicas: number }; status: { readyReplicas?: number } };
    const workloads = [
      ...(await platform.objects<Workload>("deployments")),
      ...(await platform.objects<Workload>("statefulsets")),
    ];
    expect(workloads.map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(["cert-manager", "traefik", "keycloak", "onyxia-api", "onyxia-web"]),
    );
    for (const { spec, status } of workloads) expect(status.readyReplicas).toBe(spec.replicas);

    type Certificate = KubernetesObject & {
      spec: { dnsNames: string[] };
      status: { conditions: { type: string; status: string }[] };
    };
    const certificates = await platform.objects<Certificate>("certificates.cert-manager.io");
    expect(certificates.flatMap(({ spec }) => spec.dnsNames)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\*\.lab\./), expect.stringMatching(/^\*\.(?!lab\.)/)]),
    );
    for (const { status } of certificates) {
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
    }
  });

  it("issues certificates that Python takes from 3.13 on, which holds authorities to RFC 5280", async () => {
    const secrets = await platform.objects("secrets");
    const file = (name: string) => {
      const data = secrets.find(({ metadata }) => metadata.name === name)?.data;
      const path = join(platform.folder, `${name}.crt`);
      writeFileSync(path, Buffer.from(data?.["tls.crt"] ?? "", "base64"));
      return path;
    };
    for (const name of [wildcardSecrets.platform, wildcardSecrets.services]) {
      const args = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", file(privateCaName), file(name)];
      expect(execFileSync("openssl", args, { encoding: "utf8" })).toMatch(/: OK\n$/);
    }
  });

  it("runs every pod with the platform's priority, those of charts as well", async () => {
    type Workload = KubernetesObject & { spec: { template: { spec: { priorityClassName?: string } } } };
    const all = await Promise.all(
      ["deployments", "statefulsets", "jobs"].map((kind) => platform.objects<Workload>(kind)),
    );
    const pods = all
      .flat()
      .filter(({ metadata }) => Object.values<string>(namespaces).includes(metadata.namespace ?? ""))
      .map(({ metadata, spec }) => ({ name: metadata.name, priority: spec.template.spec.priorityClassName }));
    expect(pods.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["cert-manager-webhook", "keycloak", "traefik"]),
    );
    for (const { name, priority } of pods) expect({ name, priority }).toEqual({ name, priority: "datalab-platform" });
  });

  it("gives nobody who may edit a namespace rights over certificates", async () => {
    type Role = KubernetesObject & { rules: { apiGroups?: string[] }[] | null };
    const roles = await platform.objects<Role>("clusterroles");
    const overCertificates = roles
      .filter(({ rules }) =>
        rules?.some(({ apiGroups = [] }) => apiGroups.some((group) => group.endsWith("cert-manager.io"))),
      )
      .map(({ metadata }) => metadata.name);
    expect(overCertificates).toContain("cert-manager-edit");
    for (const role of ["admin", "edit", "view"]) expect(overCertificates).not.toContain(role);
  });

  it("holds a region, a realm and a bucket policy that belong together", async () => {
    const maps = await platform.objects("configmaps");
    const everything = maps.flatMap(({ data }) => Object.entries(data ?? {}));
    const [, regions] = everything.find(([key]) => key === "regions")!;
    const [, realm] = everything.find(([key]) => key.endsWith("-realm.json"))!;
    const [, policy] = everything.find(([key]) => key === "own-bucket.json")!;

    const [region] = JSON.parse(regions) as [
      { data: { S3: { bookmarks: { s3Uri: string }[]; sts: { oidcConfiguration: { clientID: string } } } } },
    ];
    const { clients } = JSON.parse(realm) as {
      clients: { clientId: string; protocolMappers: { config: Record<string, string> }[] }[];
    };
    const storageClient = clients.find(({ clientId }) => clientId === region.data.S3.sts.oidcConfiguration.clientID);
    const policyClaim = storageClient?.protocolMappers.find(({ config }) => config["claim.name"] === "policy");
    expect(policyClaim?.config["claim.value"]).toBe("own-bucket");
    expect(region.data.S3.bookmarks[0]?.s3Uri).toMatch(/^s3:\/\/user-\$1\//);
    expect(policy).toContain("arn:aws:s3:::user-${jwt:preferred_username}");
  });

  it(
    "changes nothing when nothing has changed",
    async () => {
      succeeded(await platform.engine.preview({ flags: unchanged }));
    },
    2 * minutes,
  );

  it(
    "shows no secret: not in previews, not in logs, not in any object but Secrets",
    async () => {
      const secrets = await platform.objects("secrets");
      const values = secrets
        .filter(({ metadata }) => Object.values(namespaces).some((name) => name === metadata.namespace))
        .flatMap(({ data }) => Object.entries(data ?? {}))
        // Certificates, names and addresses stand in Secrets beside what is secret.
        .filter(([key]) => /password|key|secret/i.test(key) && !/\.crt$|^client-id$/.test(key))
        .map(([, value]) => Buffer.from(value, "base64").toString().trim());
      expect(values.length).toBeGreaterThan(4);

      const kinds = (await platform.kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
      const visible = kinds.filter((kind) => kind !== "secrets" && !kind.startsWith("events")).join(",");
      const objects = await platform.kubectl("get", visible, "--all-namespaces", "-o", "yaml");
      const preview = (await platform.engine.preview({ flags: ["--show-sames"] })).text;
      const exported = await platform.engine.run(["stack", "export", "--stack", "dev"]);
      for (const value of values) {
        expect(value.length).toBeGreaterThan(8);
        expect(objects.includes(value)).toBe(false);
        expect(preview.includes(value)).toBe(false);
        expect(exported.includes(value)).toBe(false);
      }
    },
    2 * minutes,
  );

  it(
    "touches the portal alone when the portal's title changes",
    async () => {
      platform.configure((config) => {
        config["datalab:portal"] = { ...config["datalab:portal"], title: "Another title" };
      });
      const result = succeeded(await platform.engine.up());
      const touched = result.steps.filter(({ op }) => op !== "same");
      expect(touched.length).toBeGreaterThan(0);
      expect(touched.filter(({ op }) => op !== "update")).toEqual([]);
      expect(touched.filter(({ urn }) => !urn.includes("datalab:portal:Onyxia"))).toEqual([]);
      expect(JSON.stringify(await platform.objects("deployments"))).toContain("Another title");
    },
    3 * minutes,
  );

  it(
    "adds an OIDC client with a new Job and replaces nothing that holds data",
    async () => {
      const before = await dataHolders();
      platform.configure((config) => {
        config["datalab:identity"] = {
          ...config["datalab:identity"],
          clients: { wiki: { kind: "public", redirectUris: ["https://wiki.example.org/*"] } },
        };
      });
      const result = succeeded(await platform.engine.up());
      const replaced = result.steps.filter(({ op }) => op.includes("replace"));
      expect(new Set(replaced.map(({ type }) => type))).toEqual(new Set(["kubernetes:batch/v1:Job"]));
      expect(changes(result).some((change) => change.includes("stateful"))).toBe(false);
      expect(await dataHolders()).toEqual(before);
      type Job = KubernetesObject & { status: { succeeded?: number } };
      const jobs = (await platform.objects<Job>("jobs")).filter((job) => !isRun(job));
      expect(jobs.filter(({ metadata }) => metadata.namespace === namespaces.identity)).toHaveLength(1);
      for (const { status } of jobs) expect(status.succeeded).toBe(1);
    },
    3 * minutes,
  );

  it(
    "does not care about the order of lists",
    async () => {
      platform.configure((config) => {
        for (const [key, settings] of Object.entries(config)) {
          if (typeof settings === "object") config[key] = reordered(settings);
        }
      });
      succeeded(await platform.engine.preview({ flags: unchanged }));
    },
    2 * minutes,
  );

  it(
    "fails when a part never becomes ready, names it, and completes after the cure",
    async () => {
      let before: unknown;
      platform.configure((config) => {
        before = config["datalab:objectStore"];
        config["datalab:platform"] = { ...config["datalab:platform"], readyTimeout: "60s" };
        config["datalab:objectStore"] = { ...config["datalab:objectStore"], image: neverReadyImage };
      });
      const broken = await platform.engine.up();
      expect(broken.exitCode).not.toBe(0);
      const errors = broken.diagnostics.filter(({ severity }) => severity === "error");
      expect(errors.map(({ urn }) => urn ?? "").join("\n")).toContain("MinioTenant");
      // The provider only says that it has waited.
      const warnings = broken.diagnostics.filter(({ severity }) => severity === "warning");
      expect(warnings.map(({ message }) => message).join("\n")).toMatch(
        /The pod datalab-storage\/object-store-0 is in ImagePullBackOff of docker.io\/datalab\/never-ready:1@.*npm run doctor -- --stack dev/,
      );

      platform.configure((config) => {
        config["datalab:platform"] = { ...config["datalab:platform"], readyTimeout: "10m" };
        config["datalab:objectStore"] = before as Record<string, unknown>;
      });
      succeeded(await platform.engine.up());
      succeeded(await platform.engine.preview({ flags: unchanged }));
    },
    5 * minutes,
  );

  it(
    "leaves nothing when it is destroyed",
    async () => {
      succeeded(await platform.engine.destroy());
      expect(await ownObjects()).toEqual([]);
    },
    5 * minutes,
  );
});

/** The simulated nodes never make this image ready. */
const neverReadyImage = `docker.io/datalab/never-ready:1@sha256:${"0".repeat(64)}`;

/** What must survive every change: identities of volumes, databases and stores. */
async function dataHolders(): Promise<string[]> {
  const holders = [...(await platform.objects("persistentvolumeclaims")), ...(await platform.objects("statefulsets"))];
  return holders.map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).toSorted();
}

/** Everything that carries the platform's mark, and what its chart and its controllers made. */
async function ownObjects(): Promise<string[]> {
  const kinds = (await platform.kubectl("api-resources", "--verbs=list,delete", "-o", "name")).trim().split("\n");
  const own = new Set<string>(Object.values(namespaces));
  const found = await platform.objects([...kinds].filter((kind) => !kind.startsWith("events")).join(","));
  return found
    .filter(
      ({ metadata, kind }) =>
        metadata.labels?.["app.kubernetes.io/part-of"] === "datalab" ||
        own.has(metadata.namespace ?? "") ||
        (kind === "Namespace" && own.has(metadata.name)) ||
        metadata.name.includes("cert-manager"),
    )
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${metadata.name}`);
}
