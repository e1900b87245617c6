import type { PublicClient } from "../../../components/access/access-model.ts";
import { claimScopes } from "../../../components/identity/claims.ts";
import { type Context, fact, failed, type Finding, passed, type Step } from "../step.ts";

/** What the portal reads in the token. */
export const tokenStep: Step = {
  id: "token",
  title: "token of the portal's client",
  hop: "Keycloak",
  needs: ["login"],
  run: (context) => {
    const { portal, claims } = context.expected.access;
    const token = claimsOf(fact(context, "portalToken"));
    const finding =
      common(context, token, portal) ??
      scopes(context, token, portal) ??
      listClaim(token, claims.groups, portal) ??
      listClaim(token, claims.projects, portal) ??
      listClaim(token, claims.roles, portal);
    return Promise.resolve(finding === undefined ? passed(listed(token[claims.projects])) : failed(finding));
  },
};

/** What the object store reads in the token. */
export const storageTokenStep: Step = {
  id: "storage-token",
  title: "token of the object store's client",
  hop: "Keycloak",
  needs: ["storage-login"],
  run: (context) => {
    const { objectStore } = context.expected.access;
    const token = claimsOf(fact(context, "storageToken"));
    const finding = common(context, token, objectStore) ?? policy(token, objectStore) ?? sessionTag(context, token);
    return Promise.resolve(finding === undefined ? passed() : failed(finding));
  },
};

type Claims = Readonly<Record<string, unknown>>;

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
}

function common({ expected: { access }, options }: Context, token: Claims, client: PublicClient): Finding | undefined {
  if (token["iss"] !== access.issuerUrl) {
    return wrong(
      client,
      `is issued by ${text(token["iss"])}, not by ${access.issuerUrl}`,
      "Keycloak was given another address",
    );
  }
  if (![token["aud"]].flat().includes(client.audience)) {
    return wrong(
      client,
      `is meant for ${text(token["aud"])}, not for ${client.audience}`,
      "the client's audience mapper is missing",
    );
  }
  const username = token[access.claims.username];
  if (username === options.user) return undefined;
  return wrong(
    client,
    `names ${text(username)} in ${access.claims.username}, not ${options.user ?? ""}`,
    "the client lacks Keycloak's scope `profile`",
  );
}

/** Without the scope a claim is missing for everybody; without a group it is missing for who has none. */
function scopes({ expected: { access } }: Context, token: Claims, client: PublicClient): Finding | undefined {
  const granted = text(token["scope"]).split(" ");
  const missing = claimScopes(access).find(({ name }) => !granted.includes(name));
  if (missing === undefined) return undefined;
  return wrong(client, `lacks the scope ${missing.name}`, `the client does not have it: ${missing.description}`);
}

function listClaim(token: Claims, claim: string, client: PublicClient): Finding | undefined {
  const value = token[claim];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    return wrong(client, `has ${text(value)} in ${claim}, not a list`, "the claim's mapper was changed");
  }
  const withPath = value.find((entry) => String(entry).includes("/")) as unknown;
  if (withPath === undefined) return undefined;
  const cause = "the claim's mapper was changed: what has a path is no name";
  return wrong(client, `names ${text(withPath)} in ${claim}`, cause);
}

function policy(token: Claims, client: Context["expected"]["access"]["objectStore"]): Finding | undefined {
  const value = token[client.policyClaim];
  if (value === client.policyName) return undefined;
  return wrong(
    client,
    `has ${text(value)} in ${client.policyClaim}, not ${client.policyName}`,
    "the client's policy mapper is missing or was changed",
  );
}

/** AWS reads the name there, as a list. */
function sessionTag({ expected: { access }, options }: Context, token: Claims): Finding | undefined {
  const { objectStore } = access;
  if (objectStore.sessionTags === undefined) return undefined;
  const { claim, username } = objectStore.sessionTags;
  const { principal_tags: tags } = (token[claim] ?? {}) as { principal_tags?: Record<string, unknown> };
  const value = tags?.[username];
  if (JSON.stringify(value) === JSON.stringify([options.user])) return undefined;
  const cause = "the client's mapper of session tags is missing or was changed";
  return wrong(
    objectStore,
    `tags the session with ${text(value)} as ${username}, not with ${options.user ?? ""}`,
    cause,
  );
}

function wrong({ clientId }: PublicClient, what: string, cause: string): Finding {
  return {
    problem: `The token of ${clientId} ${what}`,
    cause,
    cure: "Run `pulumi up`, which brings the realm's settings back, and look at the Job of the realm",
  };
}

function text(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function listed(value: unknown): string | undefined {
  return Array.isArray(value) && value.length > 0 ? `projects: ${value.join(", ")}` : undefined;
}
