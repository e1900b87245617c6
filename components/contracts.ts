/**
 * What one concept of the platform may know of another. A component takes these interfaces, never another component,
 * so that an alternative (another cluster, ingress controller, issuer or object store) needs no change elsewhere.
 */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A Kubernetes cluster that objects can be created in. Made by `ExistingCluster`. */
export interface ClusterAccess {
  /** The one explicit provider of everything in the cluster. */
  readonly provider: k8s.Provider;
  /** Name in outputs and messages. */
  readonly name: string;
  /** Addresses of the API server, for the NetworkPolicies of pods that talk to it. */
  readonly apiServer: ApiServerAddresses;
  /** Resources to wait for before the first object is created. */
  readonly ready: readonly pulumi.Resource[];
}

/** Where pods find the API server, after any translation of its Service address. */
export interface ApiServerAddresses {
  /** @example ["10.0.0.0/16"] */
  readonly cidrs: readonly string[];
  readonly ports: readonly number[];
}

/** The way in from outside. Made by `IngressController` (Traefik) or by `existingIngress`. */
export interface IngressEndpoint {
  /** IngressClass of the platform's own and of the users' Ingresses. */
  readonly className: string;
  /** Namespace of the controller's pods, for NetworkPolicies. */
  readonly namespace: string;
  /** Port on which the controller's pods serve HTTPS, for NetworkPolicies of pods that call a public host. */
  readonly podHttpsPort: number;
  /** Address or host name of the load balancer, for DNS. */
  readonly address: pulumi.Output<string>;
  /** Address of the controller's Service inside the cluster; undefined when pods resolve the public hosts themselves. */
  readonly clusterIp: pulumi.Output<string> | undefined;
}

/** A source of certificates. Made by `PrivateCa` or by an issuer that is already in the cluster. */
export interface CertificateIssuer {
  /** Name of the cert-manager ClusterIssuer. */
  readonly issuerName: string;
  /** PEM of the CA that pods must trust; undefined for a public CA. */
  readonly caBundle: pulumi.Output<string> | undefined;
}

/** A PostgreSQL database with one owner. Made by `PostgresDatabase`. */
export interface Database {
  /** Name of its pods, for the NetworkPolicies of its clients. */
  readonly workload: string;
  readonly host: string;
  readonly port: number;
  /** Name of the database. */
  readonly database: string;
  /** Its owner. */
  readonly username: string;
  /** Where the owner's password is, in the same namespace. */
  readonly passwordSecret: { readonly name: string; readonly key: string };
}

/** A Keycloak realm whose clients exist and whose discovery document is served. Made by `KeycloakRealm`. */
export interface Realm {
  /** Exact issuer, without trailing slash: a difference of one character stops Onyxia's API from starting. */
  readonly issuerUrl: string;
  /** Client ids that the platform's parts log in with. */
  readonly clients: { readonly portal: string; readonly objectStore: string };
}

/** An S3 service with one bucket per user. Made by `MinioTenant`. */
export interface ObjectStore {
  /** Public URL, HTTPS on 443 (Onyxia's charts assume that port). */
  readonly endpoint: string;
  readonly region: string;
  readonly pathStyleAccess: boolean;
  /** Exchange of a realm token for S3 credentials. */
  readonly sts: {
    readonly url: string;
    /** Life of the credentials, in seconds. */
    readonly durationSeconds: number;
    /** Empty for MinIO, which reads the policy from the token. */
    readonly roleArn: string;
    readonly roleSessionName: string;
  };
  /** Name of a user's own bucket. */
  bucketFor(username: string): string;
}

/** How pods reach and trust the platform's public hosts. */
export interface PublicHostAccess {
  /** See {@link IngressEndpoint.clusterIp}. */
  readonly clusterIp: pulumi.Output<string> | undefined;
  /** See {@link CertificateIssuer.caBundle}. */
  readonly caBundle: pulumi.Output<string> | undefined;
  /** Namespace and port of the ingress controller's pods. */
  readonly ingress: { readonly namespace: string; readonly podHttpsPort: number };
}
