/**
 * The one source of the login and storage triangle: realm document, store policy and portal region are all derived
 * from this value, so that they cannot disagree.
 */
import { hostsOf } from "../names.ts";

/** Who may log in where, which claims tell it, and which bucket it opens. */
export interface AccessModel {
  /** Name of the realm. */
  readonly realm: string;
  /** `https://auth.<domain>/realms/<realm>`, exactly as in the discovery document. */
  readonly issuerUrl: string;
  /** The portal's client (public, PKCE). */
  readonly portal: PublicClient;
  /** The client whose tokens are exchanged for S3 credentials (public, PKCE). */
  readonly objectStore: PublicClient & {
    /** Claim in which MinIO looks for the name of the policy. */
    readonly policyClaim: string;
    /** Name of the policy that opens the user's own bucket. */
    readonly policyName: string;
  };
  readonly claims: {
    /** Names the user everywhere: namespace, bucket, RBAC subject. */
    readonly username: string;
    readonly groups: string;
    readonly roles: string;
  };
  /** A user's bucket is this prefix and the username. */
  readonly bucketPrefix: string;
  /** A user's namespace is this prefix and the username. */
  readonly namespacePrefix: string;
  /** A group's namespace is this prefix and the group's name. */
  readonly groupNamespacePrefix: string;
  readonly username: UsernameRule;
}

/** A client without a secret: the browser runs it. */
export interface PublicClient {
  readonly clientId: string;
  /** Value of `aud` in its access tokens; whoever accepts the token checks it. */
  readonly audience: string;
  readonly rootUrl: string;
  readonly redirectUris: readonly string[];
  readonly webOrigins: readonly string[];
}

/** What a username must look like: it becomes part of a namespace, a bucket and a host name. */
export interface UsernameRule {
  readonly minLength: number;
  readonly maxLength: number;
  /** Regular expression that Keycloak and the settings both check. */
  readonly pattern: string;
}

/**
 * RFC 1123 label without a leading or trailing hyphen. Onyxia drops the project of any other user and its portal hangs.
 * 40 characters leave room for `user-`, the random part and the suffix of a service's host name within one DNS label.
 */
export const usernameRule: UsernameRule = {
  minLength: 3,
  maxLength: 40,
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
};

/** Builds the model from the two settings it depends on. */
export function accessModel(settings: { readonly domain: string; readonly realm: string }): AccessModel {
  const hosts = hostsOf(settings.domain);
  const portalUrl = `https://${hosts.portal}`;
  const browserClient = (clientId: string): PublicClient => ({
    clientId,
    audience: clientId,
    rootUrl: `${portalUrl}/`,
    redirectUris: [`${portalUrl}/*`],
    webOrigins: [portalUrl],
  });
  return {
    realm: settings.realm,
    issuerUrl: `https://${hosts.identity}/realms/${settings.realm}`,
    portal: browserClient("onyxia"),
    objectStore: { ...browserClient("onyxia-minio"), policyClaim: "policy", policyName: "own-bucket" },
    claims: { username: "preferred_username", groups: "groups", roles: "roles" },
    bucketPrefix: "user-",
    namespacePrefix: "user-",
    groupNamespacePrefix: "project-",
    username: usernameRule,
  };
}

/** Name of a user's own bucket. */
export function bucketOf(model: AccessModel, username: string): string {
  return `${model.bucketPrefix}${username}`;
}
