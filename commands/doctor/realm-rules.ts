/** Settings of a realm that keep strangers out, by the very code that brings them there. */
import type { AccessModel } from "../../components/access/access-model.ts";
import { realmDocument, type RealmSettings } from "../../components/identity/realm-document.ts";

/** Fields of a realm, as Keycloak's admin API calls them. */
export type RealmRules = Readonly<Record<string, string | number | boolean>>;

/** Who may come in, and under which name: beside what makes a login hard to guess. */
const entrance = [
  "duplicateEmailsAllowed",
  "editUsernameAllowed",
  "loginWithEmailAllowed",
  "registrationAllowed",
  "registrationEmailAsUsername",
  "sslRequired",
  "verifyEmail",
];

export function realmRules(access: AccessModel, settings: RealmSettings): Readonly<Record<string, RealmRules>> {
  const { master, properties, realm } = realmDocument(access, settings);
  const fields = [...Object.keys(master), ...entrance];
  return { master: rulesIn(master, Object.keys(master)), [realm]: rulesIn(properties, fields) };
}

function rulesIn(properties: Readonly<Record<string, unknown>>, fields: readonly string[]): RealmRules {
  return Object.fromEntries(fields.map((field) => [field, properties[field] as string | number | boolean]));
}
