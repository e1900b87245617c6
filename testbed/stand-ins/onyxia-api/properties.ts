/** Properties of the API, found in the environment as Spring finds them. */
import { Refusal } from "./refusal.ts";

export interface Properties {
  readonly contextPath: string;
  readonly port: number;
  readonly authentication: "none" | "openidconnect";
  readonly oidc: OidcProperties;
  /** JSON texts; undefined where the real API would take its built-in ones. */
  readonly regions: string | undefined;
  readonly catalogs: string | undefined;
  readonly catalogsRefreshMs: number;
  readonly allowedOrigin: string;
  readonly schemaFolder: string;
}

export interface OidcProperties {
  readonly issuerUri: string;
  readonly clientId: string;
  /** Empty: not checked. */
  readonly audience: string;
  readonly usernameClaim: string;
  readonly groupsClaim: string;
  readonly rolesClaim: string;
  readonly scope: string;
  readonly extraQueryParams: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the properties. `SPRING_APPLICATION_JSON` goes before variables; a variable has the property's very name, or
 * that name with underscores, in capitals or not.
 * @see https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/core/env/SystemEnvironmentPropertySource.html
 */
export function readProperties(environment: Environment): Properties {
  const json = applicationJson(environment["SPRING_APPLICATION_JSON"]);
  const find = (name: string) => json[name] ?? variable(environment, name);
  const text = (name: string, byDefault: string) => find(name) ?? byDefault;
  const authentication = text("authentication.mode", "none");
  if (authentication !== "none" && authentication !== "openidconnect") {
    throw new Refusal("settings", `authentication.mode is "${authentication}", not none or openidconnect`);
  }
  const issuerUri = text("oidc.issuer-uri", "");
  if (authentication === "openidconnect" && issuerUri === "") {
    throw new Refusal("settings", "oidc.issuer-uri is missing");
  }
  for (const name of unsupported) {
    if (find(name) !== undefined) throw new Refusal("settings", `${name} is set, which this stand-in does not imitate`);
  }
  return {
    contextPath: text("server.servlet.context-path", ""),
    port: wholeNumber("server.port", text("server.port", "8080")),
    authentication,
    oidc: {
      issuerUri,
      clientId: text("oidc.clientID", "onyxia"),
      audience: text("oidc.audience", ""),
      usernameClaim: text("oidc.username-claim", "preferred_username"),
      groupsClaim: text("oidc.groups-claim", "groups"),
      rolesClaim: text("oidc.roles-claim", "roles"),
      scope: text("oidc.scope", "openid profile"),
      extraQueryParams: find("oidc.extra-query-params"),
    },
    regions: resolved("regions", find("regions")),
    catalogs: resolved("catalogs", find("catalogs")),
    catalogsRefreshMs: wholeNumber("catalogs.refresh.ms", text("catalogs.refresh.ms", "300000")),
    allowedOrigin: text("security.cors.allowed_origins", ""),
    schemaFolder: text("external.schema.directory", "/external-schemas"),
  };
}

/** Each of them would change what the API trusts or whom it asks. */
const unsupported = ["oidc.skip-tls-verify", "oidc.public-key", "http.proxyHost"];

function variable(environment: Environment, name: string): string | undefined {
  const spellings = [name, name.replaceAll(".", "_"), name.replaceAll("-", "_"), name.replaceAll(/[.-]/g, "_")];
  return [...spellings, ...spellings.map((spelling) => spelling.toUpperCase())]
    .map((spelling) => environment[spelling])
    .find((value) => value !== undefined);
}

/** The nested values by their dotted names; a list or an object at the place of a JSON text stays JSON. */
function applicationJson(text: string | undefined): Record<string, string> {
  if (text === undefined || text === "") return {};
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new Refusal("settings", "SPRING_APPLICATION_JSON is not JSON", { cause: error });
  }
  return Object.fromEntries(flatten(root, ""));
}

function flatten(value: unknown, path: string): [string, string][] {
  if (Array.isArray(value)) return [[path, JSON.stringify(value)]];
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path === "" ? key : `${path}.${key}`));
  }
  return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
}

/** The real API would silently turn `${jwt:x}` into `x`. */
function resolved(name: string, json: string | undefined): string | undefined {
  if (json?.includes("${") === true) {
    throw new Refusal("settings", `${name} contains \${, which Spring takes for a placeholder`);
  }
  return json;
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number)) throw new Refusal("settings", `${name} is "${text}", not a whole number`);
  return number;
}
