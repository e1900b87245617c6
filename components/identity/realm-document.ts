import type { AccessModel } from "../access/access-model.ts";
import { secondsOf } from "../scalars.ts";
import { claimScopes } from "./claims.ts";
import { clientsOf } from "./clients.ts";
import { type Client, type ClientScope, mark, type Marked, type User } from "./representations.ts";
import type { FirstUser, IdentitySettings } from "./settings.ts";
import { userProfile } from "./user-profile.ts";

/** Settings that the realm is derived from. */
export type RealmSettings = Pick<
  IdentitySettings,
  "displayName" | "registration" | "passwordLength" | "sessions" | "groups" | "roles" | "firstUsers" | "clients"
>;

/** Everything that the platform says about a realm: plain, complete, without a secret. */
export interface RealmDocument {
  readonly realm: string;
  /** Properties of the realm itself. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly userProfile: ReturnType<typeof userProfile>;
  readonly clientScopes: readonly ClientScope[];
  readonly clients: readonly Client[];
  readonly roles: readonly Marked[];
  readonly groups: readonly Marked[];
  readonly users: readonly User[];
}

/** Builds the document. Lists are sorted, so that their order in a stack file means nothing. */
export function realmDocument(access: AccessModel, settings: RealmSettings): RealmDocument {
  return {
    realm: access.realm,
    properties: realmProperties(access.realm, settings),
    userProfile: userProfile(access),
    clientScopes: claimScopes(access),
    clients: clientsOf(access, settings),
    roles: marked(settings.roles),
    groups: marked(settings.groups),
    users: Object.entries(settings.firstUsers)
      .map(([username, user]) => userOf(access.realm, username, user))
      .toSorted((a, b) => (a.username < b.username ? -1 : 1)),
  };
}

function realmProperties(realm: string, settings: RealmSettings) {
  const { sessions } = settings;
  return {
    realm,
    enabled: true,
    displayName: settings.displayName,
    sslRequired: "external",
    registrationAllowed: settings.registration,
    // The username names the bucket and the namespace: it is chosen once, and never a mail address.
    registrationEmailAsUsername: false,
    loginWithEmailAllowed: false,
    duplicateEmailsAllowed: false,
    editUsernameAllowed: false,
    rememberMe: true,
    // The object store verifies RS256 and ES256 alone.
    defaultSignatureAlgorithm: "RS256",
    passwordPolicy: `length(${settings.passwordLength}) and notUsername and notEmail`,
    bruteForceProtected: true,
    permanentLockout: false,
    failureFactor: 10,
    waitIncrementSeconds: 60,
    maxFailureWaitSeconds: 900,
    maxDeltaTimeSeconds: 43_200,
    accessTokenLifespan: 300,
    ssoSessionIdleTimeout: secondsOf(sessions.idle),
    ssoSessionMaxLifespan: secondsOf(sessions.max),
    ssoSessionIdleTimeoutRememberMe: secondsOf(sessions.rememberedIdle),
    ssoSessionMaxLifespanRememberMe: secondsOf(sessions.rememberedMax),
  };
}

function marked(names: readonly string[]): Marked[] {
  return [...new Set(names)].toSorted().map((name) => ({ name, attributes: { [mark]: ["true"] } }));
}

function userOf(realm: string, username: string, user: FirstUser): User {
  return {
    username,
    email: user.email,
    ...(user.firstName === undefined ? {} : { firstName: user.firstName }),
    ...(user.lastName === undefined ? {} : { lastName: user.lastName }),
    enabled: true,
    emailVerified: true,
    requiredActions: ["UPDATE_PASSWORD"],
    groups: [...new Set(user.groups)].toSorted().map((group) => `/${group}`),
    // An imported user gets no role that is not named, the realm's default ones included.
    realmRoles: [`default-roles-${realm}`, ...[...new Set(user.roles)].toSorted()],
  };
}
