import { describe, expect, it } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { defaultScopes } from "../../components/identity/claims.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName, reconcileFiles } from "../../components/identity/realm-files.ts";
import type { Client } from "../../components/identity/representations.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { usernameError } from "../../components/identity/user-profile.ts";

const access = accessModel({ domain: "example.org", realm: "lab" });

const documentOf = (settings: object = {}) => realmDocument(access, identitySettings.parse(settings));

function clientOf(id: string, settings: object = {}): Client {
  const client = documentOf(settings).clients.find(({ clientId }) => clientId === id);
  if (client === undefined) throw new Error(`no client ${id}`);
  return client;
}

const mapper = (client: Client, name: string) => client.protocolMappers.find((each) => each.name === name)?.config;

const full = {
  groups: ["team", "crew", "team"],
  roles: ["power", "admin"],
  firstUsers: {
    bob: { email: "bob@example.org" },
    alice: { email: "alice@example.org", firstName: "Alice", groups: ["team"], roles: ["power"] },
  },
  clients: {
    wiki: { kind: "confidential", redirectUris: ["https://wiki.example.org/*"] },
    notes: { kind: "public", name: "Notes", redirectUris: ["https://b.example.org/", "https://a.example.org/"] },
  },
};

describe("the platform's clients", () => {
  it.each(["onyxia", "onyxia-minio"])(
    "%s is for browsers: no secret, PKCE, the authorization code flow alone",
    (id) => {
      expect(clientOf(id)).toMatchObject({
        publicClient: true,
        standardFlowEnabled: true,
        implicitFlowEnabled: false,
        directAccessGrantsEnabled: false,
        serviceAccountsEnabled: false,
        redirectUris: ["https://datalab.example.org/*"],
        webOrigins: ["https://datalab.example.org"],
      });
      expect(clientOf(id).attributes).toMatchObject({ "pkce.code.challenge.method": "S256" });
    },
  );

  it("name their audience explicitly, as the AccessModel says", () => {
    for (const client of [access.portal, access.objectStore]) {
      expect(mapper(clientOf(client.clientId), "audience")).toMatchObject({
        "included.custom.audience": client.audience,
        "access.token.claim": "true",
      });
    }
  });

  it("carry the policy in tokens of the storage client alone", () => {
    expect(mapper(clientOf("onyxia-minio"), "policy")).toMatchObject({
      "claim.name": access.objectStore.policyClaim,
      "claim.value": access.objectStore.policyName,
      "access.token.claim": "true",
    });
    expect(mapper(clientOf("onyxia"), "policy")).toBeUndefined();
  });

  it("give the storage client tokens that live long and open nothing else", () => {
    const storage = clientOf("onyxia-minio", { sessions: { storageToken: "2h" } });
    expect(storage.attributes).toMatchObject({ "access.token.lifespan": "7200" });
    expect(storage.fullScopeAllowed).toBe(false);
    expect(clientOf("onyxia").attributes).not.toHaveProperty(["access.token.lifespan"]);
  });
});

describe("further clients", () => {
  it("are public with PKCE, or confidential without the secret in the document", () => {
    expect(clientOf("notes", full)).toMatchObject({ publicClient: true, name: "Notes", webOrigins: ["+"] });
    expect(clientOf("notes", full).attributes).toMatchObject({ "pkce.code.challenge.method": "S256" });
    expect(clientOf("wiki", full)).toMatchObject({ publicClient: false, name: "wiki" });
    // Empty, not absent: an update would keep what a public client of that name had.
    expect(clientOf("wiki", full).attributes).toMatchObject({ "pkce.code.challenge.method": "" });
    expect(clientOf("wiki", full)).not.toHaveProperty("secret");
    expect(mapper(clientOf("wiki", full), "audience")).toMatchObject({ "included.custom.audience": "wiki" });
  });
});

describe("claims", () => {
  it("are groups without a path and roles, as lists at the top level", () => {
    const [groups, roles] = documentOf().clientScopes.map(({ protocolMappers: [only] }) => only?.config);
    expect(groups).toMatchObject({ "claim.name": access.claims.groups, "full.path": "false" });
    expect(roles).toMatchObject({ "claim.name": access.claims.roles, multivalued: "true" });
    expect(defaultScopes).toEqual(
      expect.arrayContaining(["basic", ...documentOf().clientScopes.map(({ name }) => name)]),
    );
  });

  it("call the user what Keycloak's own scope `profile` calls them", () => {
    expect(access.claims.username).toBe("preferred_username");
    expect(defaultScopes).toContain("profile");
  });
});

