import { graphLoadBalancerClass } from "../../../components/ingress/load-balancer-class.ts";
import type { PublicHost } from "../expectations.ts";
import { type Context, failed, passed, type Step, warning } from "../step.ts";

/** The ingress controller's address, which all names must lead to. */
export const ingressAddress: Step = {
  id: "ingress-address",
  title: "address of the ingress controller",
  hop: "load balancer",
  needs: ["cluster"],
  run: async ({ expected: { ingress }, kubectl }) => {
    if (ingress.kind === "settings") return passed(ingress.address, { ingressAddresses: [ingress.address] });
    const { namespace, name } = ingress;
    const service = await kubectl.get<Service>(`/api/v1/namespaces/${namespace}/services/${name}`);
    if (service.spec.type === "ClusterIP") return passed("ports of the nodes that its pods run on");
    if (service.spec.type !== "LoadBalancer") return passed(`Service of type ${service.spec.type}: any node`);
    if (service.spec.loadBalancerClass === graphLoadBalancerClass) return passed("that of the stack's load balancer");
    const found = service.status.loadBalancer?.ingress?.flatMap(({ ip, hostname }) => ip ?? hostname ?? []) ?? [];
    if (found.length > 0) return passed(found.join(", "), { ingressAddresses: found });
    return failed({
      problem: `The Service ${name} in ${namespace} has no address`,
      cause: "nothing in the cluster hands out addresses to Services of type LoadBalancer",
      cure: `Look at \`kubectl --namespace ${namespace} describe service ${name}\`, or set datalab:ingress.serviceType`,
    });
  },
};

interface Service {
  readonly spec: { readonly type: string; readonly loadBalancerClass?: string };
  readonly status: {
    readonly loadBalancer?: { readonly ingress?: { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** DNS of a host, and whether it leads to the ingress controller. */
export function nameStep({ key, host, own }: PublicHost): Step {
  return {
    id: `dns:${key}`,
    title: `DNS of ${host}`,
    hop: "DNS",
    needs: [],
    run: async (context) => {
      const { address } = context.options;
      if (own && address !== undefined) return passed(`${address}, given with --address`);
      let found: readonly string[];
      try {
        found = await context.resolve(host);
      } catch (error) {
        return failed({
          problem: `${host} has no address: ${(error as Error).message}`,
          cause: "the record is missing, or this machine asks another DNS server than your users",
          cure: own
            ? `Let it lead to ${context.facts.ingressAddresses?.join(", ") ?? "the address in the outputs of the stack"}, or give --address <ip>`
            : "Correct the address in datalab:objectStore, or the record",
        });
      }
      return own ? comparison(context, host, found) : passed(found.join(", "));
    },
  };
}

async function comparison({ facts, resolve }: Context, host: string, found: readonly string[]) {
  const wanted = await Promise.all((facts.ingressAddresses ?? []).map((address) => resolve(address).catch(() => [])));
  const addresses = wanted.flat();
  if (addresses.length === 0 || found.some((address) => addresses.includes(address))) return passed(found.join(", "));
  return warning({
    problem: `${host} leads to ${found.join(", ")}, but the ingress controller has ${addresses.join(", ")}`,
    cause: "the record is that of an earlier load balancer, or a proxy stands in front of this one",
    cure: "Change the record, unless that proxy is meant to be there",
  });
}
