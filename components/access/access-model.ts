/**
 * The one source of the login and storage triangle: realm document, store policy and portal region are all derived
 * from this value, so that they cannot disagree.
 */
import { addressesOf } from "../addresses.ts";
import { hostsOf } from "../names.ts";
import { type NameRules, nameRules } from "./names.ts";

/** Who may log in where, which claims tell it, and which bucket it opens. */
export interface AccessModel extends NameRules {
  /** Name of the realm. */
  readonly realm: string;
  /** `https://auth.<domain>/realms/<realm>`, with a port that is not 443, exactly as in the discovery document. */
  readonly issuerUrl: string;
  /** The portal's client (public, PKCE). */
  readonly portal: PublicClient;
  /** The client whose tokens are exchanged for S3 credentials (public, PKCE). */
  readonly objectStore: PublicClient & {
    /** Claim in which MinIO looks for the name of the policy. */
    readonly policyClaim: string;
    /** Name of the policy that opens the user's own bucket. */
    readonly policyName: string;
    /** How a token tags the session of an AWS role; undefined where the store reads no tags. */
    readonly sessionTags: SessionTags | undefined;
  };
  /** The client of the notebooks' hub; undefined where nobody logs in to it by the realm. */
  readonly notebooks: ConfidentialClient | undefined;
  readonly claims: {
    /** Names the user everywhere: namespace, bucket, RBAC subject. */
    readonly username: string;
    /** Names of the user's groups, without the path. */
    readonly groups: string;
    /** Projects that the user's groups share in the portal; each names a namespace. */
    readonly projects: string;
    readonly roles: string;
  };
  /** Where a user's own objects are. `{username}` stands for the name; {@link homeOf} puts it in. */
  readonly home: StorageHome;
  /** A user's namespace is this prefix and the username. */
  readonly namespacePrefix: string;
  /** A group's namespace is this prefix and the group's name. */
  readonly groupNamespacePrefix: string;
}

/** A place in the object store. */
export interface StorageHome {
  readonly bucket: string;
  /** Beginning of every key: empty for a whole bucket, else with a slash at the end. */
  readonly prefix: string;
}

/** What AWS's STS takes from a token besides who it is for. */
export interface SessionTags {
  /** Claim in which it looks for tags. */
  readonly claim: string;
  /** Tag that holds the username; policies read it as `aws:PrincipalTag/<tag>`. */
  readonly username: string;
}

/** How the object store tells users apart. */
export interface StorageLayout {
  readonly home: StorageHome;
  /** Whether tokens carry session tags. */
  readonly sessionTags: boolean;
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

/** A client with a secret: a server of the platform's own (PKCE too). */
export interface ConfidentialClient {
  readonly clientId: string;
  /** Where people begin, and where they are after the logout. */
  readonly rootUrl: string;
  /** The one address that Keycloak sends them back to. */
  readonly redirectUri: string;
}

/** A bucket for each user, which a policy in the store opens. */
export const bucketPerUser: StorageLayout = { home: { bucket: "user-{username}", prefix: "" }, sessionTags: false };

/** Name and form are AWS's. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const awsSessionTags: SessionTags = { claim: "https://aws.amazon.com/tags", username: "username" };

/** Builds the model from the settings it depends on. */
export function accessModel(settings: {
  readonly domain: string;
  readonly realm: string;
  /** @default {@link bucketPerUser} */
  readonly storage?: StorageLayout | undefined;
  /** Port of the public addresses. @default 443 */
  readonly publicPort?: number | undefined;
  /** The client of the notebooks' hub. @default none */
  readonly notebooks?: ConfidentialClient | undefined;
  /** See {@link NameRules}. @default false */
  readonly hyphenatedNames?: boolean | undefined;
}): AccessModel {
  const { home, sessionTags } = settings.storage ?? bucketPerUser;
  const { portal: portalUrl, identity } = addressesOf(hostsOf(settings), settings.publicPort);
  const browserClient = (clientId: string): PublicClient => ({
    clientId,
    audience: clientId,
    rootUrl: `${portalUrl}/`,
    redirectUris: [`${portalUrl}/*`],
    webOrigins: [portalUrl],
  });
  return {
    realm: settings.realm,
    issuerUrl: `${identity}/realms/${settings.realm}`,
    portal: browserClient("onyxia"),
    objectStore: {
      ...browserClient("onyxia-minio"),
      policyClaim: "policy",
      policyName: "own-bucket",
      sessionTags: sessionTags ? awsSessionTags : undefined,
    },
    notebooks: settings.notebooks,
    claims: { username: "preferred_username", groups: "groups", projects: "projects", roles: "roles" },
    home,
    namespacePrefix: "user-",
    groupNamespacePrefix: "project-",
    ...nameRules(settings.hyphenatedNames ?? false),
  };
}

/** A user's own place. A policy variable or a `$1` in the place of the name gives a pattern of the same form. */
export function homeOf({ home }: Pick<AccessModel, "home">, username: string): StorageHome {
  // A function, because `$1` means something in a replacement text.
  const named = (pattern: string) => pattern.replaceAll("{username}", () => username);
  return { bucket: named(home.bucket), prefix: named(home.prefix) };
}

/** The same as an address, with a slash at the end. */
export function homeUri(model: Pick<AccessModel, "home">, username: string): string {
  const { bucket, prefix } = homeOf(model, username);
  return `s3://${bucket}/${prefix}`;
}