describe("the realm", () => {
  it("keeps usernames what they were, and apart from mail addresses", () => {
    expect(documentOf().properties).toMatchObject({
      realm: "lab",
      editUsernameAllowed: false,
      registrationEmailAsUsername: false,
      loginWithEmailAllowed: false,
    });
    for (const hyphenatedNames of [false, true]) {
      const rules = accessModel({ domain: "example.org", realm: "lab", hyphenatedNames });
      const [username] = realmDocument(rules, identitySettings.parse({})).userProfile.attributes;
      expect(username).toMatchObject({
        name: "username",
        validations: {
          length: { min: String(rules.username.minLength), max: String(rules.username.maxLength) },
          pattern: { pattern: rules.username.pattern, "error-message": usernameError(rules) },
        },
      });
      expect(usernameError(rules)).toMatch(hyphenatedNames ? /hyphens/ : /letters and digits only/);
    }
  });

  it("is hard to guess into, and signs what the object store can verify", () => {
    expect(documentOf({ passwordLength: 16 }).properties).toMatchObject({
      bruteForceProtected: true,
      sslRequired: "external",
      defaultSignatureAlgorithm: "RS256",
      passwordPolicy: "length(16) and notUsername and notEmail",
    });
  });

  it("follows the settings", () => {
    const sessions = { idle: "1h", max: "2h", rememberedIdle: "1d", rememberedMax: "2d" };
    expect(documentOf({ displayName: "Lab", registration: "open", sessions }).properties).toMatchObject({
      displayName: "Lab",
      registrationAllowed: true,
      ssoSessionIdleTimeout: 3600,
      ssoSessionMaxLifespan: 7200,
      ssoSessionIdleTimeoutRememberMe: 86_400,
      ssoSessionMaxLifespanRememberMe: 172_800,
    });
    expect(documentOf().properties).toMatchObject({ registrationAllowed: false });
  });

  it("verifies addresses and resets passwords as soon as there is a mail server, whose password is not in it", () => {
    const smtp = { host: "mail.example.org", from: "lab@example.org", user: "lab", password: "s3cret" };
    const without = documentOf();
    expect(without.properties).toMatchObject({ verifyEmail: false, resetPasswordAllowed: false, smtpServer: {} });
    expect(without.sendsMail).toBe(false);
    const verified = documentOf({ registration: "verified", smtp });
    expect(verified.properties).toMatchObject({
      registrationAllowed: true,
      verifyEmail: true,
      resetPasswordAllowed: true,
    });
    expect(verified.sendsMail).toBe(true);
    // It comes from the Secret: here it would take the place of that one.
    expect(verified.properties).not.toHaveProperty("smtpServer");
    expect(JSON.stringify(verified)).not.toContain("s3cret");
    expect(documentOf({ registration: "open", smtp }).properties).toMatchObject({ verifyEmail: false });
  });

  it("protects Keycloak's own realm like itself", () => {
    const { master, properties } = documentOf({ passwordLength: 16 });
    expect(Object.keys(master)).toEqual(expect.arrayContaining(["bruteForceProtected", "passwordPolicy"]));
    expect(properties).toMatchObject(master);
  });

  it("gives each of its groups a project of the group's name", () => {
    expect(documentOf(full).groups.map(({ attributes }) => attributes["datalab.project"])).toEqual([
      ["crew"],
      ["team"],
    ]);
    const projects = mapper(clientOf("onyxia"), "projects");
    expect(projects).toMatchObject({
      "user.attribute": "datalab.project",
      "aggregate.attrs": "true",
      "claim.name": access.claims.projects,
      multivalued: "true",
    });
    expect(mapper(clientOf("onyxia-minio"), "projects")).toBeUndefined();
  });

  it("marks everything that the Job may delete later", () => {
    const { clients, clientScopes, roles, groups } = documentOf(full);
    for (const { attributes } of [...clients, ...clientScopes]) {
      expect(attributes).toMatchObject({ "datalab.managed": "true" });
    }
    for (const { attributes } of [...roles, ...groups]) {
      expect(attributes).toMatchObject({ "datalab.managed": ["true"] });
    }
  });

  it("makes first users change their password, with the default roles that an import leaves out", () => {
    const [alice, bob] = documentOf(full).users;
    expect(alice).toEqual({
      username: "alice",
      email: "alice@example.org",
      firstName: "Alice",
      enabled: true,
      emailVerified: true,
      requiredActions: ["UPDATE_PASSWORD"],
      groups: ["/team"],
      realmRoles: ["default-roles-lab", "power"],
    });
    expect(bob).toMatchObject({ username: "bob", groups: [], realmRoles: ["default-roles-lab"] });
  });

  it("is the same whatever the order in the stack file", () => {
    const turned = {
      groups: full.groups.toReversed(),
      roles: full.roles.toReversed(),
      firstUsers: Object.fromEntries(Object.entries(full.firstUsers).toReversed()),
      clients: {
        notes: { ...full.clients.notes, redirectUris: full.clients.notes.redirectUris.toReversed() },
        wiki: full.clients.wiki,
      },
    };
    expect(JSON.stringify(reconcileFiles(documentOf(turned)))).toBe(JSON.stringify(reconcileFiles(documentOf(full))));
  });
});

