import { namespaces } from "../../../components/names.ts";
import type { Expectations } from "../expectations.ts";
import { failed, type Finding, passed, type Step } from "../step.ts";
import { excerpt, unavailable } from "./unavailable.ts";

const part = { name: "notebooks", namespace: namespaces.notebooks };
const logs = `Look at \`kubectl --namespace ${part.namespace} logs deployment/hub\``;
const again = "Run `pulumi up`: it writes the hub's settings and the realm's client anew";

/** Whether the hub answers, and sends people to where they log in: the realm with the client that is the hub's, or its own page. */
export function notebooksStep({ address, client }: NonNullable<Expectations["notebooks"]>): Step {
  return {
    id: "notebooks",
    title: "notebooks' hub leads to the login",
    hop: "notebooks",
    needs: ["certificate:notebooks"],
    run: async ({ expected, web }) => {
      const login = `${address}/hub/${client === undefined ? "login" : "oauth_login"}`;
      const answer = await web.request(login);
      const down = unavailable(login, answer, part);
      if (down !== undefined) return failed(down);
      if (client === undefined) return answer.status === 200 ? passed("its own page") : failed(strange(login, answer));
      const location = answer.headers["location"];
      if (answer.status !== 302 || location === undefined) return failed(strange(login, answer));
      const wrong = misleads(location, `${expected.access.issuerUrl}/protocol/openid-connect/auth`, client);
      if (wrong !== undefined) return failed(wrong);
      const realm = await web.request(location);
      if (realm.status === 200) return passed("the realm's page");
      return failed({
        problem: `the realm answers the hub's login with ${realm.status}: ${excerpt(realm.text)}`,
        hop: "Keycloak",
        cause: `the realm's client ${client.clientId} is not that of the stack: another callback, or it was deleted`,
        cure: again,
      });
    },
  };
}

/** What is wrong about where the hub sends people; undefined when nothing is. */
function misleads(
  location: string,
  endpoint: string,
  client: NonNullable<NonNullable<Expectations["notebooks"]>["client"]>,
): Finding | undefined {
  const found = new URL(location);
  const wanted = { client_id: client.clientId, redirect_uri: client.redirectUri, code_challenge_method: "S256" };
  const differing = Object.entries(wanted)
    .filter(([name, value]) => found.searchParams.get(name) !== value)
    .map(([name, value]) => `${name} is ${found.searchParams.get(name) ?? "absent"} instead of ${value}`);
  const elsewhere = `${found.origin}${found.pathname}`;
  if (elsewhere !== endpoint) differing.push(`the address is ${elsewhere} instead of ${endpoint}`);
  if (differing.length === 0) return undefined;
  const problem = `the hub sends people to a wrong login: ${differing.join("; ")}`;
  return { problem, cause: "the stack file was changed without `pulumi up`", cure: again };
}

function strange(address: string, { status, text }: { readonly status: number; readonly text: string }): Finding {
  return {
    problem: `${address} answers ${status}: ${excerpt(text)}`,
    cause: "the hub has other settings than the stack file, or cannot reach its database",
    cure: logs,
  };
}
