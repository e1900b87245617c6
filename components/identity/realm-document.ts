import type { AccessModel } from "../access/access-model.ts";
import type { DirectoryFacts } from "../ldap.ts";
import { secondsOf } from "../scalars.ts";
import { claimScopes } from "./claims.ts";
import { clientsOf } from "./clients.ts";
import { type Federation, federationOf } from "./federation.ts";
import { loginProtection } from "./login-protection.ts";
import { type Client, type ClientScope, mark, type Marked, projectAttribute, type User } from "./representations.ts";
import type { FirstUser, IdentitySettings } from "./settings.ts";
import { userProfile } from "./user-profile.ts";

/** Settings that the realm is derived from. */
export type RealmSettings = Pick<
  IdentitySettings,
  | "displayName"
  | "registration"
  | "smtp"
  | "passwordLength"
  | "sessions"
  | "groups"
  | "roles"
  | "firstUsers"
  | "clients"
>;

/** Everything that the platform says about a realm: plain, complete, without a secret. */
export interface RealmDocument {
  readonly realm: string;
  /** Properties of the realm itself. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Whether it has a mail server, which stands in a Secret with its password. */
  readonly sendsMail: boolean;
  /** Properties of Keycloak's own realm. */
  readonly master: Readonly<Record<string, unknown>>;
  readonly userProfile: ReturnType<typeof userProfile>;
  readonly clientScopes: readonly ClientScope[];
  readonly clients: readonly Client[];
  readonly roles: readonly Marked[];
  readonly groups: readonly Marked[];
  readonly users: readonly User[];
  /** Where people and their passwords are kept; undefined where that is Keycloak itself. */
  readonly directory?: Federation | undefined;
}

/** Builds the document. Lists are sorted, so that their order in a stack file means nothing. */
export function realmDocument(access: AccessModel, settings: RealmSettings, directory?: DirectoryFacts): RealmDocument {
  return {
    realm: access.realm,
    properties: realmProperties(access.realm, settings),
    sendsMail: settings.smtp !== undefined,
    master: loginProtection(settings),
    userProfile: userProfile(access, directory),
    clientScopes: claimScopes(access),
    clients: clientsOf(access, settings),
    roles: marked(settings.roles),
    groups: marked(settings.groups).map(({ name, attributes }) => ({
      name,
      attributes: { ...attributes, [projectAttribute]: [name] },
    })),
    users: Object.entries(settings.firstUsers)
      .map(([username, user]) => userOf(access.realm, username, user))
      .toSorted((a, b) => (a.username < b.username ? -1 : 1)),
    ...(directory === undefined ? {} : { directory: federationOf(directory) }),
  };
}

function realmProperties(realm: string, settings: RealmSettings) {
  const { registration, sessions, smtp } = settings;
  return {
    realm,
    enabled: true,
    displayName: settings.displayName,
    sslRequired: "external",
    registrationAllowed: registration !== "none",
    verifyEmail: smtp !== undefined && registration !== "open",
    resetPasswordAllowed: smtp !== undefined,
    // Absent would leave the one of before.
    ...(smtp === undefined ? { smtpServer: {} } : {}),
    // The username names the bucket and the namespace: it is chosen once, and never a mail address.
    registrationEmailAsUsername: false,
    loginWithEmailAllowed: false,
    duplicateEmailsAllowed: false,
    editUsernameAllowed: false,
    rememberMe: true,
    // The object store verifies RS256 and ES256 alone.
    defaultSignatureAlgorithm: "RS256",
    ...loginProtection(settings),
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
