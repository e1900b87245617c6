import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { AliasTarget, ApiServerAddresses, IngressEndpoint, LoadBalancer, NodePorts } from "../contracts.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import { imageReference } from "../kubernetes/image.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { type Hosts, namespaces, type WildcardSecrets } from "../names.ts";
import { images } from "../versions.ts";
import { podSecurityOf } from "./host-ports.ts";
import type { TraefikSettings } from "./settings.ts";
import * as traefik from "./traefik.ts";
import { className, controllerName, ports } from "./traefik-arguments.ts";
import { service } from "./traefik-service.ts";
import { type Visitors, visitorsConfigMap } from "./visitors.ts";

export interface IngressControllerArgs extends ImageSource {
  readonly hosts: Hosts;
  readonly settings: TraefikSettings;
  readonly apiServer: ApiServerAddresses;
  /** Pods reach the public hosts by DNS, not by the address of the Service. */
  readonly resolvesInCluster: boolean;
  /** A load balancer outside the cluster, which the Service opens fixed ports for. @default what the settings say */
  readonly loadBalancer?: LoadBalancer | undefined;
  /** Secrets with the wildcard certificates. @default those that cert-manager fills */
  readonly wildcardSecrets?: WildcardSecrets | undefined;
  /** Who may come in. @default everybody */
  readonly visitors?: Visitors | undefined;
}

/**
 * Traefik, serving Ingresses written for ingress-nginx, which is retired.
 *
 * @example
 * ```ts
 * const { apiServer } = cluster;
 * new IngressController("ingress", { hosts, settings: traefik, apiServer, resolvesInCluster: false }, inside);
 * ```
 */
export class IngressController extends pulumi.ComponentResource implements IngressEndpoint {
  readonly className = className;
  readonly namespace = namespaces.ingress;
  readonly podHttpsPort = ports.https;
  readonly publicPort: number;
  readonly addsResponseHeaders = true;
  readonly address: pulumi.Output<string>;
  readonly addresses: pulumi.Output<string[]> | undefined;
  readonly nodePorts: pulumi.Output<NodePorts> | undefined;
  readonly alias: AliasTarget | undefined;
  readonly clusterIp: pulumi.Output<string> | undefined;

  constructor(name: string, args: IngressControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:ingress:IngressController", name, { serviceType: args.settings.serviceType }, opts);
    const { settings, apiServer, loadBalancer, registryLogin, visitors } = args;
    const child = { parent: this };

    const podSecurity = podSecurityOf(settings);
    const { inside, ready } = guardedNamespace(name, { namespace: this.namespace, podSecurity, registryLogin }, this);
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      traefik.networkPolicy(apiServer),
      inside,
    );
    const account = new k8s.core.v1.ServiceAccount(`${name}-service-account`, traefik.serviceAccount(), inside);
    const role = new k8s.rbac.v1.ClusterRole(`${name}-cluster-role`, traefik.clusterRole(), child);
    const binding = new k8s.rbac.v1.ClusterRoleBinding(`${name}-cluster-role-binding`, traefik.clusterRoleBinding(), {
      ...child,
      dependsOn: [role, account],
    });
    const ingressClass = new k8s.networking.v1.IngressClass(`${name}-class`, traefik.ingressClass(), child);
    const list =
      visitors === undefined
        ? []
        : [new k8s.core.v1.ConfigMap(`${name}-visitors`, visitorsConfigMap(visitors), inside)];
    const image = imageReference(images.traefik, args.imageMirror);
    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      traefik.deployment(settings, image, loadBalancer?.dnsName, visitors),
      { ...child, dependsOn: [...ready, binding, policy, ingressClass, ...list] },
    );
    const entry = new k8s.core.v1.Service(`${name}-service`, service(settings, loadBalancer?.nodePorts, visitors), {
      ...child,
      dependsOn: [deployment],
    });
    if (settings.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        disruptionBudget(this.namespace, controllerName),
        inside,
      );
    }
    new k8s.networking.v1.Ingress(`${name}-anchor-ingress`, traefik.anchorIngress(args.hosts, args.wildcardSecrets), {
      ...child,
      dependsOn: [entry],
    });

    this.publicPort = settings.publicPort;
    this.alias = loadBalancer;
    this.address =
      loadBalancer?.dnsName ??
      known(entry.status, (status) => {
        const first = status?.loadBalancer?.ingress?.[0];
        return whereVisitorsGo[settings.serviceType] ?? first?.hostname ?? first?.ip;
      });
    this.addresses =
      loadBalancer === undefined && settings.serviceType === "LoadBalancer"
        ? known(entry.status, (status) => {
            const found = status?.loadBalancer?.ingress?.flatMap(({ hostname, ip }) => hostname ?? ip ?? []) ?? [];
            return found.length === 0 ? undefined : found;
          })
        : undefined;
    this.nodePorts = settings.serviceType === "NodePort" ? nodePorts(settings, entry.spec) : undefined;
    this.clusterIp = args.resolvesInCluster ? undefined : known(entry.spec, (spec) => spec?.clusterIP);
    this.registerOutputs({ address: this.address });
  }
}

/** For a person who creates the records; a load balancer has an address of its own. */
const whereVisitorsGo: Partial<Record<TraefikSettings["serviceType"], string>> = {
  NodePort: "the address of any node",
  HostPort: "the address of a node that the ingress controller runs on",
};

/** Those of the settings are known in a preview. */
function nodePorts(settings: TraefikSettings, spec: pulumi.Output<ServiceSpec>): pulumi.Output<NodePorts> {
  if (settings.nodePorts !== undefined) return pulumi.output(settings.nodePorts);
  return known(spec, (found) => {
    const [http, https] = ["http", "https"].map(
      (wanted) => found?.ports?.find(({ name }) => name === wanted)?.nodePort,
    );
    return http === undefined || https === undefined ? undefined : { http, https };
  });
}

type ServiceSpec = k8s.types.output.core.v1.ServiceSpec;

/** A value that the cluster decides. Where a preview has no answer yet it is unknown, not undefined. */
function known<S, V>(
  source: pulumi.Output<S>,
  read: (source: DeepPartial<S> | undefined) => V | undefined,
): pulumi.Output<V> {
  return source.apply((value): V => read(value as DeepPartial<S> | undefined) ?? (pulumi.unknown as V));
}

/** The typings promise every field; a preview has only those that the program gave. */
type DeepPartial<T> = T extends readonly (infer E)[]
  ? readonly DeepPartial<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;
