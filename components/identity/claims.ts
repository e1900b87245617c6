/** Which claims stand in which tokens, derived from the AccessModel. */
import type { AccessModel } from "../access/access-model.ts";
import { type ClientScope, mark, projectAttribute, type ProtocolMapper } from "./representations.ts";

const everywhere = { "access.token.claim": "true", "id.token.claim": "true", "userinfo.token.claim": "true" };

/**
 * Puts the audience in explicitly. Otherwise a token names only the clients whose roles its user has: the object store
 * and the portal's API would refuse it, or accept any client's.
 */
export function audienceMapper(audience: string): ProtocolMapper {
  return {
    name: "audience",
    protocol: "openid-connect",
    protocolMapper: "oidc-audience-mapper",
    config: {
      "included.custom.audience": audience,
      "access.token.claim": "true",
      "id.token.claim": "false",
      "introspection.token.claim": "true",
    },
  };
}

/** Names the policy of the object store that a user's token opens. */
export function policyMapper({ objectStore }: AccessModel): ProtocolMapper {
  return {
    name: "policy",
    protocol: "openid-connect",
    protocolMapper: "oidc-hardcoded-claim-mapper",
    config: {
      "claim.name": objectStore.policyClaim,
      "claim.value": objectStore.policyName,
      "jsonType.label": "String",
      ...everywhere,
    },
  };
}

/**
 * Projects of the person's groups, by an attribute of the groups and not by their names: any two groups below others may
 * have one name, and would share a namespace. Members of a group below another are in the project of that one.
 */
export function projectsMapper({ claims }: AccessModel): ProtocolMapper {
  return {
    name: "projects",
    protocol: "openid-connect",
    protocolMapper: "oidc-usermodel-attribute-mapper",
    config: {
      "user.attribute": projectAttribute,
      // Those of the groups too. Of a person only administrators can set it, see the user profile.
      "aggregate.attrs": "true",
      "claim.name": claims.projects,
      multivalued: "true",
      "jsonType.label": "String",
      ...everywhere,
    },
  };
}

/**
 * Tags the session of an AWS role with the username: AWS's STS reads them from a claim of this very form. They go into
 * the access token alone, which is what the portal hands over.
 */
export function sessionTagMappers({ objectStore: { sessionTags } }: AccessModel): readonly ProtocolMapper[] {
  if (sessionTags === undefined) return [];
  // A bare dot would begin a claim within the claim.
  const claim = sessionTags.claim.replaceAll(".", "\\.");
  const tags = {
    "access.token.claim": "true",
    "id.token.claim": "false",
    "userinfo.token.claim": "false",
    "introspection.token.claim": "false",
  };
  return [
    {
      name: "session-tags",
      protocol: "openid-connect",
      protocolMapper: "oidc-usermodel-attribute-mapper",
      config: {
        "user.attribute": "username",
        "claim.name": `${claim}.principal_tags.${sessionTags.username}`,
        "jsonType.label": "String",
        // AWS wants a list.
        multivalued: "true",
        ...tags,
      },
    },
    {
      name: "session-tags-transitive",
      protocol: "openid-connect",
      protocolMapper: "oidc-hardcoded-claim-mapper",
      // No role that might be taken on from there can be told another name.
      config: {
        "claim.name": `${claim}.transitive_tag_keys`,
        "claim.value": JSON.stringify([sessionTags.username]),
        "jsonType.label": "JSON",
        ...tags,
      },
    },
  ];
}

/** Groups and roles, as lists at the top level, for every application. */
export function claimScopes({ claims }: AccessModel): readonly ClientScope[] {
  return [
    scope("groups", "Groups that the person belongs to.", {
      protocolMapper: "oidc-group-membership-mapper",
      // Without the path, as most applications expect it. The portal reads projects instead.
      config: { "claim.name": claims.groups, "full.path": "false", ...everywhere },
    }),
    scope("realm-roles", "Roles that the person has in this realm.", {
      protocolMapper: "oidc-usermodel-realm-role-mapper",
      config: { "claim.name": claims.roles, multivalued: "true", "jsonType.label": "String", ...everywhere },
    }),
  ];
}

/**
 * Scopes of every client: Keycloak's own, of which `basic` carries `sub` and `profile` the username, and ours.
 */
export const defaultScopes = ["basic", "profile", "email", "roles", "web-origins", "groups", "realm-roles"] as const;

function scope(
  name: string,
  description: string,
  mapper: Pick<ProtocolMapper, "protocolMapper" | "config">,
): ClientScope {
  return {
    name,
    description,
    protocol: "openid-connect",
    attributes: { [mark]: "true", "include.in.token.scope": "true", "display.on.consent.screen": "false" },
    protocolMappers: [{ name, protocol: "openid-connect", ...mapper }],
  };
}
