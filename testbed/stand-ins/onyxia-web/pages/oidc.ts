/** Login with the authorization code flow and PKCE. */
import { ask, Failure } from "./failure.ts";

export interface OidcSettings {
  readonly issuerURI: string;
  readonly clientID: string;
  readonly scope?: string;
  readonly extraQueryParams?: string;
}

export interface Provider {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly end_session_endpoint?: string;
}

/** A login that is under way; it is kept until the person comes back with its state. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly clientID: string;
  readonly redirectUri: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
}

export type Claims = Readonly<Record<string, unknown>>;

/** @throws Failure when the document is missing or names another issuer. */
export async function discover(issuerURI: string): Promise<Provider> {
  const response = await ask("discovery", `${issuerURI}/.well-known/openid-configuration`);
  if (!response.ok) throw new Failure("discovery", response.status, "", `${issuerURI} has no discovery document.`);
  const provider = (await response.json()) as Provider;
  if (provider.issuer !== issuerURI) {
    throw new Failure("discovery", 200, "issuer", `The issuer is ${provider.issuer}, not ${issuerURI}.`);
  }
  return provider;
}

/**
 * Where to send the person, and what to remember.
 * @param silently The provider must not ask anything: it sends back an error instead.
 */
export async function authorizationRequest(
  provider: Provider,
  settings: OidcSettings,
  redirectUri: string,
  silently: boolean,
): Promise<{ readonly url: string; readonly pending: PendingLogin }> {
  const verifier = randomText();
  const pending = { state: randomText(), nonce: randomText(), verifier, clientID: settings.clientID, redirectUri };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    ...Object.fromEntries(new URLSearchParams(settings.extraQueryParams ?? "")),
    client_id: settings.clientID,
    redirect_uri: redirectUri,
    response_type: "code",
    response_mode: "query",
    scope: scopeOf(settings),
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: base64Url(new Uint8Array(digest)),
    code_challenge_method: "S256",
    ...(silently ? { prompt: "none" } : {}),
  });
  return { url: `${provider.authorization_endpoint}?${query.toString()}`, pending };
}

/** Exchanges what the provider has sent back for tokens. */
export async function finishLogin(provider: Provider, pending: PendingLogin, sent: URLSearchParams): Promise<Tokens> {
  if (sent.get("state") !== pending.state) throw new Failure("login", 0, "state", "This login was not begun here.");
  const error = sent.get("error");
  if (error !== null) throw new Failure("login", 0, error, sent.get("error_description") ?? error);
  const issuer = sent.get("iss");
  if (issuer !== null && issuer !== provider.issuer) throw new Failure("login", 0, "issuer", `${issuer} answered.`);
  const tokens = await token(provider, {
    grant_type: "authorization_code",
    code: sent.get("code") ?? "",
    redirect_uri: pending.redirectUri,
    client_id: pending.clientID,
    code_verifier: pending.verifier,
  });
  const claims = claimsOf(tokens.id_token);
  if (claims["nonce"] !== pending.nonce) throw new Failure("login", 0, "nonce", "The token is for another login.");
  if (claims["iss"] !== provider.issuer || ![claims["aud"]].flat().includes(pending.clientID)) {
    throw new Failure("login", 0, "token", "The token is from somebody else or for somebody else.");
  }
  return tokens;
}

export function refresh(provider: Provider, settings: OidcSettings, tokens: Tokens): Promise<Tokens> {
  return token(provider, {
    grant_type: "refresh_token",
    refresh_token: tokens.refresh_token,
    client_id: settings.clientID,
  });
}

/** Where to send the person to end the session everywhere. */
export function logoutUrl(provider: Provider, settings: OidcSettings, tokens: Tokens, home: string): string {
  const query = new URLSearchParams({
    id_token_hint: tokens.id_token,
    client_id: settings.clientID,
    post_logout_redirect_uri: home,
  });
  return `${provider.end_session_endpoint ?? ""}?${query.toString()}`;
}

/** What a token says. */
export function claimsOf(jwt: string): Claims {
  const body = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}

async function token(provider: Provider, parameters: Record<string, string>): Promise<Tokens> {
  const response = await ask("token", provider.token_endpoint, {
    method: "POST",
    body: new URLSearchParams(parameters),
  });
  const answer = (await response.json()) as Tokens & { error?: string; error_description?: string };
  if (response.ok) return answer;
  throw new Failure("token", response.status, answer.error ?? "", answer.error_description ?? "No token was given.");
}

function scopeOf(settings: OidcSettings): string {
  return [...new Set(["openid", ...(settings.scope ?? "profile").split(" ")])].join(" ");
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
