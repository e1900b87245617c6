/** The two forms in which a realm document reaches Keycloak: one file for the first boot, many for the reconcile Job. */
import { defaultScopes } from "./claims.ts";
import type { RealmDocument } from "./realm-document.ts";

/** Name that Keycloak's import expects. */
export function importFileName(document: RealmDocument): string {
  return `${document.realm}-realm.json`;
}

/**
 * The realm as `--import-realm` reads it at the first boot.
 *
 * Client scopes are missing on purpose: a document that names one gets none of Keycloak's own, not even `basic`, and
 * without it tokens carry no `sub`. The reconcile Job adds them. So it does with users and the directory, whose passwords
 * must not be here.
 */
export function importFile(document: RealmDocument): string {
  return JSON.stringify({
    ...document.properties,
    clients: document.clients,
    roles: { realm: document.roles },
    groups: document.groups,
    components: {
      "org.keycloak.userprofile.UserProfileProvider": [
        {
          providerId: "declarative-user-profile",
          config: { "kc.user.profile.config": [JSON.stringify(document.userProfile)] },
        },
      ],
    },
  });
}

/** One file for each object, so that the reconcile script needs no JSON parser. */
export function reconcileFiles(document: RealmDocument): Record<string, string> {
  const files: [string, unknown][] = [
    ["realm.json", document.properties],
    ["master.json", document.master],
    ["user-profile.json", document.userProfile],
    ...document.clientScopes.flatMap(({ protocolMappers, ...scope }): [string, unknown][] => [
      [`scope.${scope.name}.json`, scope],
      ...protocolMappers.map((mapper): [string, unknown] => [`mapper.${scope.name}.${mapper.name}.json`, mapper]),
    ]),
    ...document.clients.map((client): [string, unknown] => [`client.${client.clientId}.json`, client]),
    ...document.roles.map((role): [string, unknown] => [`role.${role.name}.json`, role]),
    ...document.groups.map((group): [string, unknown] => [`group.${group.name}.json`, group]),
    ...document.users.map((user): [string, unknown] => [`user.${user.username}.json`, user]),
    ...directoryFiles(document),
  ];
  return {
    ...Object.fromEntries(files.map(([name, content]) => [name, JSON.stringify(content)])),
    "default-scopes": `${defaultScopes.join("\n")}\n`,
    ...directoryNames(document),
  };
}

function directoryFiles({ directory }: RealmDocument): [string, unknown][] {
  if (directory === undefined) return [];
  return [
    ["directory.json", directory.provider],
    ["directory-connection.json", directory.trials.connection],
    ["directory-login.json", directory.trials.login],
    ...directory.mappers.map((mapper): [string, unknown] => [`directory-mapper.${mapper.name}.json`, mapper]),
  ];
}

/** What the script names when the directory does not answer as it should. */
function directoryNames({ directory }: RealmDocument): Record<string, string> {
  if (directory === undefined) return {};
  return {
    "directory-url": directory.url,
    "directory-bind": directory.bindDn,
    "directory-users": directory.usersDn,
    ...(directory.own ? {} : { "directory-has-people": "" }),
    ...(directory.groupsDn === undefined ? {} : { "directory-groups": directory.groupsDn }),
  };
}
