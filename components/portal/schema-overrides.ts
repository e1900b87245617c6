/**
 * Schemas that replace parts of the charts' own, so that the launch form offers what fits this platform. A file
 * replaces the whole property that names it in `x-onyxia.overwriteSchemaWith`.
 * @see https://github.com/InseeFrLab/onyxia-api/tree/v4.12.0/onyxia-api/src/main/resources/schemas
 */
import * as pulumi from "@pulumi/pulumi";

import { gibibytesOf, millicoresOf, type WorkspaceServices as ServiceSettings } from "../workspaces/settings.ts";

type JsonSchema = Record<string, unknown>;

const draft = "http://json-schema.org/draft-07/schema#";

/** Overrides by path below the schema folder; all known from the settings. */
export function schemaOverrides(services: ServiceSettings, ingressNamespace: string): Record<string, string> {
  const schemas: Record<string, JsonSchema> = {
    "ide/resources.json": resources(services),
    "ide/persistence.json": persistence(services),
    "ide/role.json": role(services.kubernetesRole),
    "network-policy.json": networkPolicy(services.networkIsolation, ingressNamespace),
  };
  return Object.fromEntries(Object.entries(schemas).map(([path, schema]) => [path, JSON.stringify(schema)]));
}

/**
 * Override that makes services trust the platform's CA. INSEE's charts write the text as it is into a PEM file, so it
 * is not encoded.
 * @see https://github.com/InseeFrLab/helm-charts-interactive-services/blob/main/charts/library-chart/templates/_secret.tpl
 */
export function certificatesOverride(caBundle: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(caBundle).apply((pem) =>
    JSON.stringify({
      $schema: draft,
      title: "Certificates",
      type: "object",
      properties: {
        cacerts: { type: "string", default: pem, "x-onyxia": { hidden: true } },
        pathToCaBundle: {
          type: "string",
          default: "/usr/local/share/ca-certificates/",
          "x-onyxia": { hidden: true },
        },
      },
    }),
  );
}

function resources({ cpu, memory }: ServiceSettings): JsonSchema {
  const most = { cpu: millicoresOf(cpu.most), memory: gibibytesOf(memory.most) };
  const cpuSlider = { sliderMin: 50, sliderMax: most.cpu, sliderStep: 50, sliderUnit: "m", sliderRangeId: "cpu" };
  const memorySlider = {
    sliderMin: 1,
    sliderMax: most.memory,
    sliderStep: 1,
    sliderUnit: "Gi",
    sliderRangeId: "memory",
  };
  const millicores = (value: string) => `${millicoresOf(value)}m`;
  return {
    $schema: draft,
    title: "Resources",
    description: "A service gets at least what it requests and never more than its limits.",
    type: "object",
    properties: {
      requests: {
        description: "Guaranteed",
        type: "object",
        properties: {
          cpu: { title: "CPU", type: "string", default: millicores(cpu.request), ...cpuSlider, ...lowerEnd },
          memory: { title: "Memory", type: "string", default: memory.request, ...memorySlider, ...lowerEnd },
        },
      },
      limits: {
        description: "Maximum",
        type: "object",
        properties: {
          cpu: { title: "CPU", type: "string", default: millicores(cpu.limit), ...cpuSlider, ...upperEnd },
          memory: { title: "Memory", type: "string", default: memory.limit, ...memorySlider, ...upperEnd },
        },
      },
    },
  };
}

const lowerEnd = { render: "slider", sliderExtremity: "down", sliderExtremitySemantic: "guaranteed" };
const upperEnd = { render: "slider", sliderExtremity: "up", sliderExtremitySemantic: "Maximum" };

function persistence({ storage }: ServiceSettings): JsonSchema {
  return {
    $schema: draft,
    title: "Persistence",
    type: "object",
    properties: {
      enabled: { type: "boolean", description: "Create a persistent volume", default: true },
      size: {
        type: "string",
        title: "Size of the persistent volume",
        default: storage.size,
        render: "slider",
        sliderMin: 1,
        sliderMax: gibibytesOf(storage.most),
        sliderStep: 1,
        sliderUnit: "Gi",
        hidden: { value: false, path: "enabled", isPathRelative: true },
      },
    },
  };
}

const roles = ["view", "edit", "admin"] as const;

function role(most: ServiceSettings["kubernetesRole"]): JsonSchema {
  const allowed = roles.slice(0, most === "none" ? 0 : roles.indexOf(most) + 1);
  const enabled = { type: "boolean", description: "Let the service use the Kubernetes API in your namespace" };
  return {
    $schema: draft,
    title: "Role",
    type: "object",
    properties:
      allowed.length === 0
        ? { enabled: { ...enabled, const: false, default: false, "x-onyxia": { hidden: true } } }
        : {
            enabled: { ...enabled, default: true },
            role: {
              type: "string",
              description: "What it may do there",
              default: "view",
              enum: allowed,
              hidden: { value: false, path: "enabled", isPathRelative: true },
            },
          },
  };
}

/** The charts let pods of the same namespace in, and whoever stands in `from`. */
function networkPolicy(isolated: boolean, ingressNamespace: string): JsonSchema {
  const fromIngress = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": ingressNamespace } } }];
  return {
    $schema: draft,
    title: "Network policy",
    type: "object",
    properties: {
      enabled: { type: "boolean", default: isolated, "x-onyxia": { hidden: true } },
      from: { type: "array", default: isolated ? fromIngress : [], "x-onyxia": { hidden: true } },
    },
  };
}
