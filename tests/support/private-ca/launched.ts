/** What the platform gives a notebook to trust its authorities, taken from the objects that it would create. */
import * as pulumi from "@pulumi/pulumi";

import { certificatesSchemaName, schemaKey, schemasName } from "../../../components/portal/api-pod.ts";
import { trustConfigName } from "../../../components/portal/launcher.ts";
import { Onyxia } from "../../../components/portal/onyxia.ts";
import { trustFileName } from "../../../components/workspaces/objects.ts";
import { type Graph, runGraph } from "../graph.ts";
import { chartSchema } from "../launch-check.ts";
import { formValues } from "../launch-form.ts";
import { onyxiaArgs, openHosts } from "../portal.ts";
import { recordedChart } from "../recorded-charts.ts";
import { isSchema, resolvedSchema, type Schema } from "../resolved-schema.ts";

/** A notebook as it is launched by the form, where a person changes nothing. */
export interface Launched {
  /** Values of the chart. */
  readonly certificates: { readonly cacerts: string; readonly pathToCaBundle: string };
  readonly variables: Readonly<Record<string, string>>;
  /** Data of the ConfigMap `datalab-trust` beside it. */
  readonly trust: Readonly<Record<string, string>>;
}

/** @param authorities In PEM. @param chart One of INSEE's. */
export async function launched(authorities: string, chart: string): Promise<Launched> {
  const hosts = { ...openHosts, caBundle: pulumi.output(authorities) };
  const graph = await runGraph(() => new Onyxia("portal", onyxiaArgs({}, hosts)));
  const given = { ...dataOf(graph, schemasName), ...dataOf(graph, certificatesSchemaName) };
  const files = Object.fromEntries(
    Object.values(recordedChart(chart).schemas).flatMap((path) => {
      const text = given[schemaKey(path)];
      return text === undefined ? [] : [[path, text]];
    }),
  );
  const { properties } = resolvedSchema(chartSchema(chart), files);
  const value = (name: string) => formValues((properties as Record<string, Schema>)[name]!, undefined, {});
  const variables = value("extraEnvVars") as { readonly name: string; readonly value: string }[];
  const trust = JSON.parse(dataOf(graph, trustConfigName)[trustFileName]!) as Pick<Launched, "trust"> & Data;
  return {
    certificates: value("certificates") as Launched["certificates"],
    variables: Object.fromEntries(variables.map(({ name, value: text }) => [name, text])),
    trust: trust.data,
  };
}

interface Data {
  readonly data: Readonly<Record<string, string>>;
}

/** Data of a ConfigMap of the portal. */
function dataOf({ resources }: Graph<unknown>, name: string): Data["data"] {
  const found = resources.find(({ type, inputs }) => {
    const { metadata } = inputs;
    return type === "kubernetes:core/v1:ConfigMap" && isSchema(metadata) && metadata["name"] === name;
  });
  if (found === undefined) throw new Error(`no ConfigMap ${name}`);
  return found.inputs["data"] as Data["data"];
}
