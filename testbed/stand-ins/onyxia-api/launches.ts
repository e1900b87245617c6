/** Launches services with helm, changes them and takes them away. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Failure } from "./answers.ts";
import type { CatalogLoader, Package } from "./catalog-loader.ts";
import { isObject, type Json } from "./fields.ts";
import { InvalidArgument, listCommand, uninstallCommand, upgradeCommand } from "./helm-commands.ts";
import type { Helm } from "./helm.ts";
import type { Kubernetes } from "./kubernetes.ts";
import { createRecord } from "./onyxia-secret.ts";
import { objectsOf } from "./release-info.ts";
import { resolvedSchema } from "./schema-resolution.ts";
import { violations } from "./schema-validation.ts";
import { type Service, serviceCalled } from "./services.ts";

/** What a launch needs of the API. */
export interface Launcher {
  readonly helm: Helm;
  readonly kubernetes: Kubernetes;
  readonly catalogs: CatalogLoader;
  readonly schemas: ReadonlyMap<string, unknown>;
}

/** Who launches, and where to. */
export interface Place {
  readonly namespace: string;
  readonly username: string;
}

/** Launches a service, and returns the objects that helm made. @throws Failure for values that the schema refuses */
export async function launch(launcher: Launcher, { namespace, username }: Place, request: Json): Promise<Json[][]> {
  const text = (key: string) => (typeof request[key] === "string" ? request[key] : undefined);
  const catalogId = text("catalogId") ?? "internal";
  const wanted = launcher.catalogs.package(catalogId, text("packageName") ?? "", text("packageVersion") ?? "");
  if (wanted === undefined) throw new Failure(404, "there is no such package");
  const options = request["options"];
  if (!isObject(options)) throw new Error("the launch has no options");
  check(options, wanted, launcher.schemas);

  const name = text("name");
  const folder = mkdtempSync(join(tmpdir(), "values"));
  const values = join(folder, "values.yaml");
  // JSON is YAML.
  writeFileSync(values, JSON.stringify(options));
  try {
    const command = upgradeCommand({
      name,
      chart: `${catalogId}/${wanted.name}`,
      namespace,
      version: wanted.version,
      values,
      dryRun: request["dryRun"] === true,
      ...repositoryOf(launcher, wanted),
    });
    const manifest = manifestOf(await launcher.helm.json(command));
    const friendlyName = text("friendlyName");
    await createRecord(launcher.kubernetes, namespace, name ?? "", {
      catalog: catalogId,
      owner: username,
      ...(friendlyName === undefined ? {} : { friendlyName }),
      share: String(request["share"] === true),
    });
    return [objectsOf(manifest)];
  } catch (error) {
    if (error instanceof InvalidArgument) throw new Failure(403, "Access denied");
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function check(options: Json, { schema }: Package, overrides: ReadonlyMap<string, unknown>): void {
  if (schema === undefined) return;
  const errors = violations(options, resolvedSchema(schema, overrides));
  if (errors.length > 0) throw new Failure(400, "Validation failed", { title: "Validation failed", errors });
}

/** Stops a service, or lets it go on: the chart reads it from `global.suspend`. */
export async function suspendOrResume(
  launcher: Launcher,
  { namespace }: Place,
  name: string,
  suspend: boolean,
): Promise<void> {
  const service = await serviceCalled(launcher, namespace, name);
  if (!service.suspendable) throw new Failure(400, "the service cannot be suspended");
  const split = service.chart.lastIndexOf("-");
  const chart = service.chart.slice(0, split);
  const catalog = launcher.catalogs.catalog(service.catalogId ?? onlyCatalogWith(launcher.catalogs, chart));
  if (catalog === undefined) throw new Error(`Catalog ${String(service.catalogId)} is not available anymore`);
  const command = upgradeCommand({
    name,
    chart: `${catalog.id}/${chart}`,
    namespace,
    version: service.chart.slice(split + 1),
    set: { "global.suspend": String(suspend) },
    reuseValues: true,
    ...repositoryOf(launcher, { catalog }),
  });
  await launcher.helm.json(command);
}

/** For services without Onyxia's record: old ones, or those whose record has gone. */
function onlyCatalogWith(catalogs: CatalogLoader, chart: string): string {
  const [id, ...others] = catalogs.ids().filter((each) => catalogs.charts(each).some(({ name }) => name === chart));
  if (id === undefined) throw new Failure(404, "no catalogue has the chart");
  if (others.length > 0) throw new Error("Chart is present in multiple catalogs, abort");
  return id;
}

/** Takes a service away, or all of them. Whether helm succeeded. */
export async function uninstall({ helm }: Launcher, { namespace }: Place, name: string | undefined): Promise<boolean> {
  const names =
    name === undefined
      ? ((await helm.json(listCommand(namespace))) as readonly Pick<Service, "name">[]).map((release) => release.name)
      : [name.replace(/^\//, "")];
  let success = true;
  for (const each of names) {
    const { code } = await helm.run(uninstallCommand(each, namespace));
    success = code === 0;
  }
  return success;
}

function repositoryOf({ catalogs }: Launcher, { catalog }: Pick<Package, "catalog">) {
  return { timeout: catalog.timeout, caFile: catalogs.caFile(catalog) };
}

function manifestOf(release: unknown): string {
  const manifest = isObject(release) ? release["manifest"] : undefined;
  if (typeof manifest !== "string") throw new Error("helm named no manifest");
  return manifest;
}
