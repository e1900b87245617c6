/** The parts of Keycloak's own JSON that the platform writes. @see https://www.keycloak.org/docs-api/latest/rest-api/ */

/**
 * Attribute that marks what the platform made. The reconcile Job deletes only what carries it, so that whatever people
 * made by hand stays.
 */
export const mark = "datalab.managed";

/** Attribute of a group that names the project which its members share in the portal. */
export const projectAttribute = "datalab.project";

/** One claim in tokens. */
export interface ProtocolMapper {
  readonly name: string;
  readonly protocol: "openid-connect";
  readonly protocolMapper: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Claims that several clients share. */
export interface ClientScope {
  readonly name: string;
  readonly description: string;
  readonly protocol: "openid-connect";
  readonly attributes: Readonly<Record<string, string>>;
  readonly protocolMappers: readonly ProtocolMapper[];
}

/** An application that people log in to. */
export interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly protocol: "openid-connect";
  readonly publicClient: boolean;
  readonly rootUrl?: string;
  readonly redirectUris: readonly string[];
  readonly webOrigins: readonly string[];
  readonly standardFlowEnabled: boolean;
  readonly implicitFlowEnabled: false;
  readonly directAccessGrantsEnabled: false;
  readonly serviceAccountsEnabled: false;
  readonly fullScopeAllowed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly protocolMappers: readonly ProtocolMapper[];
}

/** A role or a group. */
export interface Marked {
  readonly name: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** A person who can log in from the start. The password is added by the reconcile Job. */
export interface User {
  readonly username: string;
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly enabled: true;
  readonly emailVerified: true;
  readonly requiredActions: readonly string[];
  readonly groups: readonly string[];
  readonly realmRoles: readonly string[];
}
