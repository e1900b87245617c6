import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { accessModel } from "../../components/access/access-model.ts";
import type { PublicHostAccess } from "../../components/contracts.ts";
import { hostsOf } from "../../components/names.ts";
import { MinioTenant, type MinioTenantArgs } from "../../components/object-store/minio-tenant.ts";
import { minioSettings, objectStoreSettings } from "../../components/object-store/settings.ts";
import { setupJob, setupScript } from "../../components/object-store/setup-job.ts";
import { find, type Graph, type Registration, runGraph, secretMarker } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";

const ingress = { namespace: "ways-in", podHttpsPort: 8443 };
const access = accessModel({ domain: "example.org", realm: "datalab" });

const open: PublicHostAccess = { clusterIp: undefined, caBundle: undefined, ingress };
// Outputs belong to the run that reads them.
const closed = (): PublicHostAccess => ({
  clusterIp: pulumi.output("10.96.0.10"),
  caBundle: pulumi.output("certificate"),
  ingress,
});

interface Options extends Partial<Omit<MinioTenantArgs, "settings" | "publicHosts">> {
  readonly settings?: Record<string, unknown>;
  readonly publicHosts?: () => PublicHostAccess;
  readonly preview?: boolean;
}

function build({ settings = {}, publicHosts = () => open, preview = false, ...args }: Options = {}) {
  return runGraph(
    () =>
      new MinioTenant("store", {
        hosts: hostsOf({ domain: "example.org" }),
        access,
        realm: { issuerUrl: access.issuerUrl },
        ingressClassName: "nginx",
        publicHosts: publicHosts(),
        settings: minioSettings.parse({ kind: "minio", ...settings }),
        ...args,
      }),
    { preview },
  );
}

const kinds = {
  configMap: "kubernetes:core/v1:ConfigMap",
  ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  job: "kubernetes:batch/v1:Job",
  namespace: "kubernetes:core/v1:Namespace",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  secret: "kubernetes:core/v1:Secret",
  service: "kubernetes:core/v1:Service",
  statefulSet: "kubernetes:apps/v1:StatefulSet",
} as const;

interface Container {
  readonly image: string;
  readonly lifecycle?: object;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: object;
}

interface StatefulSetSpec {
  readonly replicas: number;
  readonly podManagementPolicy: string;
  readonly persistentVolumeClaimRetentionPolicy: { readonly whenDeleted: string };
  readonly volumeClaimTemplates: readonly { readonly metadata: object; readonly spec: object }[];
  readonly template: {
    readonly spec: {
      readonly containers: readonly [Container];
      readonly hostAliases: readonly object[];
      readonly topologySpreadConstraints: readonly object[];
      readonly volumes: readonly { readonly name: string; readonly configMap?: object }[];
    };
  };
}

const setOf = (graph: Graph<unknown>) =>
  (find(graph, kinds.statefulSet, "store-stateful-set").inputs as { spec: StatefulSetSpec }).spec;
const serverOf = (graph: Graph<unknown>) => setOf(graph).template.spec.containers[0];
const environmentOf = (graph: Graph<unknown>) =>
  Object.fromEntries(serverOf(graph).env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));

