import { describe, expect, it } from "@jest/globals";

import { PostgresDatabase, type PostgresDatabaseArgs } from "../../components/database/postgres-database.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";

const args: PostgresDatabaseArgs = {
  namespace: "somewhere",
  workload: "app-database",
  database: "app",
  clients: ["worker", "app"],
  resources: { cpu: "100m", memory: "256Mi" },
  storage: { size: "3Gi" },
  protectData: false,
};

const build = (changes: Partial<PostgresDatabaseArgs> = {}) =>
  runGraph(() => new PostgresDatabase("db", { ...args, ...changes }));

interface Spec {
  readonly persistentVolumeClaimRetentionPolicy: object;
  readonly volumeClaimTemplates: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly storageClassName?: string };
  }[];
  readonly template: { readonly spec: PodSpec };
}

interface PodSpec {
  readonly securityContext: object;
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
    readonly securityContext: object;
    readonly startupProbe: { readonly exec: { readonly command: readonly string[] } };
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly object[];
}

const statefulSet = "kubernetes:apps/v1:StatefulSet";

async function specOf(changes: Partial<PostgresDatabaseArgs> = {}): Promise<Spec> {
  return find(await build(changes), statefulSet, "db-stateful-set").inputs["spec"] as Spec;
}

async function containerOf(changes: Partial<PostgresDatabaseArgs> = {}) {
  const [container] = (await specOf(changes)).template.spec.containers;
  return container!;
}

describe("PostgresDatabase", () => {
  it("is a server with its password, account, Service and NetworkPolicy", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "datalab:database:PostgresDatabase db",
      "kubernetes:apps/v1:StatefulSet db-stateful-set",
      "kubernetes:core/v1:Secret db-secret",
      "kubernetes:core/v1:Service db-service",
      "kubernetes:core/v1:ServiceAccount db-service-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy db-network-policy",
      "random:index/randomPassword:RandomPassword db-password",
    ]);
    expect(graph.resources.slice(1).map(({ parent }) => parent)).toEqual(Array(6).fill("db"));
    expect(find(graph, statefulSet, "db-stateful-set").dependencies).toEqual([
      "db-network-policy",
      "db-secret",
      "db-service-account",
    ]);
    // The Service is ready only when the server is: a server that waited for it would never start.
    expect(find(graph, statefulSet, "db-stateful-set").dependencies).not.toContain("db-service");
  });

  it("tells others where it is and where its password is, in plain text", async () => {
    const { result } = await build();
    expect(result).toMatchObject({
      workload: "app-database",
      host: "app-database.somewhere.svc",
      port: 5432,
      database: "app",
      username: "app",
      passwordSecret: { name: "app-database", key: "password" },
    });
  });

  it("keeps the data on the volume, where version 18 has it", async () => {
    const container = await containerOf();
    const volume = container.volumeMounts.find(({ name }) => name === "data")?.mountPath;
    expect(volume).toBe("/var/lib/postgresql");
    const dataPath = container.env.find(({ name }) => name === "PGDATA")?.value;
    expect(dataPath).toMatch(new RegExp(`^${volume}/.+`));
  });

  it("runs as the image's user, read-only but for what the server writes", async () => {
    const container = await containerOf();
    expect((await specOf()).template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999 },
      // The server writes everything down before it ends; Kubernetes' half a minute may cut that off.
      terminationGracePeriodSeconds: 60,
    });
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(container.volumeMounts.map(({ mountPath }) => mountPath).toSorted()).toEqual([
      "/tmp",
      "/var/lib/postgresql",
      "/var/run/postgresql",
    ]);
  });

  it("is not taken for ready while the image still sets the database up", async () => {
    const { command } = (await containerOf()).startupProbe.exec;
    expect(command).toEqual(expect.arrayContaining(["pg_isready", "--host=127.0.0.1", "--dbname=app"]));
  });

  it("lets the named pods in and nobody out", async () => {
    const { inputs } = find(await build(), "kubernetes:networking.k8s.io/v1:NetworkPolicy", "db-network-policy");
    const pods = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "somewhere" } },
      podSelector: { matchLabels: expect.objectContaining({ "app.kubernetes.io/name": name }) as unknown },
    });
    expect(inputs["spec"]).toMatchObject({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "app-database" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [pods("app"), pods("worker")], ports: [{ port: 5432, protocol: "TCP" }] }],
      egress: [],
    });
  });

  it("shows its password to nobody", async () => {
    const graph = await build();
    const secret = find(graph, "kubernetes:core/v1:Secret", "db-secret");
    expect(secret.inputs["stringData"]).toEqual({ password: `${secretMarker}-db-password` });
    for (const { serialized } of graph.resources) expect(serialized).not.toContain(secretMarker);
    expect((await containerOf()).env.find(({ name }) => name === "POSTGRES_PASSWORD")).toEqual({
      name: "POSTGRES_PASSWORD",
      valueFrom: { secretKeyRef: { name: "app-database", key: "password" } },
    });
  });

  it.each([
    [true, "Retain"],
    [false, "Delete"],
  ])("with protectData %s protects data and password, and %ss the volume", async (protectData, whenDeleted) => {
    const graph = await build({ protectData });
    const guarded = graph.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.toSorted()).toEqual(protectData ? ["db-password", "db-secret", "db-stateful-set"] : []);
    expect((await specOf({ protectData })).persistentVolumeClaimRetentionPolicy).toMatchObject({ whenDeleted });
  });

  it("uses the storage class and the mirror that it is given", async () => {
    const [byDefault] = (await specOf()).volumeClaimTemplates;
    expect(byDefault?.spec).not.toHaveProperty("storageClassName");
    const [chosen] = (await specOf({ storage: { size: "3Gi", storageClass: "fast" } })).volumeClaimTemplates;
    expect(chosen?.spec).toMatchObject({ storageClassName: "fast", resources: { requests: { storage: "3Gi" } } });
    const { image } = await containerOf({ imageMirror: "mirror.example.org" });
    expect(image).toMatch(/^mirror\.example\.org\/docker\.io\/library\/postgres:18\.[0-9]+@sha256:/);
  });

  it("is the same whatever the order of its clients", async () => {
    const there = await build({ clients: ["a", "b"] });
    const back = await build({ clients: ["b", "a"] });
    expect(back.resources).toEqual(there.resources);
  });
});
