/** A stand-in for the realm: discovery document, keys and signed tokens, on loopback. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Claims = Readonly<Record<string, unknown>>;

export class TokenIssuer {
  readonly url: string;
  readonly #server: Server;
  readonly #key: KeyObject;
  readonly #jwk: Record<string, unknown>;
  #open = false;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#key = privateKey;
    this.#jwk = { ...publicKey.export({ format: "jwk" }), kid: "first", use: "sig", alg: "RS256" };
  }

  /** Answers 503 until {@link open}, like a realm that is still starting. */
  static async start(): Promise<TokenIssuer> {
    const server = createServer((request, response) => {
      const document = issuer.#documents()[request.url ?? ""];
      response.writeHead(document === undefined ? 503 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(document ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const issuer = new TokenIssuer(server);
    return issuer;
  }

  open(): void {
    this.#open = true;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A token as the realm signs it. */
  token(claims: Claims): string {
    const body = encoded({ alg: "RS256", typ: "JWT", kid: this.#jwk["kid"] }, this.#withTimes(claims));
    return `${body}.${sign("sha256", Buffer.from(body), this.#key).toString("base64url")}`;
  }

  /** A token that its bearer has signed with a shared secret. */
  forgedToken(claims: Claims, kid: string, secret: string): string {
    const body = encoded({ alg: "HS256", typ: "JWT", kid }, this.#withTimes(claims));
    return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
  }

  /** A token without a signature. */
  unsignedToken(claims: Claims): string {
    return `${encoded({ alg: "none", typ: "JWT", kid: this.#jwk["kid"] }, this.#withTimes(claims))}.`;
  }

  #withTimes(claims: Claims): Claims {
    const now = Math.floor(Date.now() / 1000);
    return { iss: this.url, iat: now, exp: now + 300, ...claims };
  }

  #documents(): Record<string, unknown> {
    if (!this.#open) return {};
    return {
      "/.well-known/openid-configuration": {
        issuer: this.url,
        authorization_endpoint: `${this.url}/auth`,
        token_endpoint: `${this.url}/token`,
        jwks_uri: `${this.url}/keys`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
      },
      "/keys": { keys: [this.#jwk] },
    };
  }
}

function encoded(...parts: readonly unknown[]): string {
  return parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
}
