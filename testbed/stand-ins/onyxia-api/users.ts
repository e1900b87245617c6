/** The user behind a token, and the projects that he may work in. */
import type { Json } from "./fields.ts";
import type { OidcProperties } from "./properties.ts";
import type { Region } from "./region.ts";

export interface User {
  /** The username; undefined where the token carries none. */
  readonly idep: string | undefined;
  readonly email: string | undefined;
  readonly nomComplet: string | undefined;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** Everything the token says. */
  readonly attributes: Json;
}

export interface Project {
  readonly id: string;
  /** Undefined for the personal one. */
  readonly group: string | undefined;
  readonly name: string;
  readonly namespace: string;
  readonly vaultTopDir: string;
}

export function userOf(claims: Json, oidc: OidcProperties): User {
  const text = (name: string) => (typeof claims[name] === "string" ? claims[name] : undefined);
  const list = (name: string) =>
    Array.isArray(claims[name]) ? claims[name].filter((item) => typeof item === "string") : [];
  return {
    idep: text(oidc.usernameClaim),
    email: text("email"),
    nomComplet: text("name"),
    groups: list(oidc.groupsClaim),
    roles: list(oidc.rolesClaim),
    attributes: claims,
  };
}

/** Without login everybody is this user. */
export const visitor: User = {
  idep: "default",
  email: "toto@tld.fr",
  nomComplet: "default",
  groups: [],
  roles: [],
  attributes: {},
};

/**
 * The personal project and one for each group; those whose namespace would not have a valid name are left out without
 * a word, as the API does it.
 */
export function projectsOf(user: User, region: Region): Project[] {
  const { services } = region;
  const personal =
    user.idep === undefined ? [] : [projectOf(services.namespacePrefix, user.idep, undefined, "Projet personnel")];
  const shared = user.groups.map((group) => projectOf(services.groupNamespacePrefix, group, group, `Projet ${group}`));
  return [...personal, ...shared].filter(({ namespace }) => label.test(namespace) && namespace.length <= 63);
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function projectOf(prefix: string, name: string, group: string | undefined, title: string): Project {
  const namespace = `${prefix}${name}`;
  return { id: namespace, group, name: title, namespace, vaultTopDir: group === undefined ? name : namespace };
}
