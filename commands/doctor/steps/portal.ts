import type { ObjectStore } from "../../../components/contracts.ts";
import { namespaces } from "../../../components/names.ts";
import { apiPath } from "../../../components/portal/environment.ts";
import type { Expectations } from "../expectations.ts";
import { type Context, fact, failed, passed, type Step } from "../step.ts";
import { differences } from "./differences.ts";
import { excerpt, jsonIn, unavailable } from "./unavailable.ts";

const part = { name: "portal", namespace: namespaces.portal };
const logs = `Look at \`kubectl --namespace ${namespaces.portal} logs deployment/onyxia-api\``;

function apiAddress({ expected }: Context, path: string): string {
  return `${expected.addresses.portal}${apiPath}${path}`;
}

export const pagesStep: Step = {
  id: "portal",
  title: "portal's pages",
  hop: "portal's web application",
  needs: ["certificate:portal"],
  run: async ({ expected, web }) => {
    const address = `${expected.addresses.portal}/`;
    const answer = await web.request(address);
    const down = unavailable(address, answer, part);
    if (down !== undefined) return failed(down);
    if (answer.status === 200 && answer.headers["content-type"]?.includes("html") === true) return passed();
    return failed({
      problem: `${address} answers ${answer.status} ${answer.headers["content-type"] ?? ""}: ${excerpt(answer.text)}`,
      cause: "another server answers for the portal's host",
      cure: `Look at \`kubectl --namespace ${namespaces.portal} get ingresses,pods\``,
    });
  },
};

/** What the API tells browsers, beside what the stack declares. */
export const configurationStep: Step = {
  id: "portal-configuration",
  title: "portal's configuration is that of the stack",
  hop: "portal's API",
  needs: ["certificate:portal"],
  run: async (context) => {
    const address = apiAddress(context, "/public/configuration");
    const answer = await context.web.request(address);
    const down = unavailable(address, answer, part);
    if (down !== undefined) return failed(down);
    const configuration = jsonIn(answer) as Configuration | undefined;
    if (answer.status !== 200 || configuration === undefined) {
      return failed({
        problem: `${address} answers ${answer.status}: ${excerpt(answer.text)}`,
        cause: "the API has not started: it ends when it cannot reach, trust or recognise the realm",
        cure: logs,
      });
    }
    const objectStore = storeIn(configuration);
    const found = configurationDifferences(context.expected, configuration);
    if (found.length === 0) {
      if (objectStore !== undefined) return passed(undefined, { objectStore });
      found.push("regions[0].data.S3 names no store, or not the role that a login takes on");
    }
    return failed({
      problem: `The portal runs with another configuration: ${found.slice(0, 3).join("; ")}${found.length > 3 ? `; and ${found.length - 3} more` : ""}`,
      cause: "the stack file was changed without `pulumi up`, or its pods still run with the configuration before",
      cure: `Run \`pulumi up\`, then \`kubectl --namespace ${namespaces.portal} rollout status deployment/onyxia-api\``,
    });
  },
};

interface Configuration {
  /** Those of an earlier version may lack any part. */
  readonly regions?: readonly { readonly data?: { readonly S3?: Partial<PortalStore> } }[];
  readonly oidcConfiguration?: { readonly issuerURI?: string; readonly clientID?: string };
}

type PortalStore = Expectations["region"]["data"]["S3"];

function configurationDifferences(
  { access, objectStore, region }: Expectations,
  { regions, oidcConfiguration }: Configuration,
): string[] {
  const { services, data, ...rest } = region;
  const { bookmarks } = data.S3;
  // The API knows the type and does not return it.
  const returned = Object.entries(services).filter(([key]) => key !== "type");
  const expected = {
    ...rest,
    services: Object.fromEntries(returned),
    data: { S3: objectStore === undefined ? { bookmarks } : data.S3 },
  };
  const oidc = { issuerURI: access.issuerUrl, clientID: access.portal.clientId };
  return differences({ regions: [expected], oidcConfiguration: oidc }, { regions, oidcConfiguration });
}

