/**
 * Writes tests/facts/insee-charts.json: what INSEE's interactive charts render with the launch form's values and the
 * portal's overrides. Fields only, no texts of the charts. Run it again when the charts or the overrides change:
 *
 *   node tests/facts/record-insee-charts.ts --helm helm --charts <clone> --api <clone> [--api-commit v4.12.0]
 *
 * The clones are bare ones of InseeFrLab/helm-charts-interactive-services and InseeFrLab/onyxia-api; helm is 4.1.4, as
 * in the API's image.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { parseAllDocuments } from "yaml";

import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { certificates } from "../../components/portal/schemas/certificates.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { formValues } from "../support/launch-form.ts";
import { isSchema, resolvedSchema, type Schema, schemaNameOf } from "../support/resolved-schema.ts";
import { apiSchemas, type Chart, Clone, unpackCharts } from "./insee-sources.ts";
import { type KubernetesObject, reducedObject } from "./reduced-object.ts";

const { values: options } = parseArgs({
  options: {
    helm: { type: "string", default: "helm" },
    charts: { type: "string", default: "" },
    api: { type: "string", default: "" },
    "api-commit": { type: "string", default: "v4.12.0" },
  },
});

const namespace = "user-alice";
const domain = "lab.example.test";

/** Alice, on a platform with a private CA. */
const context = {
  project: { id: namespace },
  user: { darkMode: false, lang: "en" },
  service: { oneTimePassword: "password" },
  k8s: { domain, randomSubdomain: "117896", ingressClassName: "nginx", ingress: true, route: false },
  s3: {
    AWS_ACCESS_KEY_ID: "key",
    AWS_S3_ENDPOINT: "s3.example.test",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    pathStyleAccess: true,
    workingDirectoryPath: "",
  },
  git: { name: "Alice", email: "alice@example.test", credentials_cache_duration: "0", token: "", project: "" },
};

const services = portalSettings.parse({}).services;
const overrides = {
  ...apiSchemas(new Clone(options.api, options["api-commit"])),
  ...schemaOverrides(services, { ingressNamespace: "datalab-ingress", privateCa: true }),
  "certificates.json": JSON.stringify(certificates("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")),
};

/** Numbers of the rendered objects; what differs from launch to launch is a word in braces. */
function render(chart: Chart, values: Schema): number[] {
  const release = `${chart.name}-117896`;
  const file = join(chart.folder, "values-of-the-form.json");
  writeFileSync(file, JSON.stringify(values));
  const text = execFileSync(
    options.helm,
    ["template", release, chart.folder, "-n", namespace, "-f", file, "--kube-version", "1.36.3", "--skip-tests"],
    { encoding: "utf8", maxBuffer: 2 ** 26 },
  );
  // As helm reads it: 0664 is octal.
  return parseAllDocuments(text, { version: "1.1" })
    .map((document) => document.toJS() as unknown)
    .filter((object): object is KubernetesObject => isSchema(object))
    .map((object) => {
      const told = JSON.stringify(reducedObject(object))
        .replaceAll(release, "{release}")
        .replaceAll(`${chart.name}-${chart.version}`, "{chart}-{version}")
        .replaceAll(chart.name, "{chart}")
        .replaceAll(namespace, "{namespace}")
        .replaceAll(domain, "{domain}");
      return numberOf(told);
    });
}

/** Objects that several charts render alike are told once. */
const objects: string[] = [];
function numberOf(text: string): number {
  if (!objects.includes(text)) objects.push(text);
  return objects.indexOf(text);
}

/** Names of the schema files by the property that asks for them. */
function schemaNames(schema: Schema, path = ""): Record<string, string> {
  const { properties } = schema;
  if (!isSchema(properties)) return {};
  return Object.assign(
    {},
    ...Object.entries(properties).map(([name, property]) => {
      const below = path === "" ? name : `${path}.${name}`;
      const file = schemaNameOf(property as Schema);
      return { ...(file === undefined ? {} : { [below]: file }), ...schemaNames(property as Schema, below) };
    }),
  ) as Record<string, string>;
}

/** The form's values, with two ports opened and an allow-list of addresses: all that people can add of Ingresses. */
function opened(values: Schema): Schema {
  const { networking, security } = values as { networking: Schema; security: Schema };
  return {
    ...values,
    networking: { ...networking, user: { enabled: true, port: 5000, ports: [5000, 8000] } },
    security: { ...security, allowlist: { enabled: true, ip: "10.0.0.0/8" } },
  };
}

const folder = mkdtempSync(join(tmpdir(), "insee-charts-"));
try {
  const clone = new Clone(options.charts);
  const charts = unpackCharts(clone, folder).map((chart) => {
    const values = formValues(resolvedSchema(chart.schema, overrides), chart.defaults, context) as Schema;
    const launched = render(chart, values);
    const more = render(chart, opened(values));
    const ports = more.filter((number) => !launched.includes(number));
    return [
      chart.name,
      { version: chart.version, schemas: schemaNames(chart.schema), objects: launched, opened: ports },
    ];
  });
  const facts = {
    source: { repository: "InseeFrLab/helm-charts-interactive-services", ...clone.source() },
    charts: Object.fromEntries(charts) as unknown,
    objects: objects.map((text) => JSON.parse(text) as unknown),
  };
  writeFileSync(join(import.meta.dirname, "insee-charts.json"), `${JSON.stringify(facts)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
