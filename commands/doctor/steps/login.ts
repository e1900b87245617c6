import { createHash, randomBytes } from "node:crypto";

import type { PublicClient } from "../../../components/access/access-model.ts";
import { Browser, elementText, type Page } from "../browser.ts";
import { type Context, fact, failed, type Finding, passed, type Step, warning } from "../step.ts";
import { excerpt, jsonIn, unavailable } from "./unavailable.ts";
import { keycloakPart } from "./realm.ts";

/** The login form, filled in as the portal's pages bring people to it (authorization code with PKCE). */
export const loginStep: Step = {
  id: "login",
  title: "login through the portal's client",
  hop: "Keycloak",
  needs: ["discovery"],
  unless: ({ options }) => (options.user === undefined ? "no --user was given" : undefined),
  run: async (context) => {
    const { expected, options, password = "" } = context;
    const client = expected.access.portal;
    const browser = new Browser(context.web);
    const flow = codeFlow(context, client);
    const form = await browser.open(flow.address);
    const sent = await browser.submit(form, { username: options.user ?? "", password });
    if (sent === undefined) return failed(noForm(form, client));
    const code = sent.url.searchParams.get("code");
    if (code === null) return failed(refusedLogin(sent, options.user ?? "", client));
    const tokens = await flow.exchange(code);
    return "problem" in tokens
      ? failed(tokens)
      : passed(options.user, { browser, portalToken: tokens.token, idToken: tokens.idToken });
  },
};

/** Ends the session, whatever came of the steps between: it would stay open for hours. */
export const logoutStep: Step = {
  id: "logout",
  title: "logout",
  hop: "Keycloak",
  needs: ["login"],
  run: async (context) => {
    const query = new URLSearchParams({ id_token_hint: fact(context, "idToken") });
    const address = `${context.expected.access.issuerUrl}/protocol/openid-connect/logout`;
    const page = await fact(context, "browser").open(`${address}?${query.toString()}`);
    // A form would ask whether this is meant.
    if (page.status === 200 && !page.html.includes("<form")) return passed();
    return warning({
      problem: `Keycloak does not end the session of ${context.options.user ?? ""}: ${page.status} ${excerpt(page.html)}`,
      cause: "it does not recognise the token that it has given",
      cure: "End the session in the realm; it ends by itself when nobody uses it",
    });
  },
};

/** A second client, silently, within the same login. */
export const storageLoginStep: Step = {
  id: "storage-login",
  title: "silent login of the object store's client",
  hop: "Keycloak",
  needs: ["login"],
  run: async (context) => {
    const client = context.expected.access.objectStore;
    const flow = codeFlow(context, client);
    const page = await fact(context, "browser").open(flow.address);
    const code = page.url.searchParams.get("code");
    if (code === null) {
      return failed(
        page.html.includes("<form")
          ? {
              problem: `Keycloak asks for a login again when the client ${client.clientId} follows`,
              cause: "the session's cookie was not kept, or the client wants a login of its own",
              cure: "Look at the client's settings in the realm; `pulumi up` brings them back",
            }
          : noForm(page, client),
      );
    }
    const tokens = await flow.exchange(code);
    return "problem" in tokens ? failed(tokens) : passed(undefined, { storageToken: tokens.token });
  },
};

function codeFlow({ expected, web }: Context, client: PublicClient) {
  const endpoint = `${expected.access.issuerUrl}/protocol/openid-connect`;
  const verifier = randomBytes(32).toString("base64url");
  const redirectUri = client.rootUrl;
  const query = new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state: randomBytes(8).toString("hex"),
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return {
    address: `${endpoint}/auth?${query.toString()}`,
    async exchange(code: string): Promise<{ token: string; idToken: string } | Finding> {
      const [origin = ""] = client.webOrigins;
      const answer = await web.request(`${endpoint}/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
          client_id: client.clientId,
          code_verifier: verifier,
        }).toString(),
      });
      const { access_token: token, id_token: idToken = "" } = (jsonIn(answer) ?? {}) as {
        access_token?: string;
        id_token?: string;
      };
      const shut: Finding = {
        problem: `Keycloak does not let pages of ${origin} read the token of ${client.clientId} (CORS)`,
        hop: "browser → Keycloak",
        cause: "the client's web origins lack the portal",
        cure: "Run `pulumi up`, which brings the client's settings back",
      };
      if (answer.text.includes("Invalid origin")) return shut;
      if (token === undefined) {
        return {
          problem: `Keycloak gives ${client.clientId} no token: ${answer.status} ${excerpt(answer.text)}`,
          cause: "the client has become a confidential one, or its settings were changed by hand",
          cure: "Run `pulumi up`, which brings the client's settings back",
        };
      }
      return answer.headers["access-control-allow-origin"] === origin ? { token, idToken } : shut;
    },
  };
}

/** Keycloak's page instead of a form, or the ingress controller's. */
function noForm(page: Page, { clientId, redirectUris }: PublicClient): Finding {
  const down = unavailable(page.url.origin, { status: page.status, text: page.html, headers: {} }, keycloakPart);
  if (down !== undefined) return down;
  const error = page.url.searchParams.get("error_description") ?? page.url.searchParams.get("error");
  const said = error ?? elementText(page.html, /<[^>]*id="kc-error-message"[^>]*>/) ?? excerpt(page.html);
  return {
    problem: `Keycloak shows no login form to the client ${clientId}: ${page.status === 0 ? "" : `${page.status} `}${said}`,
    cause: `the client does not exist, is switched off, or does not list ${redirectUris.join(", ")}`,
    cure: "Run `pulumi up`, which brings the client's settings back, and look at the Job of the realm",
  };
}

function refusedLogin(page: Page, user: string, client: PublicClient): Finding {
  if (page.status === 0 || !page.html.includes("<form")) return noForm(page, client);
  const message = elementText(page.html, /<[^>]*id="input-error[^"]*"[^>]*>/);
  if (message === undefined) {
    const title = elementText(page.html, /<h1[^>]*>/) ?? "another form";
    return {
      problem: `Keycloak asks ${user} for something else first: ${title}`,
      cause: "a first password must be changed, or the profile is not complete",
      cure: "Log in once with a browser, then give the new password",
    };
  }
  return {
    problem: `Keycloak refuses the login of ${user}: ${message}`,
    cause: "the password is wrong, the user does not exist or is switched off, or there were too many attempts",
    cure: "Try it with a browser; look at the user in the realm",
  };
}