function storeIn({ regions }: Configuration): ObjectStore | undefined {
  const { URL: endpoint, region, pathStyleAccess = false, sts } = regions?.[0]?.data?.S3 ?? {};
  const role = sts?.role;
  if (endpoint === undefined || region === undefined || sts === undefined || role === undefined) return undefined;
  const { roleARN: roleArn, roleSessionName } = role;
  const { URL: url, durationSeconds } = sts;
  return { endpoint, region, pathStyleAccess, sts: { url, durationSeconds, roleArn, roleSessionName } };
}

/** Whether the API has loaded a catalogue. If not, the repository itself is asked, to tell the two hops apart. */
export function catalogueStep({ id, location }: Expectations["catalogs"][number]): Step {
  return {
    id: `catalogue:${id}`,
    title: `catalogue ${id}`,
    hop: "portal's API → catalogue",
    needs: ["portal-configuration"],
    run: async (context) => {
      const address = apiAddress(context, "/public/catalogs");
      const answer = await context.web.request(address);
      const { catalogs } = (jsonIn(answer) ?? {}) as { catalogs?: readonly Catalogue[] };
      if (catalogs === undefined) {
        return failed({
          problem: `${address} answers ${answer.status}`,
          cause: "the API is ill",
          cure: logs,
          hop: "portal's API",
        });
      }
      const charts = Object.keys(
        catalogs.find((catalogue) => catalogue.id === id)?.catalog?.latestPackages ?? {},
      ).length;
      if (charts > 0) return passed(`${charts} charts`);
      const seen = await repositoryState(context, location);
      return failed({
        problem: `The portal has no chart of catalogue ${id} at ${location}, where this machine sees ${seen.text}`,
        ...(seen.reachable
          ? { cause: "the API's pods cannot reach, resolve or trust that host", cure: logs }
          : {
              hop: "catalogue",
              cause: "the repository itself is down or its address is wrong",
              cure: "Correct the address in datalab:portal.catalogs, or wait for the repository",
            }),
      });
    },
  };
}

interface Catalogue {
  readonly id: string;
  /** Charts by name. @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/src/core/adapters/onyxiaApi/ApiTypes.ts */
  readonly catalog?: { readonly latestPackages?: Readonly<Record<string, unknown>> } | null;
}

async function repositoryState({ web }: Context, location: string): Promise<{ reachable: boolean; text: string }> {
  // An address inside the cluster means nothing here.
  if (location.startsWith("http://")) return { reachable: true, text: "nothing, as it is inside the cluster" };
  try {
    const { status, text } = await web.request(`${location}/index.yaml`);
    return status === 200 && text.includes("entries:")
      ? { reachable: true, text: "an index" }
      : { reachable: false, text: `answer ${status}` };
  } catch (error) {
    return { reachable: false, text: (error as Error).message };
  }
}

/** Whether the API accepts the user's token, and finds the user's own project. Reads only. */
export const portalLoginStep: Step = {
  id: "portal-login",
  title: "portal accepts the user's token",
  hop: "portal's API → Keycloak",
  needs: ["portal-configuration", "token"],
  run: async (context) => {
    const address = apiAddress(context, "/user/info");
    const answer = await context.web.request(address, {
      headers: { authorization: `Bearer ${fact(context, "portalToken")}` },
    });
    if (answer.status !== 200) {
      return failed({
        problem: `${address} answers ${answer.status} to a fresh token: ${excerpt(answer.text)}`,
        cause: "the API expects another issuer or audience, or cannot reach or trust the realm's keys",
        cure: logs,
      });
    }
    const { access } = context.expected;
    const namespace = `${access.namespacePrefix}${context.options.user ?? ""}`;
    const { projects = [] } = (jsonIn(answer) ?? {}) as { projects?: { namespace?: string }[] };
    if (projects.some((project) => project.namespace === namespace)) return passed(namespace);
    return failed({
      problem: `The portal knows the user, but no project with the namespace ${namespace}`,
      cause: `the username does not match ${access.username.pattern}, or the namespaces' prefix differs`,
      cure: "Give the user another name, and compare the portal's configuration",
    });
  },
};
