/** What a person's browser and an administrator do with a Keycloak, by plain requests. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** A page that Keycloak has answered with. */
export interface Page {
  readonly html: string;
  /** Where the person is sent in the end, outside of Keycloak; undefined while Keycloak still asks something. */
  readonly redirectedTo: URL | undefined;
}

export interface TokenSet {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
}

/** A browser with its cookies in front of a Keycloak whose public address the ingress controller would answer for. */
export class Browser {
  readonly #server: string;
  readonly #publicUrl: string;
  readonly #cookies = new Map<string, string>();

  constructor(server: string, publicUrl: string) {
    this.#server = server;
    this.#publicUrl = publicUrl;
  }

  async open(url: string): Promise<Page> {
    return this.#follow(new URL(url, this.#publicUrl), { method: "GET" });
  }

  /** Fills in the page's form and sends it. */
  async submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const form = /<form[^>]*\saction="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(page.html);
    if (form === null) throw new Error(`no form in the page:\n${page.html}`);
    const [, action = "", content = ""] = form;
    const hidden = [...content.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name = "", value = ""]): [string, string] => [name, value]),
      ...Object.entries(fields),
    ]);
    return this.#follow(new URL(action.replaceAll("&amp;", "&"), this.#publicUrl), { method: "POST", body });
  }

  async #follow(url: URL, init: { method: string; body?: URLSearchParams }): Promise<Page> {
    if (url.origin !== this.#publicUrl) return { html: "", redirectedTo: url };
    const { headers, html } = await this.#ask(url, init);
    for (const cookie of headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    const { location } = headers;
    if (location !== undefined) return this.#follow(new URL(location, url), { method: "GET" });
    return { html, redirectedTo: undefined };
  }

  /**
   * Not with `fetch`, which says of each request that a script makes it (`Sec-Fetch-Mode: cors`): JupyterHub then sets no cookie
   * against forgery, and takes a form for another one as soon as a second has passed.
   */
  async #ask(
    { pathname, search }: URL,
    { method, body }: { method: string; body?: URLSearchParams },
  ): Promise<{ headers: IncomingHttpHeaders; html: string }> {
    const call = request(new URL(pathname + search, this.#server), {
      method,
      headers: {
        "x-forwarded-proto": "https",
        "x-forwarded-host": new URL(this.#publicUrl).host,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" }),
      },
    });
    call.end(body?.toString());
    const [response] = (await once(call, "response")) as [IncomingMessage];
    return { headers: response.headers, html: await text(response) };
  }
}

/** The authorization code flow with PKCE, as the portal's pages do it. */
export class CodeFlow {
  readonly authorizationUrl: string;
  readonly #verifier = randomBytes(32).toString("base64url");
  readonly #tokenUrl: string;
  readonly #client: { readonly clientId: string; readonly redirectUri: string };

  constructor(server: string, realm: string, client: { readonly clientId: string; readonly redirectUri: string }) {
    const endpoint = `/realms/${realm}/protocol/openid-connect`;
    this.#tokenUrl = `${server}${endpoint}/token`;
    this.#client = client;
    const query = new URLSearchParams({
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      response_type: "code",
      scope: "openid",
      code_challenge: createHash("sha256").update(this.#verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    this.authorizationUrl = `${endpoint}/auth?${query.toString()}`;
  }

  async exchange(page: Page, verifier: string = this.#verifier): Promise<TokenSet> {
    const code = page.redirectedTo?.searchParams.get("code");
    if (code === null || code === undefined) throw new Error(`no code: ${String(page.redirectedTo)}\n${page.html}`);
    const { clientId, redirectUri } = this.#client;
    return this.#token({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    });
  }

  async refresh(tokens: TokenSet): Promise<TokenSet> {
    return this.#token({
      grant_type: "refresh_token",
      refresh_token: tokens.refresh_token,
      client_id: this.#client.clientId,
    });
  }

  async #token(parameters: Record<string, string>): Promise<TokenSet> {
    const response = await fetch(this.#tokenUrl, { method: "POST", body: new URLSearchParams(parameters) });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as TokenSet;
  }
}

/** What a token says. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
}

/** The admin API, as an application of the realm `master`. */
export class AdminApi {
  readonly #server: string;
  readonly #client: { readonly id: string; readonly secret: string };

  constructor(server: string, client: { readonly id: string; readonly secret: string }) {
    this.#server = server;
    this.#client = client;
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.send("GET", path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#server}/admin/realms/${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.token()}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** A new access token of the client. */
  async token(): Promise<string> {
    const response = await fetch(`${this.#server}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: this.#client.id,
        client_secret: this.#client.secret,
      }),
    });
    if (!response.ok) throw new Error(`login of ${this.#client.id}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
