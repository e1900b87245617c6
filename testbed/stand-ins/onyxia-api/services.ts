/** Running services, as the portal shows them: helm's releases with Onyxia's record and the pods. */
import { isObject, type Json } from "./fields.ts";
import { describeCommand, findCommand, listCommand } from "./helm-commands.ts";
import type { Helm } from "./helm.ts";
import { controllersOf, type HealthCheck, tasksOf, type Task } from "./health.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { readRecord } from "./onyxia-secret.ts";
import { readReleaseInfo, type ReleaseInfo } from "./release-info.ts";

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  /** helm's word, such as `deployed`. */
  readonly status: string;
  /** Chart and version. */
  readonly chart: string;
  readonly urls: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly suspendable: boolean;
  readonly suspended: boolean;
  readonly catalogId: string | undefined;
  readonly owner: string | undefined;
  readonly friendlyName: string | undefined;
  readonly share: boolean;
  readonly tasks: readonly Task[];
  readonly controllers: readonly HealthCheck[];
  readonly [more: string]: unknown;
}

export interface Sources {
  readonly helm: Helm;
  readonly kubernetes: Kubernetes;
}

interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  readonly updated: string;
  readonly status: string;
  readonly chart: string;
  readonly app_version: string;
}

/** The services of a namespace. None when helm fails: for the portal, everything seems gone then. */
export async function servicesIn(sources: Sources, namespace: string): Promise<Service[]> {
  let releases: readonly Release[];
  try {
    releases = (await sources.helm.json(listCommand(namespace))) as readonly Release[];
  } catch {
    return [];
  }
  return Promise.all(releases.map((release) => serviceOf(sources, release)));
}

/** @throws Error unless there is exactly one */
export async function serviceCalled(sources: Sources, namespace: string, name: string): Promise<Service> {
  const id = name.replace(/^\//, "");
  const releases = (await sources.helm.json(findCommand(id, namespace))) as readonly Release[];
  const [release] = releases;
  if (release === undefined || releases.length > 1) throw new Error(`${releases.length} services are called ${id}`);
  return serviceOf(sources, release);
}

async function serviceOf({ helm, kubernetes }: Sources, release: Release): Promise<Service> {
  const { name, namespace, revision, updated, status, chart } = release;
  const info = readReleaseInfo((await helm.run(describeCommand(name, namespace))).output);
  const record = await readRecord(kubernetes, namespace, name);
  const suspend = info.values["global.suspend"];
  return {
    id: name,
    name,
    namespace,
    revision,
    updated,
    startedAt: Date.parse(`${updated.slice(0, 19).replace(" ", "T")}Z`) || 0,
    status,
    chart,
    subtitle: chart,
    appVersion: release.app_version,
    instances: 1,
    urls: urlsOf(info),
    env: info.values,
    suspendable: suspend !== undefined,
    suspended: suspend === "true",
    catalogId: record.catalog,
    owner: record.owner,
    friendlyName: record.friendlyName,
    share: record.share === "true",
    postInstallInstructions: info.notes,
    tasks: await tasksOf(kubernetes, namespace, name),
    controllers: await controllersOf(kubernetes, namespace, info.objects),
  };
}

function urlsOf({ objects }: ReleaseInfo): string[] {
  const parts = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
  const inner = (object: Json, key: string): Json => (isObject(object[key]) ? object[key] : {});
  return objects
    .filter(({ kind }) => kind === "Ingress")
    .flatMap((ingress) => parts(inner(ingress, "spec")["rules"]))
    .flatMap((rule) =>
      parts(inner(rule, "http")["paths"]).map(({ path }) => `https://${String(rule["host"])}${String(path)}`),
    );
}
