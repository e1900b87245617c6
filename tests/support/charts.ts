/** A small chart for tests: one object for each stage that a chart can have, in no order. */
import type { RenderedChart } from "../../components/charts/chart-renderer.ts";
import type { KubernetesObject } from "../../components/charts/objects.ts";
import { charts } from "../../components/versions.ts";

/** An object with the fields that every kind has. */
export function object(kind: string, name: string, more: Record<string, unknown> = {}): KubernetesObject {
  const { annotations, namespace, apiVersion = "v1", ...fields } = more;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace: namespace as string }),
    ...(annotations === undefined ? {} : { annotations: annotations as Record<string, string> }),
  };
  return { apiVersion: apiVersion as string, kind, metadata, ...fields };
}

const hook = (name: string) => ({ "helm.sh/hook": name, "helm.sh/hook-weight": "1" });

const inNamespace = { namespace: "cert-manager" };

/** Stands for the chart of cert-manager where its content does not matter. */
export const smallChart: RenderedChart = {
  chart: charts.certManager,
  objects: [
    object("Job", "check", { ...inNamespace, apiVersion: "batch/v1", annotations: hook("post-install") }),
    object("ServiceAccount", "check", { ...inNamespace, annotations: hook("post-install,post-upgrade") }),
    object("Job", "cleanup", { ...inNamespace, apiVersion: "batch/v1", annotations: hook("pre-delete") }),
    object("ValidatingWebhookConfiguration", "hook", { apiVersion: "admissionregistration.k8s.io/v1" }),
    object("Deployment", "server", { ...inNamespace, apiVersion: "apps/v1" }),
    object("Service", "server", inNamespace),
    object("CustomResourceDefinition", "things.example.org", {
      apiVersion: "apiextensions.k8s.io/v1",
      annotations: { "helm.sh/resource-policy": "keep" },
    }),
  ],
};
