/** Load balancers as small clusters have them: the node's own address takes the ports of every such Service. */
import type { ApiClient } from "../control-plane/api-client.ts";
import { network } from "./network.ts";

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly type?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } };
}

/** Gives Services of type LoadBalancer their address until the signal is given. */
export async function provideLoadBalancers(api: ApiClient, signal: AbortSignal): Promise<void> {
  await api.follow(
    "/api/v1/services",
    (services) => {
      for (const { metadata, spec, status } of services as readonly Service[]) {
        // One with a class belongs to whoever serves that class.
        if (spec.type !== "LoadBalancer" || spec.loadBalancerClass !== undefined) continue;
        if ((status?.loadBalancer?.ingress ?? []).length > 0) continue;
        const path = `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}/status`;
        api.patch(path, { status: { loadBalancer: { ingress: [{ ip: network.node }] } } }).catch((error: unknown) => {
          console.error(`load balancer of ${metadata.namespace}/${metadata.name}: ${String(error)}`);
        });
      }
    },
    signal,
  );
}
