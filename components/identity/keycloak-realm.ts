import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { AccessModel } from "../access/access-model.ts";
import type { Directory, Realm } from "../contracts.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import { allow, podsOf, toDns, toPeers } from "../kubernetes/network-policy.ts";
import { confidentialClients } from "./clients.ts";
import { mailServer } from "./mail-server.ts";
import type { MailSettings } from "./mail-settings.ts";
import {
  directorySecret,
  firstUsersSecret,
  httpPort,
  keycloakWorkload,
  mailSecret,
  reconcileWorkload as workload,
  reservedNamesWorkload,
} from "./names.ts";
import { clientSecretName } from "../names.ts";
import type { RealmDocument } from "./realm-document.ts";
import { reconcileData, reconcileJob } from "./reconcile-job.ts";
import { reservedNamesCronJob, reservedNamesData } from "./reserved-names.ts";

export interface KeycloakRealmArgs {
  /** Namespace of Keycloak, whose component belongs into `dependsOn`. */
  readonly namespace: string;
  readonly access: AccessModel;
  /** Derived from the same AccessModel. */
  readonly document: RealmDocument;
  /** Who hands on the realm's mails. The document was derived from the same. */
  readonly smtp?: MailSettings | undefined;
  /** Where people are kept. The document was derived from the same. @default Keycloak itself */
  readonly directory?: Pick<Directory, "keycloakPassword"> | undefined;
  /** Registry prefix of a mirror. @default upstream's registry */
  readonly imageMirror?: string | undefined;
}

/**
 * A realm that is kept in step with its document. It is there when the component's Job has ended.
 *
 * @example
 * ```ts
 * new KeycloakRealm("realm", { namespace: "datalab-identity", access, document }, { ...inside, dependsOn: [keycloak] });
 * ```
 */
export class KeycloakRealm extends pulumi.ComponentResource implements Realm {
  readonly issuerUrl: string;
  readonly clients: { readonly portal: string; readonly objectStore: string };
  /** Secrets of the applications that have one, by client id. */
  readonly clientSecrets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Secret with the one-time passwords of the first users, by username; undefined without first users. */
  readonly firstUsersSecret: { readonly namespace: string; readonly name: string } | undefined;

  constructor(name: string, args: KeycloakRealmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:identity:KeycloakRealm", name, { namespace: args.namespace, realm: args.document.realm }, opts);
    const { namespace, access, document } = args;
    const metadata = { name: workload, namespace, labels: labelsFor(workload) };
    const child = { parent: this };
    const hasUsers = document.users.length > 0;

    this.issuerUrl = access.issuerUrl;
    this.clients = { portal: access.portal.clientId, objectStore: access.objectStore.clientId };
    this.firstUsersSecret = hasUsers ? { namespace, name: firstUsersSecret } : undefined;

    const clients = confidentialClients(document.clients).map((clientId) => this.clientSecret(name, clientId, args));
    this.clientSecrets = Object.fromEntries(clients.map(({ clientId, password }) => [clientId, password.result]));
    const mail = args.smtp === undefined ? [] : [this.mailServer(name, args.smtp, args)];
    const directory = args.directory === undefined ? [] : [this.directory(name, args.directory, args)];
    const secrets = [
      ...[...clients, ...mail, ...directory].map(({ secret }) => secret),
      ...(hasUsers ? [this.userPasswords(name, args)] : []),
    ];
    const files = new k8s.core.v1.ConfigMap(`${name}-files`, { metadata, data: reconcileData(document) }, child);
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      allow(namespace, workload, { to: [toDns, toPeers([podsOf(namespace, keycloakWorkload)], httpPort)] }),
      child,
    );
    const reconcile = new k8s.batch.v1.Job(`${name}-reconcile`, reconcileJob(args), {
      ...child,
      dependsOn: [...secrets, files, account, policy],
      // The Job of before goes first. If it stayed while its successor fails half way, a change that is taken back would
      // find it there, done, and leave the realm as it is.
      deleteBeforeReplace: true,
      // Another secret of a client, of the mail server or of the directory is no part of the Job's name, and has to reach Keycloak.
      replaceWith: [...clients.map(({ password }) => password), ...[...mail, ...directory].map(({ change }) => change)],
    });

