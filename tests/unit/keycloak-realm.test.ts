import { spawnSync } from "node:child_process";

import { describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { KeycloakRealm } from "../../components/identity/keycloak-realm.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { reconcileData, reconcileJob } from "../../components/identity/reconcile-job.ts";
import { reconcileScript } from "../../components/identity/reconcile-script.ts";
import { mark } from "../../components/identity/representations.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { secondsOf } from "../../components/scalars.ts";
import { settingsSchemas } from "../../stacks/settings/schemas.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";

const access = accessModel({ domain: "example.org", realm: "lab" });
const documentOf = (settings: object = {}) => realmDocument(access, identitySettings.parse(settings));

const full = {
  firstUsers: { bob: { email: "bob@example.org" }, alice: { email: "alice@example.org" } },
  clients: {
    wiki: { kind: "confidential", redirectUris: ["https://wiki.example.org/*"] },
    notes: { kind: "public", redirectUris: ["https://notes.example.org/*"] },
  },
};

const smtp = { host: "mail.example.org", from: "lab@example.org", user: "lab", password: `${secretMarker} "of" smtp` };

const build = (settings: object = {}) => {
  const parsed = identitySettings.parse(settings);
  const args = { namespace: "somewhere", access, document: realmDocument(access, parsed), smtp: parsed.smtp };
  return runGraph(() => new KeycloakRealm("realm", args));
};

interface Job {
  readonly metadata: { readonly name: string; readonly annotations: Record<string, string> };
  readonly spec: {
    readonly backoffLimit: number;
    readonly activeDeadlineSeconds: number;
    readonly template: {
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly containers: readonly [
          {
            readonly image: string;
            readonly command: readonly string[];
            readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
            readonly securityContext: object;
          },
        ];
        readonly volumes: readonly { readonly name: string; readonly projected?: object; readonly emptyDir?: object }[];
      };
    };
  };
}

const jobOf = (settings: object = {}, imageMirror?: string) =>
  reconcileJob({ namespace: "somewhere", document: documentOf(settings), imageMirror }) as unknown as Job;

describe("KeycloakRealm", () => {
  it("is a Job with its files, and nothing secret where there is nobody to give it to", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "datalab:identity:KeycloakRealm realm",
      "kubernetes:batch/v1:CronJob realm-names",
      "kubernetes:batch/v1:Job realm-reconcile",
      "kubernetes:core/v1:ConfigMap realm-files",
      "kubernetes:core/v1:ConfigMap realm-names-script",
      "kubernetes:core/v1:ServiceAccount realm-service-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy realm-network-policy",
    ]);
    expect(new Set(graph.resources.slice(1).map(({ parent }) => parent))).toEqual(new Set(["realm"]));
    expect(find(graph, "kubernetes:batch/v1:Job", "realm-reconcile").dependencies).toEqual([
      "realm-files",
      "realm-network-policy",
      "realm-service-account",
    ]);
    expect(graph.result).toMatchObject({
      issuerUrl: "https://auth.example.org/realms/lab",
      clients: { portal: "onyxia", objectStore: "onyxia-minio" },
      firstUsersSecret: undefined,
    });
  });

  it("generates a secret for each confidential client and one password for each first user", async () => {
    const graph = await build(full);
    const extra = summary(graph).filter((line) => /client-|user/.test(line));
    expect(extra.toSorted()).toEqual([
      "kubernetes:core/v1:Secret realm-client-wiki-secret",
      "kubernetes:core/v1:Secret realm-users-secret",
      "random:index/randomPassword:RandomPassword realm-client-wiki-password",
      "random:index/randomPassword:RandomPassword realm-user-alice-password",
      "random:index/randomPassword:RandomPassword realm-user-bob-password",
    ]);
    expect(find(graph, "kubernetes:core/v1:Secret", "realm-client-wiki-secret").inputs).toMatchObject({
      metadata: { name: "oidc-client-wiki", namespace: "somewhere" },
      stringData: {
        "client-id": "wiki",
        "client-secret": `${secretMarker}-realm-client-wiki-password`,
        "issuer-url": access.issuerUrl,
      },
    });
    expect(find(graph, "kubernetes:core/v1:Secret", "realm-users-secret").inputs).toMatchObject({
      metadata: { name: "first-users" },
      stringData: {
        alice: `${secretMarker}-realm-user-alice-password`,
        bob: `${secretMarker}-realm-user-bob-password`,
      },
    });
    const job = find(graph, "kubernetes:batch/v1:Job", "realm-reconcile");
    expect(job.dependencies).toEqual(expect.arrayContaining(["realm-client-wiki-secret", "realm-users-secret"]));
    expect(job.replaceWith).toEqual(["realm-client-wiki-password"]);
    expect(graph.result.firstUsersSecret).toEqual({ namespace: "somewhere", name: "first-users" });
    for (const { serialized } of graph.resources) expect(serialized).not.toContain(secretMarker);
  });

  it("keeps the mail server's password in a Secret, and has the Job run again when it changes", async () => {
    const graph = await build({ smtp });
    const secret = find(graph, "kubernetes:core/v1:Secret", "realm-mail-secret");
    const { stringData } = secret.inputs as { stringData: Record<string, string> };
    expect(JSON.parse(stringData["server.json"] ?? "")).toEqual({
      host: "mail.example.org",
      port: "587",
      from: "lab@example.org",
      fromDisplayName: "Datalab",
      starttls: "true",
      ssl: "false",
      auth: "true",
      authType: "basic",
      user: "lab",
      password: smtp.password,
    });
    const change = find(graph, "random:index/randomId:RandomId", "realm-mail-change");
    expect(change.inputs["keepers"]).toEqual({ server: stringData["server.json"] });
    const job = find(graph, "kubernetes:batch/v1:Job", "realm-reconcile");
    expect(job.dependencies).toContain("realm-mail-secret");
    expect(job.replaceWith).toEqual(["realm-mail-change"]);
    for (const { serialized } of graph.resources) expect(serialized).not.toContain(secretMarker);
    expect(JSON.stringify(jobOf({ smtp }))).not.toContain(secretMarker);
    const { volumes } = jobOf({ smtp }).spec.template.spec;
    expect(volumes.find(({ name }) => name === "mail")).toMatchObject({
      projected: { sources: [{ secret: { name: "keycloak-smtp" } }] },
    });
  });

  it("talks to Keycloak and to nobody else", async () => {
    const { inputs } = find(await build(), "kubernetes:networking.k8s.io/v1:NetworkPolicy", "realm-network-policy");
    expect(inputs["spec"]).toMatchObject({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "keycloak-realm" } },
      ingress: [],
      egress: [
        { ports: [{ port: 53 }, { port: 53 }] },
        { to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "keycloak" } } }], ports: [{ port: 8080 }] },
      ],
    });
  });
});

