import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import type { NameRule } from "../access/names.ts";
import type { Directory, Pods } from "../contracts.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf, toDns, toPeers } from "../kubernetes/network-policy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import type { DirectoryFacts } from "../ldap.ts";
import { namespaces } from "../names.ts";
import { directoryFactsOf } from "./directory-facts.ts";
import {
  accounts,
  accountsSecret,
  certificateSecret,
  type DirectoryAccount,
  directoryHost,
  directoryName,
  podPort,
  seedName,
  servicePort,
} from "./names.ts";
import { seedData, seedJob } from "./seed.ts";
import { configurationData, serverStatefulSet } from "./server.ts";
import type { OpenLdapSettings } from "./settings.ts";
import { rootPasswordFile } from "./slapd-configuration.ts";

const namespace = namespaces.directory;

export interface OpenLdapArgs extends ImageSource {
  /** The platform's, which the names of all entries end with. @example "example.org" */
  readonly domain: string;
  /** Rule for names of people, as in Keycloak. */
  readonly username: NameRule;
  /** The platform's groups, which it begins with. */
  readonly groups: readonly string[];
  /** Fewest characters of a person's password, as in Keycloak. */
  readonly passwordLength: number;
  /** Pods that may connect. */
  readonly clients: readonly Pods[];
  /** Key `datalab:directory` of the stack file. */
  readonly settings: OpenLdapSettings;
  /** Refuses to delete what holds people. */
  readonly protectData: boolean;
}

const tenYears = 10 * 365 * 24;

/**
 * A directory (LDAP) with people, their passwords and SSH keys, and groups.
 *
 * @example
 * ```ts
 * const rules = { domain: "example.org", username: access.username, groups: ["team"], passwordLength: 12 };
 * const clients = [{ namespace: "datalab-identity", workload: "keycloak" }];
 * new OpenLdap("directory", { ...rules, clients, settings: openldap, protectData: true }, inside);
 * ```
 */
export class OpenLdap extends pulumi.ComponentResource implements Directory {
  readonly facts: DirectoryFacts;
  readonly caBundle: pulumi.Output<string>;
  readonly keycloakPassword: pulumi.Output<string>;
  readonly readerPassword: pulumi.Output<string>;
  readonly servers = { namespace, workload: directoryName, port: podPort };

  constructor(name: string, args: OpenLdapArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:directory:OpenLdap", name, { domain: args.domain, settings: args.settings }, opts);
    const child = { parent: this };
    const holdsData = { parent: this, protect: args.protectData };
    const metadata = { name: directoryName, namespace, labels: labelsFor(directoryName) };
    const seedMetadata = { name: seedName, namespace, labels: labelsFor(seedName) };
    this.facts = directoryFactsOf(args.settings, args.domain);

    const { registryLogin, protectData } = args;
    const { inside, ready } = guardedNamespace(name, { namespace, protectData, registryLogin }, this);
    const passwords = Object.fromEntries(
      accounts.map((account) => [
        account,
        new random.RandomPassword(`${name}-${account}-password`, { length: 32, special: false }, child).result,
      ]),
    ) as Record<DirectoryAccount, pulumi.Output<string>>;
    this.keycloakPassword = passwords.keycloak;
    this.readerPassword = passwords.reader;
    const secret = new k8s.core.v1.Secret(
      `${name}-accounts-secret`,
      {
        metadata: { ...metadata, name: accountsSecret },
        stringData: { ...passwords, [rootPasswordFile]: pulumi.interpolate`rootpw ${passwords.root}\n` },
      },
      inside,
    );
    const certificate = this.certificate(name, metadata, inside);
    this.caBundle = certificate.pem;

    const server = { ...args, settings: args.settings };
    const account = (suffix: string, of: typeof metadata) =>
      new k8s.core.v1.ServiceAccount(
        `${name}-${suffix}`,
        { metadata: of, automountServiceAccountToken: false },
        inside,
      );
    const needs = [
      ...ready,
      secret,
      certificate.secret,
      account("service-account", metadata),
      new k8s.core.v1.ConfigMap(`${name}-configuration`, { metadata, data: configurationData(server) }, inside),
      new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, serverPolicy(args.clients), inside),
    ];
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: withoutWait },
        spec: {
          selector: selectorFor(directoryName),
          ports: [{ name: "ldaps", port: servicePort, targetPort: "ldaps" }],
        },
      },
      inside,
    );
    const servers = new k8s.apps.v1.StatefulSet(`${name}-stateful-set`, serverStatefulSet(server), {
      ...holdsData,
      dependsOn: needs,
    });
    const seed = { ...args };
    const files = new k8s.core.v1.ConfigMap(
      `${name}-seed-files`,
      { metadata: seedMetadata, data: seedData(seed) },
      inside,
    );
    new k8s.batch.v1.Job(`${name}-seed`, seedJob(seed, args.imageMirror), {
      ...child,
      dependsOn: [
        ...ready,
        servers,
        service,
        files,
        account("seed-service-account", seedMetadata),
        new k8s.networking.v1.NetworkPolicy(`${name}-seed-network-policy`, seedPolicy(), inside),
      ],
      // The Job of before goes first: if it stayed while its successor fails, a change that is taken back would find it done.
      deleteBeforeReplace: true,
    });
    this.registerOutputs({ url: this.facts.url });
  }

  /**
   * Its own certificate, which only its clients trust, and for its host alone. The platform's issuer would not do: it is
   * held to public names, and those of Let's Encrypt or of a person's own are for such names too.
   */
  private certificate(
    name: string,
    metadata: { readonly namespace: string; readonly labels: Record<string, string> },
    inside: pulumi.CustomResourceOptions,
  ) {
    const child = { parent: this };
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, child);
    const certificate = new tls.SelfSignedCert(
      `${name}-certificate`,
      {
        privateKeyPem: key.privateKeyPem,
        dnsNames: [directoryHost],
        validityPeriodHours: tenYears,
        allowedUses: ["digital_signature", "server_auth"],
        subject: { commonName: "datalab directory", organization: "datalab" },
      },
      child,
    );
    const secret = new k8s.core.v1.Secret(
      `${name}-certificate-secret`,
      {
        metadata: { ...metadata, name: certificateSecret },
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificate.certPem, "tls.key": pulumi.secret(key.privateKeyPem) },
      },
      inside,
    );
    return { pem: certificate.certPem, secret };
  }
}

/** It calls nobody. */
function serverPolicy(clients: readonly Pods[]): k8s.networking.v1.NetworkPolicyArgs {
  const peers = [{ namespace, workload: seedName }, ...clients].map((pods) => podsOf(pods.namespace, pods.workload));
  return allow(namespace, directoryName, { from: [fromPeers(peers, podPort)] });
}

function seedPolicy(): k8s.networking.v1.NetworkPolicyArgs {
  return allow(namespace, seedName, { to: [toDns, toPeers([podsOf(namespace, directoryName)], podPort)] });
}
