import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { addressOf } from "../addresses.ts";
import type { Database, Directory, IngressEndpoint } from "../contracts.ts";
import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf, toDns, toNetworks, toPeers } from "../kubernetes/network-policy.ts";
import type { Resources } from "../kubernetes/pod-hygiene.ts";
import { type Proxy, toProxy } from "../kubernetes/proxy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { keycloakIngress } from "./keycloak-ingress.ts";
import { clusterPorts, directoryConfigMap, importConfigMap, keycloakStatefulSet } from "./keycloak-stateful-set.ts";
import type { MailSettings } from "./mail-settings.ts";
import { adminSecret, httpPort, keycloakWorkload as workload, reconcileSecret, reconcileWorkload } from "./names.ts";
import type { RealmDocument } from "./realm-document.ts";
import { importFile, importFileName } from "./realm-files.ts";

export interface KeycloakArgs {
  /** Namespace, which exists already: its resource belongs into `dependsOn`. */
  readonly namespace: string;
  /** Public host. */
  readonly host: string;
  readonly ingress: Pick<IngressEndpoint, "className" | "namespace"> & Partial<Pick<IngressEndpoint, "publicPort">>;
  /** Database in the same namespace, whose component belongs into `dependsOn`. */
  readonly database: Database;
  /** Realm that is imported at the first boot. */
  readonly realm: RealmDocument;
  /** Serves the admin console and the admin API on the public host. */
  readonly adminConsole: boolean;
  /** Mail server that its pods may talk to. @default none */
  readonly smtp?: Pick<MailSettings, "port"> | undefined;
  /** Further networks that its pods may talk to. @default none */
  readonly egress?: { readonly allow: readonly string[] } | undefined;
  /** Directory that people are kept in. @default none */
  readonly directory?: Pick<Directory, "facts" | "caBundle" | "servers"> | undefined;
  /** Authorities in PEM that it trusts beside the public ones, where it calls others. @default none */
  readonly authorities?: string | undefined;
  /** Proxy that it calls others by. @default none */
  readonly proxy?: Proxy | undefined;
  readonly replicas: number;
  readonly resources: Resources;
  /** Registry prefix of a mirror. @default upstream's registry */
  readonly imageMirror?: string | undefined;
  /** Refuses to delete the first logins, which cannot be set a second time. */
  readonly protectData: boolean;
}

/**
 * The server that people log in to.
 *
 * @example
 * ```ts
 * const settings = { adminConsole: true, replicas: 1, resources: { cpu: "500m", memory: "1Gi" }, protectData: true };
 * const place = { namespace: "datalab-identity", host: hosts.identity, ingress };
 * new Keycloak("keycloak", { ...place, database, realm: document, ...settings }, { ...inside, dependsOn: [database] });
 * ```
 */
export class Keycloak extends pulumi.ComponentResource {
  /** Public address. */
  readonly url: string;
  /** Secret with the name and the password of the first administrator. */
  readonly adminSecret: { readonly namespace: string; readonly name: string };

  constructor(name: string, args: KeycloakArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:identity:Keycloak", name, { namespace: args.namespace, host: args.host }, opts);
    const { namespace } = args;
    const metadata = { name: workload, namespace, labels: labelsFor(workload) };
    const child = { parent: this };
    this.url = addressOf(args.host, args.ingress.publicPort);
    this.adminSecret = { namespace, name: adminSecret };

    const logins = this.firstLogins(name, args);
    const realmImport = new k8s.core.v1.ConfigMap(
      `${name}-realm-import`,
      {
        metadata: { ...metadata, name: importConfigMap },
        data: { [importFileName(args.realm)]: importFile(args.realm) },
      },
      child,
    );
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const trust = this.trust(name, args);
    const policy = new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, connections(args), child);
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: withoutWait },
        spec: { selector: selectorFor(workload), ports: [{ name: "http", port: httpPort, targetPort: "http" }] },
      },
      child,
    );
    new k8s.apps.v1.StatefulSet(
      `${name}-stateful-set`,
      keycloakStatefulSet({ ...args, url: this.url, directoryTrust: args.directory?.caBundle }),
      {
        ...child,
        dependsOn: [...logins, realmImport, account, policy, ...trust],
      },
    );
    if (args.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(`${name}-disruption-budget`, disruptionBudget(namespace, workload), child);
    }
    new k8s.networking.v1.Ingress(
      `${name}-ingress`,
      keycloakIngress({ ...args, className: args.ingress.className, realm: args.realm.realm }),
      { ...child, dependsOn: [service] },
    );

    this.registerOutputs({ url: this.url, adminSecret: this.adminSecret });
  }

  private trust(name: string, { namespace, authorities, directory }: KeycloakArgs): k8s.core.v1.ConfigMap[] {
    const child = { parent: this };
    const caBundle = directory?.caBundle;
    return [
      ...(authorities === undefined
        ? []
        : [new k8s.core.v1.ConfigMap(`${name}-ca`, caBundleConfigMap(namespace, authorities), child)]),
      ...(caBundle === undefined
        ? []
        : [new k8s.core.v1.ConfigMap(`${name}-directory-ca`, directoryConfigMap(namespace, caBundle), child)]),
    ];
  }

  /**
   * Two first logins to the realm `master`: a user for people, who replace it by their own, and a client for the
   * reconcile Job, which must still work when they have.
   */
  private firstLogins(name: string, { namespace, protectData }: KeycloakArgs): k8s.core.v1.Secret[] {
    const options = { parent: this, protect: protectData };
    const password = (suffix: string) =>
      new random.RandomPassword(`${name}-${suffix}-password`, { length: 32, special: false }, options).result;
    const secret = (suffix: string, secretName: string, stringData: Record<string, pulumi.Input<string>>) =>
      new k8s.core.v1.Secret(
        `${name}-${suffix}-secret`,
        { metadata: { name: secretName, namespace, labels: labelsFor(workload) }, stringData },
        options,
      );
    return [
      secret("admin", adminSecret, { username: "admin", password: password("admin") }),
      secret("reconcile", reconcileSecret.name, { [reconcileSecret.key]: password("reconcile") }),
    ];
  }
}

function connections({
  namespace,
  ingress,
  database,
  replicas,
  smtp,
  egress = { allow: [] },
  directory,
  proxy,
}: KeycloakArgs): k8s.networking.v1.NetworkPolicyArgs {
  const peers = [podsOf(namespace, workload)];
  const clustered = replicas > 1;
  return allow(namespace, workload, {
    from: [
      fromPeers([podsOf(ingress.namespace), podsOf(namespace, reconcileWorkload)], httpPort),
      ...(clustered ? [fromPeers(peers, ...clusterPorts)] : []),
    ],
    to: [
      toDns,
      toPeers([podsOf(namespace, database.workload)], database.port),
      ...(clustered ? [toPeers(peers, ...clusterPorts)] : []),
      // By name, so wherever that leads.
      ...(smtp === undefined ? [] : [{ ports: [{ port: smtp.port, protocol: "TCP" }] }]),
      ...toDirectory(directory),
      ...(egress.allow.length === 0 ? [] : [toNetworks(egress.allow)]),
      ...toProxy(proxy),
    ],
  });
}

/** To its pods; one outside of the cluster goes by name, so wherever that leads. */
function toDirectory(directory: KeycloakArgs["directory"]) {
  if (directory === undefined) return [];
  const { facts, servers } = directory;
  if (servers === undefined) return [{ ports: [{ port: facts.port, protocol: "TCP" }] }];
  return [toPeers([podsOf(servers.namespace, servers.workload)], servers.port)];
}
