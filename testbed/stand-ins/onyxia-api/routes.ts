/** What the API answers; testbed/docs/stand-ins.md lists it beside the real one. */
import { bodyOf, type Call, Failure, failure, type Reply } from "./answers.ts";
import type { CatalogLoader } from "./catalog-loader.ts";
import type { Helm } from "./helm.ts";
import type { Issuer } from "./issuer.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { chartReply, labEndpoint } from "./lab.ts";
import { createWorkspace, workspaceOf } from "./onboarding.ts";
import type { Properties } from "./properties.ts";
import type { Region } from "./region.ts";
import { InvalidToken, verifiedClaims } from "./tokens.ts";
import { type Project, projectsOf, type User, userOf, visitor } from "./users.ts";

/** What the API has found out when it starts. */
export interface Application {
  readonly properties: Properties;
  readonly regions: readonly [Region, ...Region[]];
  /** Undefined without login. */
  readonly issuer: Issuer | undefined;
  readonly catalogs: CatalogLoader;
  readonly schemas: ReadonlyMap<string, unknown>;
  readonly helm: Helm;
  readonly kubernetes: Kubernetes | undefined;
}

export async function reply(application: Application, call: Call): Promise<Reply> {
  const open = openReply(application, call);
  if (open !== undefined) return open;
  try {
    return await userReply(application, call, await authenticate(application, call));
  } catch (error) {
    if (error instanceof Failure) return failure(error);
    if (!(error instanceof InvalidToken)) throw error;
    const reason = error.message === "" ? "" : ` error="invalid_token", error_description="${error.message}"`;
    return { status: 401, headers: { "www-authenticate": `Bearer${reason}` } };
  }
}

/** What needs no token. */
function openReply({ properties, regions, catalogs, schemas }: Application, call: Call): Reply | undefined {
  if (call.method !== "GET") return undefined;
  const { issuerUri, clientId, scope, extraQueryParams, audience } = properties.oidc;
  switch (call.path) {
    case "/actuator/health":
      return { status: 200, json: { status: "UP" } };
    case "/public/healthcheck":
      return { status: catalogs.ready ? 200 : 500 };
    case "/public/ip":
      return { status: 200, json: { ip: addressOf(call) } };
    case "/public/regions":
      return { status: 200, json: { regions: regions.map(({ published }) => published) } };
    case "/public/catalogs":
      return { status: 200, json: { catalogs: catalogs.published() } };
    case "/public/configuration":
      return {
        status: 200,
        json: {
          build: { version: "stand-in", timestamp: 0 },
          regions: regions.map(({ published }) => published),
          ...(properties.authentication === "none"
            ? {}
            : { oidcConfiguration: { issuerURI: issuerUri, clientID: clientId, scope, extraQueryParams, audience } }),
        },
      };
  }
  if (!call.path.startsWith("/public/")) return undefined;
  const schema = schemas.get(decodeURIComponent(call.path.replace("/public/schemas/", "")));
  return schema === undefined ? failure(new Failure(404, "no such page or schema")) : { status: 200, json: schema };
}

/** The real one believes this header too: the ingress controller sets it. */
function addressOf({ headers, address }: Call): string {
  return headers["x-forwarded-for"]?.split(",")[0]?.trim() ?? address;
}

async function authenticate({ properties, issuer }: Application, call: Call): Promise<User> {
  if (issuer === undefined) return visitor;
  const token = /^Bearer ([^\s]+)$/i.exec(call.headers["authorization"] ?? "")?.[1];
  if (token === undefined) throw new InvalidToken("");
  return userOf(await verifiedClaims(token, issuer, properties.oidc.audience), properties.oidc);
}

async function userReply(application: Application, call: Call, user: User): Promise<Reply> {
  const region = regionOf(application, call);
  const projects = projectsOf(user, region);
  switch (`${call.method} ${call.path}`) {
    case "GET /user/info": {
      const { email, idep, nomComplet, groups, roles } = user;
      return { status: 200, json: { email, idep, nomComplet, ip: addressOf(call), groups, roles, projects } };
    }
    case "GET /profile/schema":
      return { status: 200, json: "" };
    case "GET /my-lab/catalogs":
      return { status: 200, json: { catalogs: application.catalogs.published() } };
    case "POST /onboarding":
      return onboard(application, region, user, requested(projects, call));
  }
  const endpoint = labEndpoint(call);
  if (endpoint !== undefined) {
    const project = chosen(projects, call);
    const launcher = { ...application, kubernetes: present(application.kubernetes) };
    return endpoint(launcher, { call, region, user, project });
  }
  const chart = call.method === "GET" ? chartReply(application, call) : undefined;
  if (chart !== undefined) return chart;
  throw new Failure(404, "no such page");
}

function regionOf({ regions }: Application, call: Call): Region {
  const wanted = call.headers["onyxia-region"];
  if (wanted === undefined) return regions[0];
  const region = regions.find(({ id }) => id === wanted);
  if (region === undefined) throw new Failure(404, `there is no region ${wanted}`);
  return region;
}

/** The project of the header, or the first one. */
function chosen(projects: readonly Project[], call: Call): Project {
  const wanted = call.headers["onyxia-project"];
  const [first] = projects;
  if (first === undefined) throw new Failure(500, "the user has no project: the username is no valid part of a name");
  const project = wanted === undefined ? first : projects.find(({ id }) => id === wanted);
  if (project === undefined) throw new Failure(403, `the user has no project ${String(wanted)}`);
  return project;
}

/** The project that the onboarding is asked for. */
function requested(projects: readonly Project[], call: Call): Project {
  const group = bodyOf(call)["group"] ?? undefined;
  const project = projects.find((one) => one.group === group);
  if (project !== undefined) return project;
  if (group !== undefined) throw new Failure(403, `User does not belong to group ${JSON.stringify(group)}`);
  throw new Failure(500, "the user has no personal project: the username is no valid part of a name");
}

async function onboard({ kubernetes }: Application, region: Region, user: User, project: Project): Promise<Reply> {
  if (!region.services.allowNamespaceCreation) throw new Failure(400, "Onboarding is disabled");
  await createWorkspace(present(kubernetes), workspaceOf(region, user, project, Date.now()));
  return { status: 200 };
}

function present(kubernetes: Kubernetes | undefined): Kubernetes {
  if (kubernetes === undefined) throw new Error("the Kubernetes API was not found");
  return kubernetes;
}
