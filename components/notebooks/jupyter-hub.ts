import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { AccessModel } from "../access/access-model.ts";
import type { ApiServerAddresses, Database, ObjectStore, PackageIndex, PublicHostAccess } from "../contracts.ts";
import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { type ImageSource, pullSecretName } from "../kubernetes/image-pull.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import { hubConfiguration } from "./configuration.ts";
import { administratorSecretName, hubName, proxyName } from "./names.ts";
import { hubIngress, policies, services } from "./network.ts";
import { hubDeployment, hubFiles, hubSecretKeys, proxyDeployment } from "./pods.ts";
import { homesQuota, hubRole, hubRoleBinding, limitRange, serversQuota } from "./rights.ts";
import type { NotebooksSettings } from "./settings.ts";

const namespace = namespaces.notebooks;

export interface JupyterHubArgs extends ImageSource {
  /** @example "jupyter.example.org" */
  readonly host: string;
  /** IngressClass of the host. */
  readonly ingressClassName: string;
  readonly publicHosts: PublicHostAccess;
  /** Keycloak's host. */
  readonly identityHost: string;
  readonly access: AccessModel;
  /** Secret of the hub's client, where people log in by the realm. */
  readonly clientSecret?: pulumi.Input<string> | undefined;
  readonly apiServer: ApiServerAddresses;
  readonly objectStore: Pick<ObjectStore, "endpoint" | "region">;
  /** The platform's own packages. @default none */
  readonly packageIndex?: PackageIndex | undefined;
  /** Proxy for people's servers. @default none */
  readonly proxy?: Proxy | undefined;
  /** In the namespace, which exists already: both belong into `dependsOn`. */
  readonly database: Database;
  /** Key `datalab:notebooks` of the stack file. */
  readonly settings: NotebooksSettings;
}

/**
 * JupyterHub: people log in and get a server of their own, with a home that outlives it.
 *
 * @example
 * ```ts
 * const front = { host: "jupyter.example.org", ingressClassName: ingress.className, publicHosts };
 * const login = { access, identityHost: hosts.identity, clientSecret: realm.clientSecrets["notebooks"] };
 * const objectStore = { endpoint: "https://s3.example.org", region: "us-east-1" };
 * const rest = { apiServer: cluster.apiServer, objectStore, database, settings: notebooks };
 * new JupyterHub("notebooks", { ...front, ...login, ...rest }, { ...inside, dependsOn: [database] });
 * ```
 */
export class JupyterHub extends pulumi.ComponentResource {
  /** Secret with the first administrator's name and password; undefined where people log in by the realm. */
  readonly administratorSecret: { readonly namespace: string; readonly name: string } | undefined;

  readonly #name: string;
  readonly #args: JupyterHubArgs;

