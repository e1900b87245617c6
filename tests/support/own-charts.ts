/** The charts of the program as the portal's form launches them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv from "ajv";

import { ownChart } from "../../components/catalogue/own-charts.ts";
import type { OwnChartName } from "../../components/catalogue/names.ts";
import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { formValues } from "./launch-form.ts";
import { resolvedSchema } from "./resolved-schema.ts";

const draft6 = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../node_modules/ajv/lib/refs/json-schema-draft-06.json"), "utf8"),
) as object;

/** What Onyxia's API shows and checks. */
export function schemaOf(name: OwnChartName) {
  const overrides = schemaOverrides(portalSettings.parse({}).services, {
    ingressNamespace: "datalab-ingress",
    privateCa: false,
  });
  return resolvedSchema(ownChart(name).schema, overrides);
}

/** What the form sends when a person of this workspace changes nothing. */
export function launchValues(name: OwnChartName, namespace: string, domain: string): Record<string, unknown> {
  return formValues(schemaOf(name), ownChart(name).values, {
    project: { id: namespace },
    k8s: { domain, ingressClassName: "nginx", randomSubdomain: "4711" },
    service: { oneTimePassword: "one-time" },
  }) as Record<string, unknown>;
}

/** Why the API would answer 400, or nothing. */
export function refusalsOf(name: OwnChartName, values: unknown): string[] {
  // The API takes every schema for draft 6, whatever it says.
  const withoutDraft = (key: string, value: unknown) => (key === "$schema" ? undefined : value);
  const schema = JSON.parse(JSON.stringify(schemaOf(name), withoutDraft)) as object;
  const validate = new Ajv({ meta: draft6, allErrors: true }).compile(schema);
  if (validate(values) === true) return [];
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message ?? ""}`);
}
