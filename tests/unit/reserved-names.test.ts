import { spawnSync } from "node:child_process";

import { describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { KeycloakRealm } from "../../components/identity/keycloak-realm.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { reconcileJob } from "../../components/identity/reconcile-job.ts";
import { reservedNamesScript } from "../../components/identity/reserved-names-script.ts";
import { reservedNamesCronJob, reservedNamesData } from "../../components/identity/reserved-names.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { find, runGraph } from "../support/graph.ts";

const access = accessModel({ domain: "example.org", realm: "lab" });
const document = realmDocument(access, identitySettings.parse({}));

interface Pod {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly automountServiceAccountToken: boolean;
    readonly containers: readonly [
      {
        readonly image: string;
        readonly command: readonly string[];
        readonly env: readonly { readonly name: string }[];
        readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
        readonly securityContext: object;
      },
    ];
    readonly volumes: readonly object[];
  };
}

const podOf = ({ template }: { readonly template: unknown }) => template as Pod;

const cronJob = (imageMirror?: string) =>
  reservedNamesCronJob({ namespace: "somewhere", realm: "lab", imageMirror }) as unknown as {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: {
      readonly schedule: string;
      readonly concurrencyPolicy: string;
      readonly jobTemplate: { readonly spec: { readonly template: unknown; readonly activeDeadlineSeconds: number } };
    };
  };

describe("the CronJob that keeps the names of deleted accounts", () => {
  const pod = podOf(cronJob().spec.jobTemplate.spec);
  const [container] = pod.spec.containers;
  const reconcile = podOf(reconcileJob({ namespace: "somewhere", document }).spec as { template: unknown });

  it("runs every ten minutes, never twice at once, and never into the next one", () => {
    const { spec } = cronJob();
    expect(spec).toMatchObject({ schedule: "*/10 * * * *", concurrencyPolicy: "Forbid" });
    expect(spec.jobTemplate.spec.activeDeadlineSeconds).toBeLessThan(600);
  });

  it("reaches Keycloak as the reconcile Job does: with its label, its account, and its login by reference", () => {
    expect(pod.metadata.labels).toEqual(reconcile.metadata.labels);
    expect(pod.spec.serviceAccountName).toBe(reconcile.spec.serviceAccountName);
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    const [other] = reconcile.spec.containers;
    const names = ["KCADM", "KEYCLOAK_URL", "RECONCILE_CLIENT", "REALM", "SESSION_FOLDER", "KC_CLI_CLIENT_SECRET"];
    expect(container.env).toEqual(names.map((name) => other.env.find((variable) => variable.name === name)));
    expect(container.image).toBe(other.image);
    expect(container.securityContext).toEqual(other.securityContext);
  });

  it("follows the mirror", () => {
    const [mirrored] = podOf(cronJob("mirror.example.org").spec.jobTemplate.spec).spec.containers;
    expect(mirrored.image).toMatch(/^mirror\.example\.org\//);
  });

  it("mounts the script that its component brings, and writes into its session alone", async () => {
    const graph = await runGraph(() => new KeycloakRealm("realm", { namespace: "somewhere", access, document }));
    const script = find(graph, "kubernetes:core/v1:ConfigMap", "realm-names-script");
    expect(script.inputs).toMatchObject({ metadata: { name: "keycloak-names", namespace: "somewhere" } });
    expect(script.inputs["data"]).toEqual(reservedNamesData);
    expect(pod.spec.volumes).toEqual([
      { name: "script", configMap: { name: "keycloak-names" } },
      { name: "session", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
    ]);
    const [interpreter, path = ""] = container.command;
    expect(interpreter).toBe("bash");
    const mount = container.volumeMounts.find(({ name }) => name === "script");
    const [file = ""] = Object.keys(reservedNamesData);
    expect(path).toBe(`${mount?.mountPath ?? ""}/${file}`);
    expect(find(graph, "kubernetes:batch/v1:CronJob", "realm-names").dependencies).toEqual([
      "realm-names-script",
      "realm-network-policy",
      "realm-reconcile",
      "realm-service-account",
    ]);
  });
});

describe("the client that the names are noted in", () => {
  it("is the realm's, with the mark, and nobody can log in to it", () => {
    const client = document.clients.find(({ clientId }) => clientId === "datalab-names");
    expect(client).toMatchObject({
      enabled: false,
      publicClient: true,
      standardFlowEnabled: false,
      directAccessGrantsEnabled: false,
      serviceAccountsEnabled: false,
      redirectUris: [],
      attributes: { "datalab.managed": "true" },
    });
  });

  it("is not for the settings to take", () => {
    const clients = { "datalab-names": { kind: "public", redirectUris: ["https://notes.example.org/*"] } };
    expect(() => identitySettings.parse({ clients })).toThrow(/is a client of Keycloak's or of the platform's own/);
  });
});

describe("its script", () => {
  it("is valid bash, and needs nothing that Keycloak's image lacks", () => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: reservedNamesScript, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(reservedNamesScript).not.toMatch(/\b(jq|curl|wget|python3?|sed|awk|grep)\b/);
  });
});
