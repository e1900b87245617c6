import { describe, expect, it } from "@jest/globals";

import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { certificates } from "../../components/portal/schemas/certificates.ts";
import { trustVariables } from "../../components/kubernetes/service-variables.ts";
import { trustBundle } from "../../components/portal/schemas/environment-variables.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { chartSchema, refusals } from "../support/launch-check.ts";
import { formValues } from "../support/launch-form.ts";
import { recordedCharts } from "../support/recorded-charts.ts";
import { resolvedSchema } from "../support/resolved-schema.ts";

const pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";

function overrides(services: unknown = {}, privateCa = false): Record<string, string> {
  return {
    ...schemaOverrides(portalSettings.parse({ services }).services, { ingressNamespace: "edge", privateCa }),
    ...(privateCa ? { "certificates.json": JSON.stringify(certificates(pem)) } : {}),
  };
}

const context = {
  project: { id: "user-alice" },
  k8s: { domain: "lab.example.test", randomSubdomain: "117896", ingressClassName: "nginx", ingress: true },
  s3: {
    AWS_ACCESS_KEY_ID: "key",
    AWS_S3_ENDPOINT: "s3.example.test",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_SECRET_ACCESS_KEY: "se/cr+et=",
    AWS_SESSION_TOKEN: "token",
    pathStyleAccess: true,
  },
  git: { name: 'Alice "Al" Äläöß', email: "alice@example.test", credentials_cache_duration: "0", token: "t" },
};

/** Values of the recorded properties; those that upstream's files govern are not in the repository. */
function form(name: string, files: Record<string, string>): Record<string, unknown> {
  const own = JSON.parse(
    JSON.stringify(resolvedSchema(chartSchema(name), files), (_, node: unknown) => {
      if (typeof node !== "object" || node === null || !("properties" in node)) return node;
      const { properties } = node as { properties: Record<string, { "x-onyxia"?: object }> };
      const known = Object.entries(properties).filter(
        ([, property]) => !("overwriteSchemaWith" in (property["x-onyxia"] ?? {})),
      );
      return { ...node, properties: Object.fromEntries(known) };
    }),
  ) as Record<string, unknown>;
  return formValues(own, {}, context) as Record<string, unknown>;
}

const lookup = '{{ (lookup "v1" "Secret" "datalab-identity" "keycloak-admin").data.password | b64dec }}';
const document = "ClusterIP\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding";

describe("a launch as the form proposes it", () => {
  it.each([
    ["default settings", {}, false],
    ["a private CA", {}, true],
    ["no role", { kubernetesRole: "none" }, false],
    ["every role", { kubernetesRole: "admin" }, false],
    [
      "other limits",
      { cpu: { limit: "1.5", most: "1.5" }, memory: { most: "100Gi" }, storage: { most: "11Gi" } },
      true,
    ],
  ])("passes the API's check in every chart: %s", (_, services, privateCa) => {
    const files = overrides(services, privateCa);
    const refused = recordedCharts.flatMap((name) => refusals(name, files, form(name, files)));
    expect(refused).toEqual([]);
  });

  it("passes with what people do in the form", () => {
    const options = {
      extraEnvVars: [
        ...trustVariables.map((name) => ({ name, value: trustBundle })),
        { name: "_MY_VAR2", value: '{"json": {"in": ["{ }"]}}\nin two lines, with $HOME and 100 %' },
      ],
      resources: { requests: { cpu: "0.5", memory: "512Mi" }, limits: { cpu: "3950m", memory: "8Gi" } },
      persistence: { enabled: true, size: "50Gi" },
      networking: {
        type: "ClusterIP",
        clusterIP: "None",
        service: { port: 8888 },
        user: { enabled: true, port: 8000 },
      },
      kubernetes: { enabled: true, role: "view" },
      init: { personalInit: "https://example.org/start.sh", personalInitArgs: "--name 'A B' #1" },
      spark: { userConfig: { "spark.executor.memory": "4g", "spark.driver.extraJavaOptions": "-Da={b}" } },
      unknown: { to: ["the schema"] },
    };
    for (const name of recordedCharts) expect(refusals(name, overrides(), options)).toEqual([]);
  });
});

