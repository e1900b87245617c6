import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { joined, trustOf } from "../../components/certificates/authorities.ts";
import { certManagerChart } from "../../components/certificates/cert-manager-chart.ts";
import { isAuthority } from "../../components/certificates/pem.ts";
import { Onyxia } from "../../components/portal/onyxia.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { installedCertManager } from "../../stacks/charts.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { authority, otherKey, wildcard, wildcardKey } from "../support/certificates.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { onyxiaArgs, openHosts } from "../support/portal.ts";
import { chartsFor } from "../support/stack-file.ts";

const configMap = "kubernetes:core/v1:ConfigMap";

function settingsOf(authorities: string | undefined, certificates: object = { issuer: "privateCa" }) {
  const values = {
    platform: { domain: "d.test", authorities },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "k" },
    ingress: { kind: "traefik" },
    certificates,
    objectStore: { kind: "minio" },
  };
  return parseSettings({ stack: "test", values, secretKeys: ["certificates"] });
}

const provided = { issuer: "provided", certificate: wildcard, privateKey: wildcardKey };

function platform(authorities: string | undefined, certificates?: object) {
  const settings = settingsOf(authorities, certificates);
  return runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) }));
}

const bundleIn = (graph: Graph<unknown>, name: string) =>
  (find(graph, configMap, name).inputs as { data: Record<string, string> }).data["ca.crt"];

/** Pods of a workload, as far as trust is concerned. */
function trustIn(graph: Graph<unknown>, type: string, name: string) {
  const { inputs, dependencies } = find(graph, type, name);
  const { template } = (inputs as { spec: { template: Template } }).spec;
  const [container] = template.spec.containers;
  return { dependencies, container, hash: template.metadata.annotations?.["datalab.dev/config-hash"] };
}

interface Template {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly spec: {
    readonly containers: readonly [
      {
        readonly env?: readonly { readonly name: string; readonly value?: string }[];
        readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      },
    ];
  };
}

const keycloakIn = (graph: Graph<unknown>) => trustIn(graph, "kubernetes:apps/v1:StatefulSet", "keycloak-stateful-set");

describe("authorities of a company", () => {
  it("are one text beside the platform's own, and leave that alone where there are none", async () => {
    const valueOf = (output: pulumi.Output<string> | undefined) => new Promise((resolve) => output?.apply(resolve));
    const own = pulumi.output("own");
    expect(trustOf(own, undefined)).toBe(own);
    expect(trustOf(undefined, undefined)).toBeUndefined();
    expect(await valueOf(trustOf(own, "given\n\n"))).toBe("own\ngiven\n");
    expect(await valueOf(trustOf(undefined, "given\n"))).toBe("given\n");
  });

  it("are certificates of authorities alone: everybody gets the text", () => {
    expect(isAuthority(joined(authority, authority))).toBe(true);
    expect(isAuthority(joined(authority, wildcard))).toBe(false);
    expect(isAuthority(joined(authority, otherKey))).toBe(false);
    expect(() => settingsOf(wildcard)).toThrow("datalab:platform.authorities must be certificates");
  });

  it("reach the portal, the object store and Keycloak, under whatever certificate the platform has", async () => {
    const graph = await platform(authority, provided);
    for (const name of ["portal-ca", "object-store-ca", "keycloak-ca"]) {
      expect({ name, pem: bundleIn(graph, name)?.trim() }).toEqual({ name, pem: authority.trim() });
    }
    const trust = find(graph, configMap, "portal-workspace-trust").inputs as { data: Record<string, string> };
    expect(JSON.stringify(trust.data)).toContain("BEGIN CERTIFICATE");
  });

  it("leave no trace where none are given", async () => {
    const graph = await platform(undefined, provided);
    expect(graph.resources.map(({ name }) => name).filter((name) => name.endsWith("-ca"))).toEqual([]);
    const { container, hash } = keycloakIn(graph);
    expect(hash).toBeUndefined();
    expect(JSON.stringify(container)).not.toContain("TRUSTSTORE");
  });

  it("are read by Keycloak where it calls others, and by new pods when they change", async () => {
    const graph = await platform(authority);
    const { container, dependencies, hash } = keycloakIn(graph);
    const mounted = container.volumeMounts.find(({ name }) => name === "ca")?.mountPath;
    expect(container.env).toContainEqual({ name: "KC_TRUSTSTORE_PATHS", value: `${mounted}/ca.crt` });
    expect(dependencies).toContain("keycloak-ca");
    expect(bundleIn(graph, "keycloak-ca")).toBe(authority);
    expect(keycloakIn(await platform(joined(authority, authority))).hash).not.toBe(hash);
  });
});