    this.reservedNames(name, args, [account, policy, reconcile]);

    this.registerOutputs({ issuerUrl: this.issuerUrl, firstUsersSecret: this.firstUsersSecret });
  }

  /** The registry of usernames, which the Job makes, is kept from then on. */
  private reservedNames(name: string, args: KeycloakRealmArgs, before: readonly pulumi.Resource[]): void {
    const { namespace, document, imageMirror } = args;
    const child = { parent: this };
    const metadata = { name: reservedNamesWorkload, namespace, labels: labelsFor(reservedNamesWorkload) };
    const script = new k8s.core.v1.ConfigMap(`${name}-names-script`, { metadata, data: reservedNamesData }, child);
    new k8s.batch.v1.CronJob(`${name}-names`, reservedNamesCronJob({ namespace, realm: document.realm, imageMirror }), {
      ...child,
      dependsOn: [script, ...before],
    });
  }

  /** What an application needs that people log in to. */
  private clientSecret(name: string, clientId: string, { namespace, access }: KeycloakRealmArgs) {
    const child = { parent: this };
    const password = new random.RandomPassword(
      `${name}-client-${clientId}-password`,
      { length: 40, special: false },
      child,
    );
    const secret = new k8s.core.v1.Secret(
      `${name}-client-${clientId}-secret`,
      {
        metadata: { name: clientSecretName(clientId), namespace, labels: labelsFor(workload) },
        stringData: { "client-id": clientId, "client-secret": password.result, "issuer-url": access.issuerUrl },
      },
      child,
    );
    return { clientId, password, secret };
  }

  /** The mail server, and a resource that is replaced whenever it changes. */
  private mailServer(name: string, smtp: MailSettings, { namespace, document }: KeycloakRealmArgs) {
    const server = pulumi.secret(mailServer(smtp, String(document.properties["displayName"])));
    return this.secretOf(`${name}-mail`, mailSecret, { server }, namespace);
  }

  /** The password of Keycloak at the directory, likewise. */
  private directory(
    name: string,
    { keycloakPassword }: Pick<Directory, "keycloakPassword">,
    { namespace }: KeycloakRealmArgs,
  ) {
    const password = pulumi.secret(keycloakPassword.apply((text) => JSON.stringify(text)));
    return this.secretOf(`${name}-directory`, directorySecret, { password }, namespace);
  }

  /** A Secret with one value, and a resource that is replaced whenever it changes. */
  private secretOf(
    name: string,
    entry: { readonly name: string; readonly key: string },
    keepers: Readonly<Record<string, pulumi.Output<string>>>,
    namespace: string,
  ) {
    const child = { parent: this };
    const [value = ""] = Object.values(keepers);
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { name: entry.name, namespace, labels: labelsFor(workload) },
        stringData: { [entry.key]: value },
      },
      child,
    );
    const change = new random.RandomId(
      `${name}-change`,
      { byteLength: 4, keepers },
      { ...child, additionalSecretOutputs: ["keepers"] },
    );
    return { secret, change };
  }

  /** Passwords for the first login alone. */
  private userPasswords(name: string, { namespace, document }: KeycloakRealmArgs): k8s.core.v1.Secret {
    const child = { parent: this };
    const passwords = document.users.map(({ username }) => {
      const args = { length: 32, special: false };
      return [username, new random.RandomPassword(`${name}-user-${username}-password`, args, child).result] as const;
    });
    return new k8s.core.v1.Secret(
      `${name}-users-secret`,
      {
        metadata: { name: firstUsersSecret, namespace, labels: labelsFor(workload) },
        stringData: Object.fromEntries(passwords),
      },
      child,
    );
  }
}
