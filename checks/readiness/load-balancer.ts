/** Why a Service has no address of a load balancer. */
import { setCommand } from "../../stacks/settings/config-commands.ts";
import type { Reason, Warning } from "./reason.ts";

export interface BalancedService {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly type?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly object[] } };
}

/** Whether `pulumi up` waits for its address: one whose load balancer stands in the graph never gets one. */
export function waitsForAddress({ metadata, spec, status }: BalancedService): boolean {
  if (spec.type !== "LoadBalancer" || metadata.annotations?.["pulumi.com/skipAwait"] === "true") return false;
  return (status?.loadBalancer?.ingress ?? []).length === 0;
}

/** @param warnings Events of Services */
export function serviceReason(service: BalancedService, warnings: readonly Warning[]): Reason {
  const { name, namespace } = service.metadata;
  const refusal = warnings
    .filter(({ involvedObject: of }) => of.kind === "Service" && of.name === name && of.namespace === namespace)
    .at(-1)?.message;
  const { loadBalancerClass } = service.spec;
  const asked = loadBalancerClass === undefined ? "" : ` of the class ${loadBalancerClass}`;
  const what = refusal === undefined ? `no load balancer${asked} answers` : refusal.replaceAll(/\s+/g, " ").trim();
  return {
    key: `service ${namespace}/${name} ${refusal === undefined ? "waits" : "fails"}`,
    // Clouds take a minute or three.
    starting: refusal === undefined,
    sentence: [
      `The Service ${namespace}/${name} has no address: ${what.replace(/\.$/, "")}.`,
      `If the cluster has none: \`${setCommand(["ingress", "serviceType"], "NodePort")}\`.`,
      "If it wants to be told something: `ingress.serviceAnnotations` and `ingress.loadBalancerClass`.",
    ].join(" "),
  };
}