/** Attempts V1 to V5 of the table in docs/isolation.md, and what else charts take without quotes. */
const attempts: readonly (readonly [string, unknown, unknown])[] = [
  ["V1 role edit where view is the most", { kubernetes: { enabled: true, role: "edit" } }, {}],
  [
    "V1 role admin where edit is the most",
    { kubernetes: { enabled: true, role: "admin" } },
    { kubernetesRole: "edit" },
  ],
  ["V2 access to Kubernetes where none is allowed", { kubernetes: { enabled: true } }, { kubernetesRole: "none" }],
  ["V3 CPU beyond the most", { resources: { limits: { cpu: "4050m" } } }, {}],
  ["V3 CPU beyond the most, in cores", { resources: { limits: { cpu: "4.1" } } }, {}],
  ["V3 CPU as a number", { resources: { limits: { cpu: 40 } } }, {}],
  ["V3 a request beyond the most", { resources: { requests: { cpu: "5" } } }, {}],
  ["V3 memory beyond the most", { resources: { limits: { memory: "9Gi" } } }, {}],
  ["V3 memory in another unit", { resources: { limits: { memory: "1Ti" } } }, {}],
  ["V3 a volume beyond the most", { persistence: { size: "51Gi" } }, {}],
  ["V5 H1 a template in a variable", { extraEnvVars: [{ name: "X", value: lookup }] }, {}],
  ["V5 H1 the same after a line", { extraEnvVars: [{ name: "X", value: `a\n${lookup}` }] }, {}],
  ["V5 a line break in a variable's name", { extraEnvVars: [{ name: "X\nY", value: "" }] }, {}],
  ["V5 H6 a document in the Service's type", { networking: { type: document } }, {}],
  ["a document in its port", { networking: { service: { targetPort: document } } }, {}],
  ["a document in an Ingress's path", { ingress: { path: document } }, {}],
  ["a certificate of one's own by cert-manager", { ingress: { useCertManager: true } }, {}],
  ["a document in the start script's address", { init: { personalInit: document } }, {}],
  ["a document in the start script's path", { init: { standardInitPath: "a\u0085b" } }, {}],
  ["a document in the bucket's endpoint", { s3: { enabled: true, endpoint: document } }, {}],
  ["a document in the name of git's Secret", { git: { secretName: document } }, {}],
  ["a document in a storage class", { persistence: { storageClass: document } }, {}],
  ["a document in the name of a claim", { persistence: { existingClaim: document } }, {}],
  ["a document in a proxy", { proxy: { enabled: true, httpProxy: document } }, {}],
  ["a document in a repository", { repository: { mavenRepository: document } }, {}],
  ["a role of OpenShift", { openshiftSCC: { enabled: true, scc: "anyuid" } }, {}],
  ["a Vault", { vault: { enabled: true } }, {}],
];

describe("the API's check of a hand-made launch", () => {
  it.each(attempts)("refuses in every chart: %s", (_, options, services) => {
    const files = overrides(services);
    expect(recordedCharts.filter((name) => refusals(name, files, options).length === 0)).toEqual([]);
  });

  const spark = ["jupyter-pyspark", "rstudio-sparkr", "vscode-pyspark"];

  it.each([
    ["V5 H4 a template in a person's settings", { spark: { userConfig: { x: lookup } } }],
    ["a template in the chart's settings", { spark: { config: { x: lookup } } }],
    ["a document in the path", { spark: { path: document } }],
  ])("refuses in Spark's charts: %s", (_, options) => {
    for (const name of spark) expect(refusals(name, overrides(), options)).not.toEqual([]);
  });

  it.each([
    ["a runtime class", "jupyter-python", { runtimeClassName: document }],
    ["a file of authorities by its address", "jupyter-python", { certificates: { cacerts: "https://a.test\n---" } }],
    ["a folder of authorities", "jupyter-python", { certificates: { pathToCaBundle: document } }],
    ["four GPUs", "jupyter-python-gpu", { resources: { limits: { "nvidia.com/gpu": "4" } } }],
  ])("refuses %s", (_, name, options) => {
    expect(refusals(name, overrides({}, true), options)).not.toEqual([]);
    expect(refusals(name, overrides({}, false), options)).not.toEqual([]);
  });

  // Not refused here: each has its wall elsewhere, see V4 in docs/isolation.md.
  it("V4 lets any image, any host name and a network policy that is off through", () => {
    const schema = JSON.stringify(resolvedSchema(chartSchema("jupyter-python"), overrides()));
    for (const known of ["networkPolicy", "hostname", "custom"]) expect(schema).toContain(`"${known}"`);
    const options = {
      service: { image: { custom: { enabled: true, version: "registry.example.test/anything" } } },
      ingress: { hostname: "auth.example.test" },
      security: { networkPolicy: { enabled: false } },
    };
    expect(refusals("jupyter-python", overrides(), options)).toEqual([]);
  });
});
