/** A directory as a source of the realm's people: Keycloak's own JSON, without the password. */
import { type DirectoryFacts, sshKeyPattern } from "../ldap.ts";

/** Name of the provider. All of its mappers are the platform's. */
export const federationName = "directory";

interface Component {
  readonly name: string;
  readonly providerId: string;
  readonly providerType: string;
  readonly config: Readonly<Record<string, readonly string[]>>;
}

/** What the realm knows of a directory. */
export interface Federation {
  readonly url: string;
  /** Keycloak's account there. */
  readonly bindDn: string;
  readonly usersDn: string;
  readonly groupsDn: string | undefined;
  /** Whether it is the platform's own, and may have nobody yet. */
  readonly own: boolean;
  /** Whether new people are made there. */
  readonly writable: boolean;
  /** Without `bindCredential`, which the reconcile Job adds at the end. */
  readonly provider: Component;
  readonly mappers: readonly Component[];
  /** A trial of the connection alone, and one of the login, which the Job completes likewise. */
  readonly trials: { readonly connection: object; readonly login: object };
}

const mapperType = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

/** @see https://www.keycloak.org/docs/latest/server_admin/#_ldap */
export function federationOf(facts: DirectoryFacts): Federation {
  const connection = {
    connectionUrl: facts.url,
    startTls: "false",
    useTruststoreSpi: "always",
    connectionTimeout: "5000",
  };
  const login = { authType: "simple", bindDn: facts.bindDn };
  return {
    url: facts.url,
    bindDn: facts.bindDn,
    usersDn: facts.usersDn,
    groupsDn: facts.groupsDn,
    own: facts.own,
    writable: facts.writable,
    provider: {
      name: federationName,
      providerId: "ldap",
      providerType: "org.keycloak.storage.UserStorageProvider",
      config: listed({
        enabled: true,
        priority: 0,
        cachePolicy: "DEFAULT",
        importEnabled: true,
        editMode: facts.writable ? "WRITABLE" : "READ_ONLY",
        // Otherwise people who are made in Keycloak are in Keycloak alone, and nobody says so.
        syncRegistrations: facts.writable,
        vendor: facts.vendor,
        usernameLDAPAttribute: facts.usernameAttribute,
        rdnLDAPAttribute: facts.rdnAttribute,
        uuidLDAPAttribute: facts.uuidAttribute,
        userObjectClasses: facts.userObjectClasses.join(", "),
        ...connection,
        readTimeout: 10_000,
        connectionPooling: true,
        usersDn: facts.usersDn,
        customUserSearchFilter: facts.userFilter ?? "",
        searchScope: 1,
        pagination: facts.pagination,
        usePasswordModifyExtendedOp: facts.own,
        validatePasswordPolicy: facts.own,
        trustEmail: true,
        batchSizeForSync: 1000,
        // Once a day, so that the list of people is whole; who logs in is looked up at once.
        fullSyncPeriod: 86_400,
        changedSyncPeriod: -1,
        ...login,
      }),
    },
    mappers: mappersOf(facts),
    trials: {
      connection: { action: "testConnection", ...connection },
      login: { action: "testAuthentication", ...connection, ...login },
    },
  };
}

function mappersOf(facts: DirectoryFacts): Component[] {
  const keys = facts.sshKeyAttribute;
  return [
    attribute("username", facts.usernameAttribute, facts, { mandatory: true }),
    attribute("firstName", "givenName", facts),
    attribute("lastName", "sn", facts, { mandatory: true }),
    attribute("email", "mail", facts),
    ...(keys === undefined ? [] : [attribute("sshPublicKey", keys, facts)]),
    attribute("uidNumber", "uidNumber", facts, { readOnly: true }),
    // The class of people asks for it. Keycloak reads both names by the mappers above.
    ...(facts.writable
      ? [
          mapper("fullName", "full-name-ldap-mapper", {
            "ldap.full.name.attribute": "cn",
            "read.only": false,
            "write.only": true,
          }),
        ]
      : []),
    ...(facts.vendor === "ad"
      ? [mapper("accountControl", "msad-user-account-control-mapper", { "always.read.enabled.value.from.ldap": true })]
      : []),
    ...groups(facts),
  ];
}

/** Memberships stand in the directory alone. */
function groups(facts: DirectoryFacts): Component[] {
  if (facts.groupsDn === undefined) return [];
  return [
    mapper("groups", "group-ldap-mapper", {
      mode: facts.writable ? "LDAP_ONLY" : "READ_ONLY",
      "groups.dn": facts.groupsDn,
      "groups.path": "/",
      "group.name.ldap.attribute": "cn",
      "group.object.classes": facts.groupClass,
      "preserve.group.inheritance": false,
      "ignore.missing.groups": true,
      "membership.ldap.attribute": facts.membershipAttribute,
      "membership.attribute.type": "DN",
      "membership.user.ldap.attribute": facts.usernameAttribute,
      "memberof.ldap.attribute": "memberOf",
      "user.roles.retrieve.strategy": "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE",
      // People's own groups of Keycloak, and those of the stack file, stay.
      "drop.non.existing.groups.during.sync": false,
    }),
  ];
}

function attribute(
  name: string,
  ldapAttribute: string,
  { writable }: DirectoryFacts,
  { mandatory = false, readOnly = false } = {},
): Component {
  return mapper(name, "user-attribute-ldap-mapper", {
    "ldap.attribute": ldapAttribute,
    "user.model.attribute": name,
    "is.mandatory.in.ldap": mandatory,
    "is.binary.attribute": false,
    "read.only": readOnly || !writable,
    "always.read.value.from.ldap": name !== "username",
  });
}

function mapper(name: string, providerId: string, config: Readonly<Record<string, string | boolean>>): Component {
  return { name, providerId, providerType: mapperType, config: listed(config) };
}

function listed(config: Readonly<Record<string, string | number | boolean>>): Component["config"] {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, [String(value)]]));
}

/** What the directory adds to a person, where it keeps it. */
export function directoryAttributes({ sshKeyAttribute, writable }: DirectoryFacts) {
  const edit = (...who: string[]) => ({ view: ["admin", "user"], edit: writable ? who : [] });
  return [
    ...(sshKeyAttribute === undefined
      ? []
      : [
          {
            name: "sshPublicKey",
            displayName: "SSH public keys",
            validations: {
              length: { max: "8192" },
              pattern: { pattern: sshKeyPattern, "error-message": "Paste the line of a file that ends with .pub" },
            },
            annotations: { inputType: "textarea" },
            permissions: edit("admin", "user"),
            multivalued: true,
          },
        ]),
    {
      name: "uidNumber",
      displayName: "Number of the Unix account",
      permissions: { view: ["admin", "user"], edit: [] },
      multivalued: false,
    },
  ];
}
