import { namespaces } from "../../../components/names.ts";
import { type Context, failed, passed, type Step } from "../step.ts";
import { excerpt, jsonIn, unavailable } from "./unavailable.ts";

export const keycloakPart = { name: "Keycloak", namespace: namespaces.identity };

/** The realm's own description of itself, which every other part reads at its start. */
export const discoveryStep: Step = {
  id: "discovery",
  title: "realm's discovery document and issuer",
  hop: "Keycloak",
  needs: ["certificate:identity"],
  run: async (context) => {
    const { issuerUrl } = context.expected.access;
    const address = `${issuerUrl}/.well-known/openid-configuration`;
    const answer = await context.web.request(address);
    const down = unavailable(address, answer, keycloakPart);
    if (down !== undefined) return failed(down);
    const document = jsonIn(answer) as Discovery | undefined;
    if (answer.status !== 200 || document === undefined) {
      return failed({
        problem: `${address} answers ${answer.status}: ${excerpt(answer.text)}`,
        cause: "the realm does not exist",
        cure: `Look at the Job of the realm: \`kubectl --namespace ${namespaces.identity} get jobs,pods\``,
      });
    }
    if (document.issuer !== issuerUrl) {
      return failed({
        problem: `The realm calls itself ${document.issuer ?? "nothing"}, but all parts expect ${issuerUrl}`,
        cause:
          "Keycloak was given another address (KC_HOSTNAME, or the realm's frontend URL), or the domain has changed",
        cure: "Run `pulumi up`, and remove a frontend URL that somebody has set in the realm; the two must be equal, letter by letter",
      });
    }
    return keys(context, document);
  },
};

interface Discovery {
  readonly issuer?: string;
  readonly jwks_uri?: string;
}

async function keys({ web }: Context, { jwks_uri: address }: Discovery) {
  const answer = await web.request(address ?? "");
  const { keys: all = [] } = (jsonIn(answer) ?? {}) as { keys?: { alg?: string; use?: string }[] };
  // The object store verifies these alone.
  const usable = all.filter(({ alg = "", use }) => use === "sig" && ["RS256", "ES256"].includes(alg));
  if (usable.length > 0) return passed();
  return failed({
    problem: `The realm hands out no key for RS256 or ES256: ${address ?? "no address"} answers ${answer.status}`,
    cause: "the realm's key providers were changed",
    cure: "Add an RS256 key in the realm's settings",
  });
}