describe("the reconcile Job", () => {
  it("is another one when the document, the image or what it mounts is another, and only then", () => {
    const name = jobOf().metadata.name;
    expect(name).toMatch(/^keycloak-realm-[0-9a-f]{10}$/);
    expect(jobOf().metadata.name).toBe(name);
    const others = [
      jobOf({ displayName: "Other" }),
      jobOf({ clients: full.clients }),
      jobOf({ sessions: { max: "9d" } }),
      jobOf({}, "mirror.example.org"),
    ].map(({ metadata }) => metadata.name);
    expect(new Set([name, ...others]).size).toBe(5);
  });

  it("stays when it is done, and is made again when it has failed", () => {
    const { metadata, spec } = jobOf();
    expect(spec).not.toHaveProperty("ttlSecondsAfterFinished");
    expect(spec.backoffLimit).toBeGreaterThan(0);
    const { readyTimeout } = settingsSchemas.platform.parse({ domain: "example.org" });
    expect(spec.activeDeadlineSeconds).toBeLessThan(secondsOf(readyTimeout));
    expect(metadata.annotations).toEqual({ "pulumi.com/replaceUnready": "true" });
  });

  it("runs Keycloak's own image, with the secret by reference and nothing writable but its session", () => {
    const { containers, volumes, automountServiceAccountToken } = jobOf(full).spec.template.spec;
    const [container] = containers;
    expect(automountServiceAccountToken).toBe(false);
    expect(container.image).toMatch(/^quay\.io\/keycloak\/keycloak:/);
    expect(container.command).toEqual(["bash", "/realm/reconcile.sh"]);
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(container.env).toContainEqual({
      name: "KC_CLI_CLIENT_SECRET",
      valueFrom: { secretKeyRef: { name: "keycloak-reconcile", key: "client-secret" } },
    });
    expect(container.env).toContainEqual({ name: "KEYCLOAK_URL", value: "http://keycloak.somewhere.svc:8080" });
    expect(volumes.find(({ name }) => name === "clients")).toMatchObject({
      projected: {
        sources: [{ secret: { name: "oidc-client-wiki", items: [{ key: "client-secret", path: "wiki" }] } }],
      },
    });
    expect(volumes.find(({ name }) => name === "users")).toMatchObject({
      projected: { sources: [{ secret: { name: "first-users" } }] },
    });
  });

  it("has empty folders where there are no secrets", () => {
    const { volumes } = jobOf().spec.template.spec;
    const folders = volumes.filter(({ name }) => ["clients", "users", "mail"].includes(name));
    expect(folders).toEqual([
      { name: "clients", emptyDir: {} },
      { name: "users", emptyDir: {} },
      { name: "mail", emptyDir: {} },
    ]);
  });

  it("brings its script along", () => {
    expect(reconcileData(documentOf())["reconcile.sh"]).toBe(reconcileScript);
  });
});

describe("the reconcile script", () => {
  it("is valid bash, and deletes by the mark that the document sets", () => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: reconcileScript, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(reconcileScript).toContain(`attributes(${mark})`);
  });

  it("needs nothing that Keycloak's image lacks", () => {
    expect(reconcileScript).not.toMatch(/\b(jq|curl|wget|python3?|sed|awk|grep)\b/);
  });
});
