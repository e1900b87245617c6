import type { NameRules } from "../access/names.ts";
import type { DirectoryFacts } from "../ldap.ts";
import { directoryAttributes } from "./federation.ts";

/** What people read who choose a username that cannot work. No braces or apostrophes: Keycloak formats the text. */
export function usernameError({ hyphenatedNames }: Pick<NameRules, "hyphenatedNames">): string {
  const rule = hyphenatedNames
    ? "Use lower-case letters, digits and inner hyphens only, and a letter in each part after a hyphen"
    : "Use lower-case letters and digits only";
  return `${rule}: your username becomes part of the names of your storage and your services.`;
}

const editable = { view: ["admin", "user"], edit: ["admin", "user"] };

/**
 * Attributes of a user, and the rule for usernames, checked by the server at registration, in the account page and in
 * the admin API alike. Usernames are made lower case before.
 * @see https://www.keycloak.org/docs/latest/server_admin/#user-profile
 */
export function userProfile(rules: Pick<NameRules, "hyphenatedNames" | "username">, directory?: DirectoryFacts) {
  const { minLength, maxLength, pattern } = rules.username;
  return {
    // Administrators may note more about a user than is declared here.
    unmanagedAttributePolicy: "ADMIN_EDIT",
    attributes: [
      {
        name: "username",
        displayName: "${username}",
        validations: {
          length: { min: String(minLength), max: String(maxLength) },
          pattern: { pattern, "error-message": usernameError(rules) },
          "username-prohibited-characters": {},
          "up-username-not-idn-homograph": {},
        },
        permissions: editable,
        multivalued: false,
      },
      {
        name: "email",
        displayName: "${email}",
        validations: { email: {}, length: { max: "255" } },
        required: { roles: ["user"] },
        permissions: editable,
        multivalued: false,
      },
      ...["firstName", "lastName"].map((name) => ({
        name,
        displayName: `\${${name}}`,
        validations: { length: { max: "255" }, "person-name-prohibited-characters": {} },
        permissions: editable,
        multivalued: false,
      })),
      ...(directory === undefined ? [] : directoryAttributes(directory)),
    ],
    groups: [],
  };
}