describe("the portal's helm", () => {
  const build = (authorities: string | undefined) => {
    const publicHosts = { ...openHosts, caBundle: pulumi.output("own") };
    const catalogs = [{ id: "a", name: "A", location: "https://charts.example.test" }];
    return runGraph(() => new Onyxia("portal", { ...onyxiaArgs({ catalogs }, publicHosts), authorities }));
  };
  const apiIn = (graph: Graph<unknown>) => trustIn(graph, "kubernetes:apps/v1:Deployment", "portal-api-deployment");
  const catalogsIn = (graph: Graph<unknown>) =>
    JSON.parse(
      (find(graph, configMap, "portal-api-config").inputs as { data: { catalogs: string } }).data.catalogs,
    ) as unknown;

  it("trusts them for every catalogue, beside the public ones", async () => {
    const graph = await build(authority);
    const { container } = apiIn(graph);
    const mounted = container.volumeMounts.find(({ name }) => name === "ca")?.mountPath;
    expect(container.env).toContainEqual({ name: "SSL_CERT_DIR", value: `/etc/ssl/certs:${mounted}` });
    // A file of its own would be all that helm trusts.
    expect(catalogsIn(graph)).toEqual([expect.not.objectContaining({ caFile: expect.anything() })]);
  });

  it("is given the file for the platform's own hosts alone, where there are none", async () => {
    const graph = await build(undefined);
    expect(JSON.stringify(apiIn(graph).container)).not.toContain("SSL_CERT_DIR");
    expect(catalogsIn(graph)).toEqual([expect.objectContaining({ caFile: "ca.crt" })]);
  });

  it("starts anew when they change", async () => {
    const hashes = new Set<string | undefined>();
    for (const pem of [undefined, authority, joined(authority, authority)]) hashes.add(apiIn(await build(pem)).hash);
    expect(hashes.size).toBe(3);
  });
});

describe("cert-manager", () => {
  const settings = installedCertManager(settingsOf(undefined));
  const values = (authorities?: string) => {
    if (settings === undefined) throw new Error("not installed");
    return certManagerChart({ settings, protectData: false, outgoing: { authorities } }).values;
  };

  it("trusts them in its controller, which is the part that goes out", () => {
    expect(values(authority)).toMatchObject({
      extraEnv: [{ name: "SSL_CERT_DIR", value: "/etc/ssl/certs:/trust" }],
      volumes: [{ name: "ca", configMap: { name: "platform-ca" } }],
      volumeMounts: [{ name: "ca", mountPath: "/trust", readOnly: true }],
    });
    expect(values(authority)["podAnnotations"]).not.toEqual(values(joined(authority, authority))["podAnnotations"]);
    expect(values()).not.toHaveProperty("extraEnv");
  });
});

describe("the doctor", () => {
  it("trusts them for the certificate that is brought, and expects them in workspaces", () => {
    const expected = expectationsOf(settingsOf(authority, provided));
    expect(expected.authority).toEqual({ kind: "settings", pem: joined(authority) });
    expect(expected.walls.privateCa).toBe(true);
    const both = expectationsOf(settingsOf(authority, { ...provided, caBundle: authority }));
    expect(both.authority).toEqual({ kind: "settings", pem: joined(authority, authority) });
    const none = expectationsOf(settingsOf(undefined, provided));
    expect(none.authority).toEqual({ kind: "public", staging: false });
    expect(none.walls.privateCa).toBe(false);
  });
});
