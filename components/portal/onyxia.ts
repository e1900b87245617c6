import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { AccessModel } from "../access/access-model.ts";
import { addressesOf } from "../addresses.ts";
import type { ApiServerAddresses, ObjectStore, PackageIndex, PublicHostAccess, Realm } from "../contracts.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { type GuardedNamespace, guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import { imageReference, withDigest } from "../kubernetes/image.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { type Hosts, namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { workspaceObjects } from "../workspaces/objects.ts";
import { enforced } from "../workspaces/policy.ts";
import { apiPod, schemaData, schemasName } from "./api-pod.ts";
import { catalogsOf, directCatalogHosts, ownCatalogHosts } from "./catalogs.ts";
import { apiEnvironment, apiProxy, webEnvironment } from "./environment.ts";
import { apiPolicy, portalIngress, responseHeaders, responseHeadersName, webPolicy } from "./network.ts";
import { launcherConfig, launcherConfigName, workspaceIndex, workspacesConfigName } from "./launcher.ts";
import {
  apiName,
  apiServerRole,
  apiServerRoleBinding,
  portalClusterRole,
  portalClusterRoleBinding,
} from "./permissions.ts";
import { portalPolicy, portalPolicyName } from "./portal-policy.ts";
import { schemaOverrides } from "./schema-overrides.ts";
import type { PortalSettings } from "./settings.ts";
import { trustConfigMaps } from "./trust.ts";
import { webName, webPod } from "./web-pod.ts";
import { configMap, deployment, service, serviceAccount } from "./workload.ts";

export interface OnyxiaArgs extends ImageSource {
  readonly hosts: Hosts;
  readonly access: AccessModel;
  /** Realm that users log in to; the API does not start before its discovery document is served. */
  readonly realm: Realm;
  readonly objectStore: ObjectStore;
  /** IngressClass of the portal's and of the users' Ingresses. */
  readonly ingressClassName: string;
  /** Whether the ingress controller adds response headers that an Ingress asks for. */
  readonly addsResponseHeaders: boolean;
  readonly publicHosts: PublicHostAccess;
  /** Authorities of a company, which are among those of the public hosts: helm trusts them too. @default none */
  readonly authorities?: string | undefined;
  /** Proxy for catalogues and users' services. @default none */
  readonly proxy?: Proxy | undefined;
  /** The platform's own packages. @default none */
  readonly packageIndex?: PackageIndex | undefined;
  /** Of what the platform's own catalogue serves: the API starts anew with another one, as it keeps what it has loaded. @default none */
  readonly catalogueHash?: string | undefined;
  readonly apiServer: ApiServerAddresses;
  readonly settings: PortalSettings;
}

/**
 * The portal: Onyxia's web application and API, as the objects of its chart 11.5.1, without its rights.
 *
 * @example
 * ```ts
 * const users = { hosts, access, realm, publicHosts, objectStore, apiServer: cluster.apiServer };
 * const { className: ingressClassName, addsResponseHeaders } = ingress;
 * new Onyxia("portal", { ...users, ingressClassName, addsResponseHeaders, settings: portal }, inside);
 * ```
 */
export class Onyxia extends pulumi.ComponentResource {
  /** Address that people open. */
  readonly url: string;

  readonly #name: string;
  readonly #args: OnyxiaArgs;
  readonly #namespace: GuardedNamespace;

  constructor(name: string, args: OnyxiaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:portal:Onyxia", name, { host: args.hosts.portal, title: args.settings.title }, opts);
    this.#name = name;
    this.#args = args;

    const { registryLogin } = args;
    this.#namespace = guardedNamespace(name, { namespace: namespaces.portal, registryLogin }, this);
    const rights = this.#rights();
    const web = this.#web();
    const api = this.#api(rights);
    new k8s.networking.v1.Ingress(
      `${name}-ingress`,
      portalIngress(args.hosts.portal, args.ingressClassName, args.addsResponseHeaders),
      this.#inNamespace(web, api, ...this.#responseHeaders()),
    );

    this.url = addressesOf(args.hosts, args.publicHosts.ingress.publicPort).portal;
    this.registerOutputs({ url: this.url });
  }

  #responseHeaders(): k8s.core.v1.ConfigMap[] {
    if (!this.#args.addsResponseHeaders) return [];
    return [this.#configMap("response-headers", responseHeadersName, responseHeaders)];
  }

  /** The rights come after the policy that confines them. */
  #rights(): pulumi.Resource[] {
    const { access, settings } = this.#args;
    const name = this.#name;
    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      `${name}-workspace-policy`,
      portalPolicy(access, settings.services.podSecurity),
      this.#child(),
    );
    const binding = new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      `${name}-workspace-policy-binding`,
      enforced(portalPolicyName),
      this.#child(policy),
    );
    const role = new k8s.rbac.v1.ClusterRole(`${name}-cluster-role`, portalClusterRole(), this.#child());
    const apiServer = new k8s.rbac.v1.Role(`${name}-api-server-role`, apiServerRole(), this.#child());
    return [
      new k8s.rbac.v1.ClusterRoleBinding(
        `${name}-cluster-role-binding`,
        portalClusterRoleBinding(),
        this.#child(role, binding),
      ),
      new k8s.rbac.v1.RoleBinding(`${name}-api-server-role-binding`, apiServerRoleBinding(), this.#child(apiServer)),
    ];
  }

  #web(): k8s.core.v1.Service {
    const { settings, imageMirror, publicHosts } = this.#args;
    const pod = webPod({
      image: imageReference(withDigest(images.onyxiaWeb, settings.web.imageDigest), imageMirror),
      resources: settings.web.resources,
      environment: webEnvironment(settings),
    });
    return this.#server("web", {
      name: webName,
      replicas: settings.web.replicas,
      deployment: deployment(webName, settings.web.replicas, pod),
      policy: webPolicy(publicHosts),
      dependsOn: [],
    });
  }

  #api(rights: readonly pulumi.Resource[]): k8s.core.v1.Service {
    const { access, apiServer, authorities, catalogueHash, hosts, imageMirror, proxy, publicHosts, settings } =
      this.#args;
    const privateCa = publicHosts.caBundle !== undefined;
    const catalogs = catalogsOf(settings.catalogs, {
      domain: hosts.domain,
      privateCa: privateCa && authorities === undefined,
    });
    const { publicPort } = publicHosts.ingress;
    const environment = apiEnvironment({ ...this.#args, servicesDomain: hosts.services, publicPort }, catalogs);
    const schemas = schemaOverrides(settings.services, {
      ingressNamespace: publicHosts.ingress.namespace,
      privateCa,
      proxy,
      packageIndex: this.#args.packageIndex,
    });
    const schemaFiles = schemaData(schemas);
    const workspaces = workspaceObjects({ ...settings, ingress: publicHosts.ingress, privateCa, proxy });
    const launcher = launcherConfig(access, settings.services);
    const workspaceData = { ...workspaces.files, index: workspaceIndex(workspaces.objects) };
    const configuration = [
      this.#configMap("launcher", launcherConfigName, launcher),
      this.#configMap("workspaces", workspacesConfigName, workspaceData),
      this.#configMap("api-config", apiName, environment),
      this.#configMap("schemas", schemasName, schemaFiles),
      ...this.#trust(),
    ];
    const pod = apiPod({
      image: imageReference(withDigest(images.onyxiaApi, settings.api.imageDigest), imageMirror),
      resources: settings.api.resources,
      publicHosts,
      helmTrusts: authorities !== undefined,
      proxyVariables: apiProxy(proxy, (given) => directCatalogHosts(settings.catalogs, given)),
      calledHosts: [hosts.identity, ...ownCatalogHosts(settings.catalogs, hosts.domain)],
      schemaPaths: Object.keys(schemas),
    });
    return this.#server("api", {
      name: apiName,
      replicas: settings.api.replicas,
      deployment: deployment(
        apiName,
        settings.api.replicas,
        pod,
        configHash({ environment, schemaData: schemaFiles, launcher, workspaceData, authorities, catalogueHash }),
      ),
      policy: apiPolicy({ publicHosts, apiServer, catalogs: settings.catalogs, domain: hosts.domain, proxy }),
      dependsOn: [...rights, ...configuration],
    });
  }

  #trust(): k8s.core.v1.ConfigMap[] {
    const { caBundle } = this.#args.publicHosts;
    return Object.entries(caBundle === undefined ? {} : trustConfigMaps(caBundle)).map(
      ([suffix, args]) => new k8s.core.v1.ConfigMap(`${this.#name}-${suffix}`, args, this.#inNamespace()),
    );
  }

  #configMap(suffix: string, ...content: Parameters<typeof configMap>): k8s.core.v1.ConfigMap {
    return new k8s.core.v1.ConfigMap(`${this.#name}-${suffix}`, configMap(...content), this.#inNamespace());
  }

  /** ServiceAccount, NetworkPolicy, Deployment and Service of one of the two servers. */
  #server(
    suffix: string,
    server: {
      readonly name: string;
      readonly replicas: number;
      readonly deployment: k8s.apps.v1.DeploymentArgs;
      readonly policy: k8s.networking.v1.NetworkPolicyArgs;
      readonly dependsOn: readonly pulumi.Resource[];
    },
  ): k8s.core.v1.Service {
    const prefix = `${this.#name}-${suffix}`;
    const account = new k8s.core.v1.ServiceAccount(
      `${prefix}-service-account`,
      serviceAccount(server.name),
      this.#inNamespace(),
    );
    const policy = new k8s.networking.v1.NetworkPolicy(`${prefix}-network-policy`, server.policy, this.#inNamespace());
    const pods = new k8s.apps.v1.Deployment(
      `${prefix}-deployment`,
      server.deployment,
      this.#inNamespace(...this.#namespace.ready, account, policy, ...server.dependsOn),
    );
    if (server.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${prefix}-disruption-budget`,
        disruptionBudget(namespaces.portal, server.name),
        this.#inNamespace(),
      );
    }
    return new k8s.core.v1.Service(`${prefix}-service`, service(server.name), this.#inNamespace(pods));
  }

  #child(...dependsOn: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: [...dependsOn] };
  }

  #inNamespace(...dependsOn: readonly pulumi.Resource[]): pulumi.CustomResourceOptions {
    return this.#child(...this.#namespace.inside.dependsOn, ...dependsOn);
  }
}
