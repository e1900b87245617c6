/**
 * What one concept of the platform may know of another. A component takes these interfaces, never another component,
 * so that an alternative (another cluster, ingress controller, issuer or object store) needs no change elsewhere.
 */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { DirectoryFacts } from "./ldap.ts";

/** A Kubernetes cluster that objects can be created in. Made by `ExistingCluster` or by `EksCluster`. */
export interface ClusterAccess {
  /** The one explicit provider of everything in the cluster. */
  readonly provider: k8s.Provider;
  /** Name in outputs and messages. */
  readonly name: string;
  /** Addresses of the API server, for the NetworkPolicies of pods that talk to it. */
  readonly apiServer: ApiServerAddresses;
  /** Resources to wait for before the first object is created. */
  readonly ready: readonly pulumi.Resource[];
  /** The control plane, for what on AWS names the cluster and needs no node; undefined where the cluster was there before. */
  readonly controlPlane?: pulumi.Resource | undefined;
  /** Where a load balancer of this program finds the nodes; undefined where Services get theirs from the cluster. */
  readonly nodes?: LoadBalancedNodes | undefined;
  /** A kubeconfig for people, without credentials; undefined where they brought theirs. */
  readonly kubeconfig?: pulumi.Output<string> | undefined;
}

/** A VPC. Made by `Network` or by `existingNetwork`. */
export interface VirtualNetwork {
  readonly vpcId: pulumi.Output<string>;
  /** Its addresses. */
  readonly cidr: string;
  /** Ids of the subnets of nodes and pods, by zone or by name. They lead to the internet. */
  readonly privateSubnets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Ids of the subnets of load balancers, by zone or by name. */
  readonly publicSubnets: Readonly<Record<string, pulumi.Output<string>>>;
  /** Resources to wait for before anything in a subnet reaches the internet. */
  readonly ready: readonly pulumi.Resource[];
}

/** The nodes that a load balancer sends visitors to. Made by `EksCluster`. */
export interface LoadBalancedNodes {
  /** Group that every node is in. */
  readonly securityGroupId: pulumi.Output<string>;
  /** The autoscaling groups, by node group. Groups whose nodes may vanish are not among them. */
  readonly autoscalingGroups: Readonly<Record<string, AutoscalingGroup>>;
  readonly network: VirtualNetwork;
}

/** An autoscaling group that AWS has made. */
export interface AutoscalingGroup {
  readonly name: pulumi.Output<string>;
  /** The node group that it was made for: they go together. */
  readonly nodeGroup: pulumi.Resource;
}

/** A load balancer outside the cluster, before the nodes. Made by `NetworkLoadBalancer`. */
export interface LoadBalancer extends AliasTarget {
  /** Ports of every node that it sends visitors to, and the one that it asks for the node's health. */
  readonly nodePorts: NodePorts & { readonly health: number };
}

/** Ports of every node that lead to the ingress controller. */
export interface NodePorts {
  readonly http: number;
  readonly https: number;
}

/** What an alias record of Route53 leads to. */
export interface AliasTarget {
  readonly dnsName: pulumi.Output<string>;
  /** Zone of the target, not of the record. */
  readonly zoneId: pulumi.Output<string>;
}

/** Where pods find the API server, after any translation of its Service address. */
export interface ApiServerAddresses {
  /** @example ["10.0.0.0/16"] */
  readonly cidrs: readonly string[];
  readonly ports: readonly number[];
}

