/** A stand-in for Onyxia's API: what it does and what it does not is told in testbed/docs/stand-ins.md. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { CatalogLoader } from "./catalog-loader.ts";
import { readCatalogs } from "./catalogs.ts";
import { Helm } from "./helm.ts";
import { discover } from "./issuer.ts";
import { Kubernetes } from "./kubernetes.ts";
import { readProperties } from "./properties.ts";
import { Refusal } from "./refusal.ts";
import { readRegions } from "./region.ts";
import { readSchemas } from "./schemas.ts";
import { apiServer } from "./server.ts";
import { certificatesFolder, importFolder, trustedByJava } from "./trust.ts";

const log = (line: string): void => {
  console.log(line);
};

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));

try {
  await start(process.env);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(`onyxia-api does not start: ${error.message}`);
  process.exit(1);
}

/** In the order of the real one: trust, configuration, realm, server, catalogues. */
async function start(environment: NodeJS.ProcessEnv): Promise<void> {
  importFolder(environment, log);
  const properties = readProperties(environment);
  const regions = readRegions(properties.regions, properties.authentication === "openidconnect");
  const catalogs = readCatalogs(properties.catalogs);
  const schemas = readSchemas(properties.schemaFolder);
  const trusted = trustedByJava(environment);
  cacheFolder(join(environment["TMPDIR"] ?? "/tmp", "http_cache"));
  const helm = new Helm(environment, log);
  await requireHelm(helm);
  const loader = new CatalogLoader({ catalogs, helm, trusted, caFolder: certificatesFolder(environment), log });
  const issuer = properties.authentication === "none" ? undefined : await discover(properties.oidc.issuerUri, trusted);
  const kubernetes = Kubernetes.find(environment);
  if (kubernetes === undefined) log("kubernetes: neither a ServiceAccount nor a kubeconfig was found");
  const server = apiServer({ properties, regions, issuer, catalogs: loader, schemas, helm, kubernetes }, log);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Refusal("port", `${properties.port}: ${error.message}`, { cause: error }));
    });
    server.listen(properties.port, resolve);
  });
  log(`onyxia-api listens on ${properties.port}`);
  await loader.refresh();
  log(loader.ready ? "every catalogue has loaded" : "not ready: a catalogue has not loaded yet");
  while (properties.catalogsRefreshMs > 0) {
    await sleep(properties.catalogsRefreshMs);
    await loader.refresh();
  }
}

async function requireHelm(helm: Helm): Promise<void> {
  const { code, errors } = await helm.run("helm version --template={{.Version}}");
  if (code !== 0) throw new Refusal("helm", `it cannot be started, ${errors}`);
}

function cacheFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Refusal("files", `${folder} cannot be made`, { cause: error });
  }
}
