import type { AccessModel, ConfidentialClient, PublicClient } from "../access/access-model.ts";
import { secondsOf } from "../scalars.ts";
import { audienceMapper, policyMapper, projectsMapper, sessionTagMappers } from "./claims.ts";
import { namesClient } from "./names.ts";
import { type Client, mark, type ProtocolMapper } from "./representations.ts";
import type { IdentitySettings } from "./settings.ts";

/** The platform's own clients and those of the settings, by id. */
export function clientsOf(
  access: AccessModel,
  settings: Pick<IdentitySettings, "clients" | "sessions">,
): readonly Client[] {
  return [
    browserClient(access.portal, "Portal", [audienceMapper(access.portal.audience), projectsMapper(access)]),
    objectStoreClient(access, settings.sessions.storageToken),
    ...(access.notebooks === undefined ? [] : [serverClient(access.notebooks, "Notebooks")]),
    namesRegistry,
    ...Object.entries(settings.clients).map(([clientId, client]) => furtherClient(clientId, client)),
  ].toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
}

/** Ids of the clients that get a generated secret, sorted. */
export function confidentialClients(clients: readonly Client[]): string[] {
  return clients.filter(({ publicClient }) => !publicClient).map(({ clientId }) => clientId);
}

function browserClient(client: PublicClient, name: string, protocolMappers: readonly ProtocolMapper[]): Client {
  return {
    ...common,
    clientId: client.clientId,
    name,
    publicClient: true,
    rootUrl: client.rootUrl,
    redirectUris: client.redirectUris.toSorted(),
    webOrigins: client.webOrigins.toSorted(),
    fullScopeAllowed: true,
    attributes: attributes({ pkce: true }),
    protocolMappers,
  };
}

function objectStoreClient(access: AccessModel, tokenLife: string): Client {
  const mappers = [audienceMapper(access.objectStore.audience), policyMapper(access), ...sessionTagMappers(access)];
  const client = browserClient(access.objectStore, "Storage", mappers);
  return {
    ...client,
    // Its tokens live long: they must not open anything else, such as the account page that every user has a role for.
    fullScopeAllowed: false,
    attributes: { ...client.attributes, "access.token.lifespan": String(secondsOf(tokenLife)) },
  };
}

/** A server of the platform's own, which uses PKCE beside its secret. */
function serverClient({ clientId, rootUrl, redirectUri }: ConfidentialClient, name: string): Client {
  return {
    ...common,
    clientId,
    name,
    publicClient: false,
    rootUrl,
    redirectUris: [redirectUri],
    webOrigins: [],
    fullScopeAllowed: false,
    attributes: { ...attributes({ pkce: true }), "post.logout.redirect.uris": rootUrl },
    protocolMappers: [],
  };
}

function furtherClient(clientId: string, settings: IdentitySettings["clients"][string]): Client {
  const isPublic = settings.kind === "public";
  return {
    ...common,
    clientId,
    name: settings.name ?? clientId,
    publicClient: isPublic,
    redirectUris: settings.redirectUris.toSorted(),
    webOrigins: ["+"],
    fullScopeAllowed: true,
    // A server with a secret may still use PKCE; not all of them can.
    attributes: attributes({ pkce: isPublic }),
    protocolMappers: [audienceMapper(clientId)],
  };
}

const common = {
  enabled: true,
  protocol: "openid-connect",
  standardFlowEnabled: true,
  implicitFlowEnabled: false,
  directAccessGrantsEnabled: false,
  serviceAccountsEnabled: false,
} as const;

/** No application: nobody can log in to it, and its roles are the usernames that are known. */
const namesRegistry: Client = {
  ...common,
  clientId: namesClient,
  name: "Usernames that are known",
  enabled: false,
  publicClient: true,
  standardFlowEnabled: false,
  redirectUris: [],
  webOrigins: [],
  fullScopeAllowed: false,
  attributes: { [mark]: "true" },
  protocolMappers: [],
};

function attributes(options: { readonly pkce: boolean }) {
  return {
    [mark]: "true",
    // Empty rather than absent: an update keeps the attributes that it does not name.
    "pkce.code.challenge.method": options.pkce ? "S256" : "",
    // Where people may be sent after the logout: the redirect URIs.
    "post.logout.redirect.uris": "+",
  };
}