describe("the import file", () => {
  const imported = JSON.parse(importFile(documentOf(full))) as Record<string, unknown>;

  it("has the name that Keycloak looks for", () => {
    expect(importFileName(documentOf())).toBe("lab-realm.json");
  });

  it("names no client scope, lest the realm get none of Keycloak's own, and no user", () => {
    expect(imported).not.toHaveProperty("clientScopes");
    expect(imported).not.toHaveProperty("users");
    expect(Object.keys(imported["components"] as object)).toEqual(["org.keycloak.userprofile.UserProfileProvider"]);
    for (const client of imported["clients"] as object[]) expect(client).not.toHaveProperty("defaultClientScopes");
  });

  it("holds no placeholder but those of Keycloak's own texts, which no variable is named after", () => {
    const placeholders = importFile(documentOf(full)).match(/\$\{[^}]*\}/g);
    expect(new Set(placeholders)).toEqual(new Set(["${username}", "${email}", "${firstName}", "${lastName}"]));
  });
});

describe("the Job's files", () => {
  it("are one for each object, named so that the script finds them", () => {
    expect(Object.keys(reconcileFiles(documentOf(full))).toSorted()).toEqual([
      "client.datalab-names.json",
      "client.notes.json",
      "client.onyxia-minio.json",
      "client.onyxia.json",
      "client.wiki.json",
      "default-scopes",
      "group.crew.json",
      "group.team.json",
      "mapper.groups.groups.json",
      "mapper.realm-roles.realm-roles.json",
      "master.json",
      "realm.json",
      "role.admin.json",
      "role.power.json",
      "scope.groups.json",
      "scope.realm-roles.json",
      "user-profile.json",
      "user.alice.json",
      "user.bob.json",
    ]);
  });

  it("end in a brace, where the script puts a secret in", () => {
    for (const [name, text] of Object.entries(reconcileFiles(documentOf(full)))) {
      if (name.endsWith(".json")) expect(text).toMatch(/^\{.*\}$/s);
    }
  });
});

describe("identity settings", () => {
  const relay = { host: "mail.example.org", from: "lab@example.org" };
  const problems = (settings: object) =>
    identitySettings.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ??
    [];

  it("have a default for everything", () => {
    expect(identitySettings.parse({})).toMatchObject({ realm: "datalab", registration: "none", adminConsole: false });
  });

  it.each<[string, object, string]>([
    ["Keycloak's own realm", { realm: "master" }, "realm: "],
    [
      "a username that cannot name a bucket",
      { firstUsers: { "Jean.Dupont": { email: "j@example.org" } } },
      "firstUsers.Jean.Dupont: the name ",
    ],
    [
      "a group that there is none of",
      { firstUsers: { bob: { email: "b@example.org", groups: ["x"] } } },
      "firstUsers.bob.groups.0: ",
    ],
    [
      "a role that there is none of",
      { firstUsers: { bob: { email: "b@example.org", roles: ["x"] } } },
      "firstUsers.bob.roles.0: ",
    ],
    [
      "a mail address of two first users, in whatever letters",
      { firstUsers: { alice: { email: "lab@example.org" }, bob: { email: "Lab@example.org" } } },
      "firstUsers.bob.email: is also that of identity.firstUsers.alice.email: ",
    ],
    ["a client of the platform", { clients: { onyxia: full.clients.wiki } }, "clients.onyxia: the name "],
    ["a client of Keycloak", { clients: { account: full.clients.wiki } }, "clients.account: the name "],
    [
      "a redirect to any host",
      { clients: { a: { kind: "public", redirectUris: ["https://*"] } } },
      "clients.a.redirectUris.0: ",
    ],
    [
      "a redirect in clear",
      { clients: { a: { kind: "public", redirectUris: ["http://a.org/"] } } },
      "clients.a.redirectUris.0: ",
    ],
    [
      "a redirect with two stars",
      { clients: { a: { kind: "public", redirectUris: ["https://a.org/*/*"] } } },
      "clients.a.redirectUris.0: ",
    ],
    [
      "a client that can send nobody back",
      { clients: { a: { kind: "public", redirectUris: [] } } },
      "clients.a.redirectUris: ",
    ],
    ["a placeholder", { displayName: "${KC_DB_PASSWORD}" }, "displayName: "],
    ["sessions that idle longer than they last", { sessions: { idle: "20d" } }, "sessions: "],
    ["remembered ones too", { sessions: { rememberedIdle: "31d" } }, "sessions: "],
    ["a password of one letter", { passwordLength: 1 }, "passwordLength: "],
    ["no pod at all", { replicas: 0 }, "replicas: "],
    ["an unknown key", { groupes: [] }, ": "],
    ["registration as 0.1 knew it", { registration: true }, "registration: "],
    ["a mail user without a password", { smtp: { ...relay, user: "lab" } }, "smtp.password: "],
    [
      "a password through the network in clear",
      { smtp: { ...relay, user: "lab", password: "x", encryption: "none" } },
      "smtp.encryption: ",
    ],
    ["an address where a mail host belongs", { smtp: { ...relay, host: "smtp://mail" } }, "smtp.host: "],
  ])("refuse %s", (_what, settings, problem) => {
    expect(problems(settings).map((found) => found.startsWith(problem))).toEqual([true]);
  });

  it("allow a program on the person's own machine to be sent back to", () => {
    const redirectUris = ["http://localhost:8000/*", "http://127.0.0.1/callback"];
    expect(problems({ clients: { cli: { kind: "public", redirectUris } } })).toEqual([]);
  });
});
