/** Logins that the portal's page would never ask for, in the browser of a person who is logged in. */
import { createHash, randomBytes } from "node:crypto";

import type { Person, TokenAnswer } from "./person.ts";
import type { Walk } from "./walk.ts";

export interface Flow {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Added to the authorization request, or in the place of its own. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What came back: parameters of the redirect, or Keycloak's page where it sent nobody anywhere. */
export interface FlowAnswer {
  readonly redirect: URLSearchParams | undefined;
  readonly status: number;
  readonly verifier: string;
}

/** Asks Keycloak for a code, silently, as somebody who is logged in there. */
export async function authorize(walk: Walk, person: Person, flow: Flow): Promise<FlowAnswer> {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: flow.clientId,
    redirect_uri: flow.redirectUri,
    response_type: "code",
    scope: "openid",
    prompt: "none",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...flow.parameters,
  });
  const page = await person.context.newPage();
  try {
    let redirect: URLSearchParams | undefined;
    page.on("request", (request) => {
      if (request.url().startsWith(flow.redirectUri)) redirect ??= new URL(request.url()).searchParams;
    });
    const endpoint = `${walk.access.issuerUrl}/protocol/openid-connect`;
    // Redirect addresses may exist nowhere: what counts is that Keycloak sends the browser there.
    const response = await page.goto(`${endpoint}/auth?${query.toString()}`).catch((error: unknown) => {
      if (redirect === undefined) throw error;
      return null;
    });
    return { redirect, status: response?.status() ?? 0, verifier };
  } finally {
    await page.close();
  }
}

/** The whole flow, for tokens that must be given. */
export async function tokensFor(walk: Walk, person: Person, flow: Flow): Promise<TokenAnswer> {
  const { redirect, status, verifier } = await authorize(walk, person, flow);
  const hop = `Keycloak, login of ${person.username} for the client ${flow.clientId}`;
  const code = redirect?.get("code");
  if (code === null || code === undefined)
    throw new Error(`${hop}: no code, ${redirect?.toString() ?? `status ${status}`}`);
  const answer = await walk.web.request(`${walk.access.issuerUrl}/protocol/openid-connect/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code,
      redirect_uri: flow.redirectUri,
      client_id: flow.clientId,
      code_verifier: verifier,
    }).toString(),
  });
  if (answer.status !== 200) throw new Error(`${hop}, token endpoint: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as TokenAnswer;
}
