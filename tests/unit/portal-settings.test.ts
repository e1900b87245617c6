import { describe, expect, it } from "@jest/globals";

import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { certificatesOverride } from "../../components/portal/schemas/certificates.ts";
import { trustBundle } from "../../components/portal/schemas/environment-variables.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { runGraph } from "../support/graph.ts";

type Schema = { readonly [key: string]: Schema };

const accepts = (input: unknown) => portalSettings.safeParse(input).success;
const catalog = { id: "a", name: "A", location: "https://charts.example.org" };

describe("datalab:portal", () => {
  it("needs nothing", () => {
    expect(portalSettings.parse({})).toMatchObject({
      title: "Datalab",
      web: { replicas: 1, resources: { cpu: "100m", memory: "256Mi" } },
      api: { replicas: 1 },
      services: { kubernetesRole: "view", networkIsolation: true, podSecurity: "baseline" },
    });
  });

  it("keeps the other defaults where one value is given", () => {
    expect(portalSettings.parse({ services: { memory: { limit: "2Gi" } } }).services).toMatchObject({
      cpu: { request: "100m", limit: "2", most: "4" },
      memory: { request: "1Gi", limit: "2Gi", most: "8Gi" },
    });
  });

  it.each([
    ["a placeholder of Spring in a text", { title: "${jwt:x}" }],
    ["a placeholder of Spring in a catalogue's name", { catalogs: [{ ...catalog, name: { en: "${a}" } }] }],
    ["a placeholder of Spring in an address", { catalogs: [{ ...catalog, location: "https://a.org/${b}" }] }],
    ["two catalogues with one id", { catalogs: [catalog, catalog] }],
    ["a name in no language", { catalogs: [{ ...catalog, name: {} }] }],
    ["a name in an unknown language", { catalogs: [{ ...catalog, name: { xx: "A" } }] }],
    ["plain HTTP outside", { catalogs: [{ ...catalog, location: "http://charts.example.org" }] }],
    ["an OCI repository", { catalogs: [{ ...catalog, location: "oci://charts.example.org" }] }],
    ["a catalogue's password, which the API would log", { catalogs: [{ ...catalog, password: "a" }] }],
    ["a limit above the most", { services: { memory: { limit: "9Gi" } } }],
    ["a request above the limit", { services: { cpu: { request: "3" } } }],
    ["a volume above the most", { services: { storage: { size: "51Gi" } } }],
    ["CPU between two steps of the slider", { services: { cpu: { request: "75m" } } }],
    ["memory that is no whole Gi", { services: { memory: { request: "512Mi" } } }],
    ["no pods at all", { api: { replicas: 0 } }],
    ["rights as a chart's kind", { chartKinds: [{ group: "rbac.authorization.k8s.io", resources: ["clusterroles"] }] }],
    ["an unknown key", { titel: "Lab" }],
  ])("refuses %s", (_, input) => {
    expect(accepts(input)).toBe(false);
  });

  it.each([
    ["one name for all languages", { catalogs: [catalog] }],
    ["a catalogue in the cluster", { catalogs: [{ ...catalog, location: "http://charts.catalogue.svc:8080/x" }] }],
    ["no catalogue", { catalogs: [] }],
    ["half cores", { services: { cpu: { request: "0.5" } } }],
    ["an operator's kind", { chartKinds: [{ group: "postgresql.cnpg.io", resources: ["clusters"] }] }],
  ])("takes %s", (_, input) => {
    expect(accepts(input)).toBe(true);
  });
});