const outline = ({ type, name, parent, dependencies }: Registration) =>
  `${type.split(":").at(-1) ?? ""} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;

let single: Graph<MinioTenant>;
let several: Graph<MinioTenant>;

beforeAll(async () => {
  single = await build({ settings: { console: true } });
  several = await build({ settings: { replicas: 4 }, publicHosts: closed, protectData: true });
});

describe("MinioTenant", () => {
  const needs = "store-credentials-secret store-deny-all store-namespace store-network-policy store-peers-service";
  const accounts = "store-service store-service-account store-setup-network-policy store-setup-service-account";

  it("is these objects, each after what it needs", () => {
    expect(single.resources.map(outline).toSorted()).toEqual([
      "ConfigMap store-policy-document < store | store-namespace",
      "Ingress store-console-ingress < store | store-peers-service store-service store-stateful-set",
      "Ingress store-s3-ingress < store | store-peers-service store-service store-stateful-set",
      `Job store-setup < store | ${needs} store-policy-document ${accounts} store-stateful-set`,
      "MinioTenant store < - | ",
      "Namespace store-namespace < store | ",
      "NetworkPolicy store-deny-all < store | store-namespace",
      "NetworkPolicy store-network-policy < store | store-namespace",
      "NetworkPolicy store-setup-network-policy < store | store-namespace",
      "RandomPassword store-root-password < store | ",
      "RandomPassword store-token-password < store | ",
      "Secret store-credentials-secret < store | store-namespace store-root-password store-token-password",
      "Service store-peers-service < store | store-namespace",
      "Service store-service < store | store-namespace",
      "ServiceAccount store-service-account < store | store-namespace",
      "ServiceAccount store-setup-service-account < store | store-namespace",
      `StatefulSet store-stateful-set < store | ${needs} ${accounts}`,
    ]);
  });

  it("fits together: selectors, ports, volumes, accounts, Secrets", () => {
    expect(looseEnds(single)).toEqual([]);
    expect(looseEnds(several)).toEqual([]);
  });

  it("lets its pods log in to a registry where there is a login", async () => {
    const graph = await build({ registryLogin: "{}" });
    expect(find(graph, kinds.secret, "store-image-pull-secret").inputs).toMatchObject({
      metadata: { name: "image-pull", namespace: "datalab-storage" },
    });
    expect(find(graph, kinds.statefulSet, "store-stateful-set").dependencies).toContain("store-image-pull-secret");
  });

  it("is a new store with another number of servers, and has one Job at a time", () => {
    expect(find(single, kinds.statefulSet, "store-stateful-set")).toMatchObject({
      replaceOnChanges: ["spec.replicas"],
      deleteBeforeReplace: true,
    });
    expect(find(single, kinds.job, "store-setup").deleteBeforeReplace).toBe(true);
  });

  it("fulfils the contract from the settings and the access model", async () => {
    const { result } = await build({ settings: { region: "eu-west-3", credentialsLifetime: "90m" } });
    expect(result).toMatchObject({
      endpoint: "https://s3.example.org",
      region: "eu-west-3",
      pathStyleAccess: true,
      sts: { url: "https://s3.example.org", durationSeconds: 5400, roleArn: "", roleSessionName: "" },
    });
  });

  it("registers the same objects in a preview", async () => {
    const names = (graph: Graph<unknown>) => graph.resources.map(({ type, name }) => `${type} ${name}`).toSorted();
    expect(names(await build({ settings: { console: true }, preview: true }))).toEqual(names(single));
  });
});

describe("one server", () => {
  it("keeps its data in a folder and needs no others", () => {
    expect(serverOf(single).args).toEqual([
      "server",
      "/data",
      "--address=:9000",
      "--console-address=:9001",
      "--certs-dir=/tmp/certs",
    ]);
    expect(setOf(single).replicas).toBe(1);
    expect(setOf(single).template.spec.topologySpreadConstraints).toEqual([]);
  });

  it("has a claim of the size and class that the settings say", async () => {
    const graph = await build({ settings: { volume: { size: "2Ti", storageClass: "fast" } } });
    expect(setOf(graph).volumeClaimTemplates[0]?.spec).toMatchObject({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "2Ti" } },
    });
    expect(setOf(single).volumeClaimTemplates[0]?.spec).not.toHaveProperty("storageClassName");
  });
});

describe("several servers", () => {
  it("know each other by name, start together, and stay on different nodes", () => {
    expect(serverOf(several).args).toEqual([
      "server",
      "http://object-store-{0...3}.object-store-peers.datalab-storage.svc:9000/data",
      "--address=:9000",
      "--certs-dir=/tmp/certs",
    ]);
    expect(setOf(several)).toMatchObject({ replicas: 4, podManagementPolicy: "Parallel" });
    expect(setOf(several).template.spec.topologySpreadConstraints).toHaveLength(1);
    // Nothing waits for the Services: the servers become ready by them.
    const withoutWait = { annotations: { "pulumi.com/skipAwait": "true" } };
    expect(find(several, kinds.service, "store-peers-service").inputs).toMatchObject({
      metadata: { name: "object-store-peers", ...withoutWait },
      spec: { clusterIP: "None", publishNotReadyAddresses: true, ports: [{ port: 9000 }] },
    });
    expect(find(several, kinds.service, "store-service").inputs).toMatchObject({
      metadata: { name: "object-store", ...withoutWait },
    });
  });

  it("do not hold up an update by waiting for each other, unlike one alone, which is ready when logins work", () => {
    const ready = { readinessProbe: { httpGet: { path: "/minio/health/live" } } };
    expect(serverOf(several)).toMatchObject(ready);
    expect(serverOf(single)).toMatchObject({ readinessProbe: { httpGet: { path: "/minio/health/cluster/read" } } });
  });

  it("are given five minutes to start, and are started anew a minute after they no longer live", () => {
    const live = { httpGet: { path: "/minio/health/live", port: "s3" } };
    for (const graph of [single, several]) {
      expect(serverOf(graph)).toMatchObject({
        startupProbe: { ...live, periodSeconds: 2, failureThreshold: 150 },
        livenessProbe: { ...live, periodSeconds: 15, failureThreshold: 4 },
      });
    }
  });

  it("stay until nobody sends them requests any more, unlike one alone, which would be away for longer", () => {
    expect(serverOf(several).lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(serverOf(single).lifecycle).toBeUndefined();
  });

  it("are drained one at a time", () => {
    expect(find(several, "kubernetes:policy/v1:PodDisruptionBudget", "store-disruption-budget").inputs).toMatchObject({
      spec: { maxUnavailable: 1, selector: { matchLabels: { "app.kubernetes.io/name": "object-store" } } },
    });
  });
});

describe("the login", () => {
  it("accepts the tokens that the access model describes", () => {
    expect(environmentOf(single)).toMatchObject({
      MINIO_IDENTITY_OPENID_CONFIG_URL: "https://auth.example.org/realms/datalab/.well-known/openid-configuration",
      MINIO_IDENTITY_OPENID_CLIENT_ID: "onyxia-minio",
      MINIO_IDENTITY_OPENID_CLAIM_NAME: "policy",
      MINIO_API_CORS_ALLOW_ORIGIN: "https://datalab.example.org",
      MINIO_STS_DURATION: "43200s",
    });
  });

  it("gets the policy under the name that tokens carry", () => {
    const { data } = find(single, kinds.configMap, "store-policy-document").inputs as { data: Record<string, string> };
    expect(Object.keys(data)).toEqual(["own-bucket.json"]);
    expect(data["own-bucket.json"]).toContain("user-${jwt:preferred_username}");
  });

  it("reaches and trusts the realm", () => {
    const { hostAliases, volumes } = setOf(several).template.spec;
    expect(hostAliases).toEqual([{ ip: "10.96.0.10", hostnames: ["auth.example.org", "s3.example.org"] }]);
    expect(volumes.find(({ name }) => name === "ca")?.configMap).toMatchObject({ name: "platform-ca" });
    expect(serverOf(several).volumeMounts).toContainEqual({ name: "ca", mountPath: "/tmp/certs/CAs", readOnly: true });
    expect(find(several, kinds.configMap, "store-ca").inputs).toMatchObject({ data: { "ca.crt": "certificate" } });
    expect(find(several, kinds.statefulSet, "store-stateful-set").dependencies).toContain("store-ca");
  });

  it("needs neither alias nor bundle on a network with public names and certificates", () => {
    expect(setOf(single).template.spec.hostAliases).toEqual([]);
    expect(setOf(single).template.spec.volumes.map(({ name }) => name)).toEqual(["tmp"]);
  });
});

describe("secrets", () => {
  it("are read from one Secret and stand nowhere in clear", () => {
    const reference = (key: string) => ({ secretKeyRef: { name: "object-store-credentials", key } });
    expect(environmentOf(single)).toMatchObject({
      MINIO_ROOT_USER: reference("rootUser"),
      MINIO_ROOT_PASSWORD: reference("rootPassword"),
      MINIO_IDENTITY_OPENID_CLIENT_SECRET: reference("tokenSecret"),
    });
    expect(find(single, kinds.secret, "store-credentials-secret").inputs).toMatchObject({
      stringData: {
        rootPassword: expect.stringContaining(secretMarker),
        tokenSecret: expect.stringContaining(secretMarker),
      },
    });
    const leaks = single.resources.filter(({ serialized }) => serialized.includes(secretMarker));
    expect(leaks).toEqual([]);
  });

  it("hold letters and digits only, because the setup script writes one into an address", () => {
    const password = find(single, "random:index/randomPassword:RandomPassword", "store-root-password");
    expect(password.inputs).toEqual({ length: 40, special: false });
  });
});

describe("the setup Job", () => {
  const policy = (name: string) => ({ name, document: { Version: "2012-10-17", Statement: [] } }) as const;
  const nameOf = (...args: Parameters<typeof setupJob>) => (setupJob(...args).metadata as { name: string }).name;

  it("is another one as soon as policy, image or store change, and the same one otherwise", () => {
    const store = { replicas: 1, volume: { size: "20Gi" } };
    const names = [
      nameOf(policy("a"), store),
      nameOf(policy("b"), store),
      nameOf(policy("a"), { ...store, replicas: 4 }),
      nameOf(policy("a"), { ...store, volume: { size: "30Gi" } }),
      nameOf(policy("a"), store, "mirror.example.org"),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf(policy("a"), store)).toBe(names[0]);
    for (const name of names) expect(name).toMatch(/^object-store-policy-[0-9a-f]{10}$/);
  });

  it("talks to the servers, with the policy as a file and the root login from the Secret", () => {
    const { spec } = find(single, kinds.job, "store-setup").inputs as {
      spec: { template: { spec: { restartPolicy: string; containers: [Container & { command: string[] }] } } };
    };
    const { restartPolicy, containers } = spec.template.spec;
    const [{ command, env, volumeMounts }] = containers;
    expect({ restartPolicy, command }).toEqual({
      restartPolicy: "OnFailure",
      command: ["/bin/sh", "-c", setupScript],
    });
    const reference = (key: string) => ({ secretKeyRef: { name: "object-store-credentials", key } });
    expect(Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))).toEqual({
      HOME: "/tmp",
      MC_CONFIG_DIR: "/tmp/mc",
      STORE: "object-store:9000",
      POLICY_NAME: "own-bucket",
      POLICY_FILE: "/policy/own-bucket.json",
      ROOT_USER: reference("rootUser"),
      ROOT_PASSWORD: reference("rootPassword"),
    });
    expect(volumeMounts).toContainEqual({ name: "policy", mountPath: "/policy", readOnly: true });
    expect(spec).toMatchObject({ backoffLimit: 6, activeDeadlineSeconds: 540 });
  });

  it("is made anew by the next `up` when it has failed", () => {
    expect(find(single, kinds.job, "store-setup").inputs).toMatchObject({
      metadata: { namespace: "datalab-storage", annotations: { "pulumi.com/replaceUnready": "true" } },
    });
  });

  it("keeps the password out of every command line", () => {
    const commands = setupScript.split("\n").filter((line) => line.startsWith("mc "));
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((line) => /PASSWORD|http:/.test(line))).toEqual([]);
  });
});

describe("the way in", () => {
  const hostOf = (graph: Graph<unknown>, name: string) =>
    find(graph, kinds.ingress, name).inputs as { spec: { tls: object[]; rules: { host: string }[] } };

  it("leads to the S3 API and the console, with the wildcard certificate", () => {
    for (const [name, host] of [
      ["store-s3-ingress", "s3.example.org"],
      ["store-console-ingress", "s3-console.example.org"],
    ] as const) {
      const { spec } = hostOf(single, name);
      expect(spec).toMatchObject({ ingressClassName: "nginx", rules: [{ host }] });
      expect(spec.tls).toEqual([{ hosts: [host] }]);
    }
    expect(environmentOf(single)).toMatchObject({
      MINIO_BROWSER: "on",
      MINIO_BROWSER_REDIRECT_URL: "https://s3-console.example.org",
      MINIO_SERVER_URL: "https://s3.example.org",
    });
  });

  it("lets uploads of any size through, piece by piece", () => {
    expect(find(single, kinds.ingress, "store-s3-ingress").inputs).toMatchObject({
      metadata: {
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
          "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
        },
      },
      spec: { rules: [{ http: { paths: [{ path: "/", pathType: "Prefix" }] } }] },
    });
  });

  it("leads to no console where it is off", () => {
    expect(several.resources.map(({ name }) => name)).not.toContain("store-console-ingress");
    expect(serverOf(several).args.join(" ")).not.toContain("console");
    expect(environmentOf(several)).toMatchObject({ MINIO_BROWSER: "off" });
    expect(environmentOf(several)).not.toHaveProperty("MINIO_BROWSER_REDIRECT_URL");
    expect(JSON.stringify(find(several, kinds.service, "store-service").inputs)).not.toContain("9001");
  });

  interface Rule {
    readonly from?: readonly Peer[];
    readonly to?: readonly Peer[];
    readonly ports?: readonly { readonly port: number }[];
  }
  interface Peer {
    readonly namespaceSelector: { readonly matchLabels: Record<string, string> };
    readonly podSelector?: { readonly matchLabels: Record<string, string> };
  }
  const rulesOf = (graph: Graph<unknown>, direction: "ingress" | "egress", policy = "store-network-policy") => {
    const { spec } = find(graph, kinds.networkPolicy, policy).inputs as {
      spec: Record<typeof direction, Rule[]>;
    };
    return spec[direction].map(({ from, to, ports }) => {
      const peers = (from ?? to)?.map(({ namespaceSelector, podSelector }) =>
        [...Object.values(namespaceSelector.matchLabels), podSelector?.matchLabels["app.kubernetes.io/name"]]
          .filter((part) => part !== undefined)
          .join("/"),
      );
      return `${peers?.join(" ") ?? "anywhere"} : ${ports?.map(({ port }) => port).join(" ") ?? ""}`;
    });
  };

  it("is open to the ingress controller, the setup Job and the other servers alone", () => {
    expect(rulesOf(single, "ingress")).toEqual(["ways-in : 9000 9001", "datalab-storage/object-store-policy : 9000"]);
    expect(rulesOf(single, "egress")).toEqual(["anywhere : 53 53", "anywhere : 443 8443"]);
    expect(rulesOf(several, "ingress")).toEqual([
      "ways-in : 9000",
      "datalab-storage/object-store datalab-storage/object-store-policy : 9000",
    ]);
    expect(rulesOf(several, "egress")).toEqual([
      "anywhere : 53 53",
      "ways-in : 8443",
      "datalab-storage/object-store : 9000",
    ]);
  });

  it("of the setup Job is to the servers alone", () => {
    expect(rulesOf(single, "ingress", "store-setup-network-policy")).toEqual([]);
    expect(rulesOf(single, "egress", "store-setup-network-policy")).toEqual([
      "anywhere : 53 53",
      "datalab-storage/object-store : 9000",
    ]);
  });
});

describe("data", () => {
  const protectedNames = (graph: Graph<unknown>) =>
    graph.resources.filter(({ protect }) => protect).map(({ name }) => name);

  it("outlives a mistake where it is protected", () => {
    expect(protectedNames(several).toSorted()).toEqual([
      "store-credentials-secret",
      "store-namespace",
      "store-root-password",
      "store-stateful-set",
      "store-token-password",
    ]);
    expect(setOf(several).persistentVolumeClaimRetentionPolicy.whenDeleted).toBe("Retain");
  });

  it("goes with the store where it is not", () => {
    expect(protectedNames(single)).toEqual([]);
    expect(setOf(single).persistentVolumeClaimRetentionPolicy.whenDeleted).toBe("Delete");
  });
});

describe("the image", () => {
  it("is pulled through the mirror, or is the one that the settings name", async () => {
    const mirrored = await build({ imageMirror: "mirror.example.org" });
    expect(serverOf(mirrored).image).toMatch(/^mirror\.example\.org\/docker\.io\/pgsty\/silo:.+@sha256:/);
    const image = `registry.example.org/store/minio:v1@sha256:${"a".repeat(64)}`;
    expect(serverOf(await build({ settings: { image }, imageMirror: "mirror.example.org" })).image).toBe(image);
  });
});

describe("datalab:objectStore", () => {
  const parse = (settings: object) => objectStoreSettings.safeParse({ kind: "minio", ...settings });

  it("needs nothing but its kind", () => {
    expect(parse({}).data).toEqual({
      kind: "minio",
      replicas: 1,
      volume: { size: "20Gi" },
      resources: { cpu: "250m", memory: "1Gi" },
      console: false,
      publicSharing: false,
      credentialsLifetime: "12h",
      region: "us-east-1",
    });
    expect(objectStoreSettings.safeParse({}).success).toBe(false);
  });

  it.each([1, 4, 5, 16])("takes %d servers", (replicas) => {
    expect(parse({ replicas }).success).toBe(true);
  });

  it.each([
    { image: `registry.example.org:5000/store/minio:v1@sha256:${"a".repeat(64)}` },
    { image: `example.org/minio@sha256:${"0".repeat(64)}` },
  ])("takes %j", (settings) => {
    expect(parse(settings).success).toBe(true);
  });

  it.each([
    [{ image: `Upper.example.org/minio@sha256:${"a".repeat(64)}` }, "image"],
    [{ image: `example.org/minio@sha256:${"a".repeat(65)}` }, "image"],
    [{ replicas: 0 }, "replicas"],
    [{ replicas: 2 }, "replicas"],
    [{ replicas: 3 }, "replicas"],
    [{ replicas: 17 }, "replicas"],
    [{ replicas: 4.5 }, "replicas"],
    [{ volume: { size: "20" } }, "volume"],
    [{ credentialsLifetime: "14m" }, "credentialsLifetime"],
    [{ credentialsLifetime: "8d" }, "credentialsLifetime"],
    [{ region: "US East" }, "region"],
    [{ image: "docker.io/minio/minio:latest" }, "image"],
    [{ image: `minio@sha256:${"a".repeat(63)}` }, "image"],
    [{ sts: true }, undefined],
  ])("refuses %j", (settings, key) => {
    expect(parse(settings).error?.issues.map(({ path }) => path[0])).toEqual([key]);
  });
});
