/** The endpoints below `/my-lab`: services, quota and events of a project. */
import type { Readable } from "node:stream";

import { bodyOf, type Call, Failure, type Reply } from "./answers.ts";
import { type Launcher, launch, type Place, suspendOrResume, uninstall } from "./launches.ts";
import { createWorkspace, quotaName, workspaceOf } from "./onboarding.ts";
import { changeRecord } from "./onyxia-secret.ts";
import type { Region } from "./region.ts";
import { resolvedSchema } from "./schema-resolution.ts";
import { serviceCalled, servicesIn } from "./services.ts";
import type { Project, User } from "./users.ts";

/** A call that names a project. */
export interface LabCall {
  readonly call: Call;
  readonly region: Region;
  readonly user: User;
  readonly project: Project;
}

type Endpoint = (launcher: Launcher, lab: LabCall) => Promise<Reply>;

const endpoints: Readonly<Record<string, Endpoint>> = {
  "GET /my-lab/services": async (launcher, { project, user }) => {
    const services = await servicesIn(launcher, project.namespace);
    const own = (owner: string | undefined) => owner?.toLowerCase() === user.idep?.toLowerCase();
    // Others' services in a group's namespace show only if they are shared.
    const apps = services.filter(({ share, owner }) => project.group === undefined || share || own(owner));
    return { status: 200, json: { apps, groups: [] } };
  },
  "GET /my-lab/app": async (launcher, lab) => {
    const { namespace } = await place(launcher, lab);
    return { status: 200, json: await serviceCalled(launcher, namespace, parameter(lab.call, "serviceId")) };
  },
  "PUT /my-lab/app": async (launcher, lab) => {
    const request = bodyOf(lab.call);
    return { status: 200, json: await launch(launcher, await place(launcher, lab), request) };
  },
  "DELETE /my-lab/app": async (launcher, lab) => {
    const where = await place(launcher, lab);
    const bulk = lab.call.query.get("bulk") === "true";
    const path = bulk ? undefined : parameter(lab.call, "path");
    return { status: 200, json: { path: path ?? null, success: await uninstall(launcher, where, path) } };
  },
  "POST /my-lab/app/suspend": (launcher, lab) => switched(launcher, lab, true),
  "POST /my-lab/app/resume": (launcher, lab) => switched(launcher, lab, false),
  "POST /my-lab/app/rename": (launcher, lab) =>
    recorded(launcher, lab, { friendlyName: String(bodyOf(lab.call)["friendlyName"]) }),
  "POST /my-lab/app/share": (launcher, lab) =>
    recorded(launcher, lab, { share: String(bodyOf(lab.call)["share"] === true) }),
  "GET /my-lab/app/logs": async (launcher, lab) => {
    const { namespace } = await place(launcher, lab);
    const pod = encodeURIComponent(parameter(lab.call, "taskId"));
    const text = await launcher.kubernetes.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log`);
    return { status: 200, headers: { "content-type": "text/plain;charset=UTF-8" }, text };
  },
  "GET /my-lab/quota": async (launcher, lab) => {
    const { namespace } = await place(launcher, lab);
    const quota = await launcher.kubernetes.get(`/api/v1/namespaces/${namespace}/resourcequotas/${quotaName}`);
    const { hard, used } = (quota?.["status"] ?? {}) as { hard?: object; used?: object };
    return { status: 200, json: { spec: hard ?? {}, usage: used ?? {} } };
  },
  "GET /my-lab/events": async (launcher, lab) => {
    const { namespace } = await place(launcher, lab);
    const events: Readable = await launcher.kubernetes.watch(`/api/v1/namespaces/${namespace}/events?watch=true`);
    return { status: 200, events };
  },
};

/** Undefined when the call is for none of them. */
export function labEndpoint(call: Call): Endpoint | undefined {
  return endpoints[`${call.method} ${call.path}`];
}

const schemaPath = /^\/my-lab\/schemas\/([^/]+)\/charts\/([^/]+)\/versions\/([^/]+)$/;
const chartPath = /^\/my-lab\/catalogs\/([^/]+)\/charts\/([^/]+)$/;

/** Versions of a chart, or the schema of one with the overrides put in. */
export function chartReply(
  { catalogs, schemas }: Pick<Launcher, "catalogs" | "schemas">,
  call: Call,
): Reply | undefined {
  const [, catalog, name] = chartPath.exec(call.path) ?? [];
  const chart = catalogs.charts(catalog ?? "").find((each) => each.name === name);
  if (chart !== undefined) return { status: 200, json: chart.releases.map((release) => ({ name, ...release })) };
  const [, id = "", chartName = "", version = ""] = schemaPath.exec(call.path) ?? [];
  const wanted = catalogs.package(id, chartName, version);
  if (wanted === undefined) return undefined;
  // A chart without a schema: an answer without a body, which the page reads as an empty form.
  return wanted.schema === undefined ? { status: 200 } : { status: 200, json: resolvedSchema(wanted.schema, schemas) };
}

/** The namespace, which is made if it is not there: by most calls that name a project. */
async function place({ kubernetes }: Launcher, { region, user, project }: LabCall): Promise<Place> {
  const { namespace } = project;
  if ((await kubernetes.get(`/api/v1/namespaces/${namespace}`)) === undefined) {
    if (!region.services.allowNamespaceCreation) throw new Failure(404, "there is no such namespace");
    await createWorkspace(kubernetes, workspaceOf(region, user, project, Date.now()));
  }
  return { namespace, username: user.idep ?? "" };
}

async function switched(launcher: Launcher, lab: LabCall, suspend: boolean): Promise<Reply> {
  await suspendOrResume(launcher, await place(launcher, lab), String(bodyOf(lab.call)["serviceID"]), suspend);
  return { status: 200 };
}

async function recorded(launcher: Launcher, lab: LabCall, change: Parameters<typeof changeRecord>[3]): Promise<Reply> {
  const { namespace } = await place(launcher, lab);
  await changeRecord(launcher.kubernetes, namespace, String(bodyOf(lab.call)["serviceID"]), change);
  return { status: 200 };
}

function parameter({ query }: Call, name: string): string {
  const value = query.get(name);
  if (value === null) throw new Failure(400, `Required parameter '${name}' is not present.`);
  return value;
}
