import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Database } from "../contracts.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { allow, fromPeers, podsOf } from "../kubernetes/network-policy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { port, type ServerSettings, statefulSet } from "./stateful-set.ts";

export interface PostgresDatabaseArgs extends ServerSettings {
  /** Names of the pods in the same namespace that may connect. */
  readonly clients: readonly string[];
}

/**
 * PostgreSQL on one pod and one volume, for the small databases of the platform's own parts.
 *
 * @example
 * ```ts
 * const server = { namespace: "datalab-identity", workload: "database", database: "keycloak", protectData: true };
 * const size = { resources: { cpu: "250m", memory: "512Mi" }, storage: { size: "10Gi" } };
 * new PostgresDatabase("database", { ...server, ...size, clients: ["keycloak"] }, inside);
 * ```
 */
export class PostgresDatabase extends pulumi.ComponentResource implements Database {
  readonly workload: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly passwordSecret: { readonly name: string; readonly key: string };

  constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, workload } = args;
    super("datalab:database:PostgresDatabase", name, { namespace, workload, database: args.database }, opts);
    const metadata = { name: workload, namespace, labels: labelsFor(workload) };
    const holdsData = { parent: this, protect: args.protectData };

    this.workload = workload;
    this.host = `${workload}.${namespace}.svc`;
    this.port = port;
    this.database = args.database;
    this.username = args.database;
    this.passwordSecret = { name: workload, key: "password" };

    // Set once, when the volume is still empty: another password later would lock the clients out.
    const password = new random.RandomPassword(`${name}-password`, { length: 32, special: false }, holdsData);
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata, stringData: { [this.passwordSecret.key]: password.result } },
      holdsData,
    );
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata, automountServiceAccountToken: false },
      { parent: this },
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      allow(namespace, workload, {
        from: [
          fromPeers(
            args.clients.toSorted().map((client) => podsOf(namespace, client)),
            port,
          ),
        ],
      }),
      { parent: this },
    );
    // Nothing waits for the Service: it is ready when the server is.
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: withoutWait },
        spec: { selector: selectorFor(workload), ports: [{ name: "postgres", port, targetPort: "postgres" }] },
      },
      { parent: this },
    );
    new k8s.apps.v1.StatefulSet(`${name}-stateful-set`, statefulSet(args, this.passwordSecret), {
      ...holdsData,
      dependsOn: [secret, account, policy],
    });

    this.registerOutputs({ host: this.host });
  }
}
