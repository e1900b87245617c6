/**
 * JupyterHub and its proxy, from the indexes that the machine's own pip and npm ask: with the packages of upstream's image
 * that the platform's settings name. Nothing is installed on the machine.
 */
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import type { Workshop } from "../images/layer.ts";
import { inWorkshop } from "../images/workshop.ts";
import { ensureInstalled, packageProgramsUnavailable } from "../packages/packages.ts";
import { run } from "../toolchain/run.ts";
import { findProgram } from "../toolchain/search-path.ts";
import { cacheDirectory, publish } from "../toolchain/store.ts";

/** @see https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/4.4.0/images/hub/requirements.txt */
const hubPackages = [
  "jupyterhub==5.5.4",
  "jupyterhub-idle-culler==2.0.0",
  "jupyterhub-kubespawner==7.1.0",
  "jupyterhub-nativeauthenticator==1.3.0",
  "oauthenticator==17.4.0",
  "psycopg[binary]==3.3.9",
];

const proxyVersion = "5.3.0";

/** Why there can be no hub on this machine; undefined when there can. */
export function hubUnavailable(): string | undefined {
  if (findProgram("npm", process.env) === undefined) return "the hub's proxy cannot be had without npm";
  return packageProgramsUnavailable();
}

/** The programs. */
export interface HubPrograms {
  readonly python: string;
  /** Folder that Python finds the hub's modules in. */
  readonly modules: string;
  /** The proxy's program, for Node.js. */
  readonly proxy: string;
}

/** Makes sure that they are in the user's cache. */
export async function ensureHub(workshop?: Workshop): Promise<HubPrograms> {
  const modules = await ensureInstalled("hub", hubPackages, workshop);
  const install = (shop: Workshop) => ensureProxy(shop);
  const folder = await (workshop === undefined ? inWorkshop({}, install) : install(workshop));
  return {
    python: findProgram("python3", process.env) ?? "python3",
    modules,
    proxy: join(folder, "node_modules/configurable-http-proxy/bin/configurable-http-proxy"),
  };
}

async function ensureProxy(workshop: Workshop): Promise<string> {
  const folder = join(cacheDirectory(process.env), "packages", `hub-proxy-${proxyVersion}`);
  if (existsSync(folder)) return folder;
  const draft = join(await mkdtemp(join(workshop.scratch, "packages-")), "tree");
  const npm = ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", draft];
  await workshop.progress.follow("installing the hub's proxy", () =>
    run("npm", [...npm, `configurable-http-proxy@${proxyVersion}`], { signal: workshop.signal }),
  );
  publish(draft, folder);
  return folder;
}