describe("the launch form", () => {
  const file = (path: string, services: unknown = {}, privateCa = false): Schema => {
    const overrides = schemaOverrides(portalSettings.parse({ services }).services, {
      ingressNamespace: "edge",
      privateCa,
    });
    return JSON.parse(overrides[path] ?? "") as Schema;
  };
  const override = (path: string, services: unknown = {}): Schema => file(path, services)["properties"] ?? {};

  it("offers resources that fit this platform, instead of 30 CPU and 50 Gi", () => {
    const services = { cpu: { request: "250m", limit: "1.5", most: "3" }, memory: { limit: "3Gi", most: "6Gi" } };
    const { requests, limits } = override("ide/resources.json", services);
    expect(requests?.["properties"]).toMatchObject({
      cpu: { default: "250m", sliderMax: 3000, sliderUnit: "m", sliderExtremity: "down" },
      memory: { default: "1Gi", sliderMax: 6, sliderUnit: "Gi" },
    });
    expect(limits?.["properties"]).toMatchObject({
      cpu: { default: "1500m", sliderMax: 3000, sliderExtremity: "up" },
      memory: { default: "3Gi", sliderMax: 6 },
    });
  });

  it("offers the same with a GPU", () => {
    const { limits } = override("ide/resources-gpu.json", { cpu: { most: "3" } });
    expect(limits?.["properties"]).toMatchObject({ cpu: { sliderMax: 3000 }, "nvidia.com/gpu": { default: "1" } });
  });

  it("offers volumes up to the most", () => {
    expect(override("ide/persistence.json", { storage: { size: "5Gi", most: "20Gi" } })).toMatchObject({
      enabled: { default: true },
      size: { default: "5Gi", sliderMax: 20 },
    });
  });

  it.each([
    ["view", ["view"]],
    ["edit", ["view", "edit"]],
    ["admin", ["view", "edit", "admin"]],
  ])("offers roles up to %s, and chooses the least", (kubernetesRole, roles) => {
    expect(override("ide/role.json", { kubernetesRole })["role"]).toMatchObject({ default: "view", enum: roles });
  });

  it.each([
    ["view", "view"],
    ["edit", "edit"],
    ["admin", "edit"],
  ])("offers Spark's charts no more than %s: upstream's file offers them admin", (kubernetesRole, proposed) => {
    const { role } = override("role-spark.json", { kubernetesRole });
    expect(role).toMatchObject({ default: proposed });
    expect(role?.["enum"]).toEqual(override("ide/role.json", { kubernetesRole })["role"]?.["enum"]);
  });

  it.each(["ide/role.json", "role-spark.json"])("offers no role in %s where none is allowed", (path) => {
    const properties = override(path, { kubernetesRole: "none" });
    expect(properties).not.toHaveProperty("role");
    expect(properties["enabled"]).toMatchObject({ const: false });
  });

  it("asks for no Vault, which the platform has not", () => {
    expect(override("ide/vault.json")).toEqual({
      enabled: { type: "boolean", const: false, default: false, "x-onyxia": { hidden: true } },
    });
  });

  it("tells programs that bring their own authorities where the platform's are, and only with a private CA", () => {
    expect(file("ide/extraenv.json")["default"]).toEqual([]);
    const trusting = file("ide/extraenv.json", {}, true)["default"] as unknown as { name: string; value: string }[];
    expect(trusting.map(({ name }) => name)).toEqual([
      "AWS_CA_BUNDLE",
      "CURL_CA_BUNDLE",
      "GIT_SSL_CAINFO",
      "NODE_EXTRA_CA_CERTS",
      "PIP_CERT",
      "REQUESTS_CA_BUNDLE",
      "SSL_CERT_FILE",
    ]);
    expect(new Set(trusting.map(({ value }) => value))).toEqual(new Set([trustBundle]));
  });

  it("lets the ingress controller through, and no other namespace", () => {
    const from = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "edge" } } }];
    expect(override("network-policy.json")).toMatchObject({ enabled: { default: true }, from: { default: from } });
    expect(override("network-policy.json", { networkIsolation: false })).toMatchObject({ enabled: { default: false } });
  });

  it("gives services the CA as PEM text: the charts write it into a file as it is", async () => {
    const { result } = await runGraph(() => {
      return new Promise<string>((resolve) => certificatesOverride("-----BEGIN CERTIFICATE-----\nx").apply(resolve));
    });
    expect(JSON.parse(result)).toMatchObject({
      properties: { cacerts: { default: "-----BEGIN CERTIFICATE-----\nx", "x-onyxia": { hidden: true } } },
    });
  });
});