  constructor(name: string, args: JupyterHubArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:notebooks:JupyterHub", name, { host: args.host, settings: args.settings }, opts);
    this.#name = name;
    this.#args = args;
    const { registryLogin, settings, publicHosts } = args;
    const { caBundle } = publicHosts;
    const inside = { parent: this };
    this.administratorSecret = settings.login === "signup" ? { namespace, name: administratorSecretName } : undefined;

    const configuration = JSON.stringify(
      hubConfiguration({
        ...args,
        privateCa: caBundle !== undefined,
        pullSecret: registryLogin === undefined ? undefined : pullSecretName,
      }),
      null,
      2,
    );
    const walls = Object.entries(policies(args)).map(
      ([suffix, policy]) => new k8s.networking.v1.NetworkPolicy(`${name}-${suffix}-network-policy`, policy, inside),
    );
    const needs = [...walls, ...this.#secrets(inside)];
    const proxy = this.#proxy(inside, needs);
    const files = { metadata: { name: hubName, namespace, labels: labelsFor(hubName) }, data: hubFiles(configuration) };
    const hub = new k8s.apps.v1.Deployment(`${name}-hub-deployment`, hubDeployment({ ...args, configuration }), {
      parent: this,
      dependsOn: [
        ...[...needs, ...this.#rights(inside), ...this.#limits(inside), proxy],
        new k8s.core.v1.ConfigMap(`${name}-hub-config`, files, inside),
        ...(caBundle === undefined
          ? []
          : [new k8s.core.v1.ConfigMap(`${name}-ca`, caBundleConfigMap(namespace, caBundle), inside)]),
      ],
    });
    const served = Object.entries(services()).map(
      ([suffix, service]) => new k8s.core.v1.Service(`${name}-${suffix}-service`, service, inside),
    );
    // Where people sign up, the first administrator's account is made when the hub starts: nobody comes before that.
    new k8s.networking.v1.Ingress(`${name}-ingress`, hubIngress(args.host, args.ingressClassName), {
      parent: this,
      dependsOn: [hub, ...served],
    });
    this.registerOutputs({ host: args.host });
  }

  #proxy(inside: pulumi.CustomResourceOptions, needs: readonly pulumi.Resource[]): k8s.apps.v1.Deployment {
    const account = this.#account(proxyName, inside);
    return new k8s.apps.v1.Deployment(`${this.#name}-proxy-deployment`, proxyDeployment(this.#args), {
      parent: this,
      dependsOn: [...needs, account],
    });
  }

  #rights(inside: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const account = this.#account(hubName, inside);
    const role = new k8s.rbac.v1.Role(`${this.#name}-hub-role`, hubRole(), inside);
    return [
      new k8s.rbac.v1.RoleBinding(`${this.#name}-hub-role-binding`, hubRoleBinding(), {
        parent: this,
        dependsOn: [account, role],
      }),
    ];
  }

  #limits(inside: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { settings } = this.#args;
    return [
      new k8s.core.v1.ResourceQuota(`${this.#name}-servers-quota`, serversQuota(settings), inside),
      new k8s.core.v1.ResourceQuota(`${this.#name}-homes-quota`, homesQuota(settings), inside),
      new k8s.core.v1.LimitRange(`${this.#name}-limit-range`, limitRange(settings), inside),
    ];
  }

  #account(account: string, inside: pulumi.CustomResourceOptions): k8s.core.v1.ServiceAccount {
    return new k8s.core.v1.ServiceAccount(
      `${this.#name}-${account}-service-account`,
      {
        metadata: { name: account, namespace, labels: labelsFor(account) },
        automountServiceAccountToken: false,
      },
      inside,
    );
  }

  /** What nobody is told but the programs, and the first administrator's password. */
  #secrets(inside: pulumi.CustomResourceOptions): k8s.core.v1.Secret[] {
    const { settings, clientSecret } = this.#args;
    const generated = hubSecretKeys(settings).filter((key) => key !== "client-secret");
    const content = Object.fromEntries(generated.map((key) => [key, this.#random(key)]));
    const client = clientSecret === undefined || settings.login !== "realm" ? {} : { "client-secret": clientSecret };
    const hub = this.#secret("hub", hubName, { ...content, ...client }, inside);
    if (settings.login !== "signup") return [hub];
    const account = { username: settings.administrator, password: this.#random("administrator") };
    return [hub, this.#secret("administrator", administratorSecretName, account, inside)];
  }

  /** 32 characters, which are the bytes of a key too. */
  #random(suffix: string): pulumi.Output<string> {
    const args = { length: 32, special: false };
    return new random.RandomPassword(`${this.#name}-${suffix}-password`, args, { parent: this }).result;
  }

  #secret(
    suffix: string,
    secretName: string,
    stringData: Record<string, pulumi.Input<string>>,
    inside: pulumi.CustomResourceOptions,
  ): k8s.core.v1.Secret {
    const metadata = { name: secretName, namespace, labels: labelsFor(secretName) };
    return new k8s.core.v1.Secret(`${this.#name}-${suffix}-secret`, { metadata, stringData }, inside);
  }
}