/** The way in from outside. Made by `IngressController` (Traefik) or by `ExistingIngress`. */
export interface IngressEndpoint {
  /** IngressClass of the platform's own and of the users' Ingresses. */
  readonly className: string;
  /** Namespace of the controller's pods, for NetworkPolicies. */
  readonly namespace: string;
  /** Port on which the controller's pods serve HTTPS, for NetworkPolicies of pods that call a public host. */
  readonly podHttpsPort: number;
  /** Port of all public addresses, which the controller's Service has too, so that pods call the same ones. */
  readonly publicPort: number;
  /**
   * Whether an Ingress may add `Strict-Transport-Security` to answers by naming a ConfigMap. A controller that was there
   * refuses that without a setting of its own; ingress-nginx sends the header by itself.
   */
  readonly addsResponseHeaders: boolean;
  /** Address or host name of the load balancer, for DNS. */
  readonly address: pulumi.Output<string>;
  /** All of them, where it has one of each family; undefined where `address` is the only one. */
  readonly addresses?: pulumi.Output<string[]> | undefined;
  /** The same for alias records; undefined where the load balancer is none of AWS. */
  readonly alias?: AliasTarget | undefined;
  /** For what a person sets up before the nodes; undefined where a load balancer does it. */
  readonly nodePorts?: pulumi.Output<NodePorts> | undefined;
  /** Address of the controller's Service inside the cluster; undefined when pods resolve the public hosts themselves. */
  readonly clusterIp: pulumi.Output<string> | undefined;
}

/** A source of certificates. Made by `PrivateCa`, by `LetsEncrypt` or by an issuer that is already in the cluster. */
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

/**
 * An S3 service in which every user has a place of the own; the AccessModel says where. Made by `MinioTenant`, by
 * `S3ObjectStore` or by `externalObjectStore`.
 */
export interface ObjectStore {
  /** Public URL, without a path: Onyxia tells services its host and port alone. */
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
}

/** A bucket of the platform's own, with what a part needs to use it. */
export interface ServicePlace<Access = KeysToPlace | PodIdentityToPlace> {
  readonly bucket: string;
  readonly region: string;
  readonly access: Access;
}

/** A bucket of the store in the cluster. */
export interface KeysToPlace {
  readonly kind: "keys";
  /** URL for pods: inside the cluster, so that no certificate and no way out and back is needed. The bucket stands in the path. */
  readonly endpoint: string;
  /** They open this bucket, and nothing else. */
  readonly credentials: { readonly accessKey: string; readonly secretKey: pulumi.Output<string> };
  /** The pods that serve it, for the NetworkPolicies of its clients. */
  readonly servers: { readonly namespace: string; readonly workload: string; readonly port: number };
}

/** A bucket on AWS: pods with the ServiceAccount of the part's workload get credentials from the agent of their node. */
export interface PodIdentityToPlace {
  readonly kind: "podIdentity";
}

/** Pods of one name. */
export interface Pods {
  readonly namespace: string;
  readonly workload: string;
}

/** A directory (LDAP) that people are kept in. Made by `OpenLdap` or by `existingDirectory`. */
export interface Directory {
  /** Address, names of entries, attributes. */
  readonly facts: DirectoryFacts;
  /** PEM of what its clients must trust; undefined for a public authority. */
  readonly caBundle: pulumi.Output<string> | undefined;
  /** Password of `facts.bindDn`. */
  readonly keycloakPassword: pulumi.Output<string>;
  /** Password of `facts.readerDn`. */
  readonly readerPassword: pulumi.Output<string>;
  /** The pods that serve it, for the NetworkPolicies of its clients; undefined outside of the cluster. */
  readonly servers: (Pods & { readonly port: number }) | undefined;
}

/** An index of Python packages of the platform's own. Made from the settings of `packages`. */
export interface PackageIndex {
  /** For `pip install --index-url`, with a slash at the end. */
  readonly indexUrl: string;
  /** For `twine upload --repository-url`, with a slash at the end; undefined where nobody publishes from here. */
  readonly uploadUrl: string | undefined;
  /**
   * Whether everybody can take it for their only index: it hands on public packages too, and asks for no password. The
   * portal then gives it to every service.
   */
  readonly replacesPublicIndex: boolean;
}

/** How pods reach and trust the platform's public hosts. */
export interface PublicHostAccess {
  /** See {@link IngressEndpoint.clusterIp}. */
  readonly clusterIp: pulumi.Output<string> | undefined;
  /** PEM of the authorities that pods must trust beside the public ones: the platform's own, and those of a company. */
  readonly caBundle: pulumi.Output<string> | undefined;
  /** Namespace and port of the ingress controller's pods, and the port of the addresses. @default publicPort 443 */
  readonly ingress: {
    readonly namespace: string;
    readonly podHttpsPort: number;
    readonly publicPort?: number | undefined;
  };
}
