/**
 * A platform that a doctor can examine: the dev stack on a real API server with simulated pods, and beside it the real
 * Keycloak and the real object store, under the certificates that the stack's own cert-manager has issued.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { PassThrough } from "node:stream";

import type { KeycloakServer } from "../../testbed/keycloak/server.ts";
import { ensureMinio } from "../../testbed/minio/minio.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { namespaces, wildcardSecrets } from "../../components/names.ts";
import { doctor } from "../../commands/doctor/doctor.ts";
import type { Result } from "../../commands/doctor/runner.ts";
import { WebClient } from "../../commands/doctor/web-client.ts";
import type { CertificateAndKey } from "./certificate-maker.ts";
import {
  access,
  adminSecret,
  catalogueHost,
  completeRealm,
  domain,
  hosts,
  password,
  setUpStore,
  startPackages,
  startObjectStore,
  startRealm,
} from "./doctor-servers.ts";
import { Front } from "./front.ts";
import { AdminApi } from "./keycloak.ts";
import type { RunningObjectStore } from "./object-store.ts";
import type { RunningPackageServer } from "./package-index.ts";
import { type Platform, startPlatform } from "./platform.ts";
import { PodAnswers } from "./pod-answers.ts";
import { portalApi } from "./portal-api.ts";
import { giveWorkspace } from "./workspaces.ts";

const index = "apiVersion: v1\nentries:\n  jupyter:\n    - version: 1.0.0\n  rstudio:\n    - version: 1.0.0\n";

export interface Examination {
  readonly code: number;
  readonly usable: boolean;
  readonly steps: readonly Result[];
  /** Everything that was printed. */
  readonly text: string;
}

export interface DoctorBench {
  readonly platform: Platform;
  readonly front: Front;
  readonly keycloak: KeycloakServer;
  readonly admin: AdminApi;
  readonly store: RunningObjectStore;
  readonly packages: RunningPackageServer;
  /** Authority of the platform, with its key. */
  readonly authority: CertificateAndKey;
  /** Spring properties of the portal's API. */
  readonly portalEnvironment: Readonly<Record<string, string>>;
  /** Puts a portal with these properties behind the front. */
  servePortal(environment: Readonly<Record<string, string>>): void;
  /** Another store, with the same realm unless told otherwise. */
  startStore(environment?: Readonly<Record<string, string>>): Promise<RunningObjectStore>;
  /** Arguments that lead to this bench. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** What pods say that run in no simulated node. */
  readonly pods: PodAnswers;
  /** Creates an object in the cluster. */
  create(object: object): Promise<void>;
  /** Runs the doctor with `--json`. */
  examine(options?: ExamineOptions): Promise<Examination>;
  stop(): Promise<void>;
}

export interface ExamineOptions {
  /** Added to the usual ones. */
  readonly args?: readonly string[];
  /** Instead of the usual ones. */
  readonly all?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
}

export async function startDoctorBench(): Promise<DoctorBench> {
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  };
  try {
    const platform = await startPlatform();
    cleanups.push(() => platform.stop());
    platform.configure((config) => {
      config["datalab:platform"] = { ...config["datalab:platform"], domain };
      config["datalab:portal"] = {
        catalogs: [{ id: "own", name: "Own", location: `https://${catalogueHost}/own` }],
      };
    });
    const up = await platform.engine.up();
    if (up.exitCode !== 0) throw new Error(up.text);

    const keycloak = await startRealm();
    cleanups.push(() => keycloak.stop());
    const admin = new AdminApi(keycloak.url, { id: reconcileClient, secret: adminSecret });
    await completeRealm(admin);

    const programs = await ensureMinio();
    const startStore = async (environment: Readonly<Record<string, string>> = {}) => {
      const store = await startObjectStore(programs, `${keycloak.url}/realms/${access.realm}`, environment);
      cleanups.push(() => store.stop());
      return store;
    };
    const store = await startStore();
    await store.waitFor("/minio/health/cluster/read", 200);
    await setUpStore(store);
    const packages = await startPackages(store, join(platform.folder, "packages"));
    cleanups.push(() => packages.stop());

    const front = await Front.start();
    cleanups.push(() => front.stop());
    const authority = await certificateIn(platform, namespaces.certificates, "datalab-ca");
    const { certificates, routes } = front.behaviour;
    certificates.set(`*.${domain}`, await certificateIn(platform, namespaces.ingress, wildcardSecrets.platform));
    certificates.set(
      `*.${hosts.services}`,
      await certificateIn(platform, namespaces.ingress, wildcardSecrets.services),
    );
    routes.set(hosts.identity, keycloak.url);
    routes.set(hosts.objectStore, store.endpoint);
    routes.set(hosts.objectStoreConsole, store.consoleEndpoint);
    routes.set(`packages.${domain}`, packages.endpoint);
    routes.set(catalogueHost, (_call, answer) => {
      answer.writeHead(200).end(index);
    });

    const { httpsPort, httpPort } = front;
    const ports = ["--https-port", String(httpsPort), "--http-port", String(httpPort)];
    const stackFile = platform.engine.stackFile;
    const args = ["-s", "dev", "--config-file", stackFile, "--address", "127.0.0.1", ...ports, "--timeout", "60"];
    const web = new WebClient({
      hosts,
      address: "127.0.0.1",
      httpsPort,
      httpPort,
      authorities: [authority.certificate],
      timeout: 10,
    });
    const servePortal = (environment: Readonly<Record<string, string>>) => {
      const keysUrl = `${keycloak.url}/realms/${access.realm}/protocol/openid-connect/certs`;
      const read = async (address: string) => {
        const { status, text } = await web.request(address);
        if (status !== 200) throw new Error(`${address}: ${status}`);
        return text;
      };
      routes.set(hosts.portal, portalApi({ environment, keysUrl, read }));
    };
    const portalEnvironment = await portalEnvironmentIn(platform);
    servePortal(portalEnvironment);

    await giveWorkspace((...args) => platform.kubectl(...args), "user-alice");
    const pods = new PodAnswers(join(platform.folder, "pods"), platform.toolchain.path("kubectl"), {
      KC_HTTP_PORT: new URL(keycloak.url).port,
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminSecret,
    });
    const environment = {
      ...process.env,
      PATH: [pods.folder, process.env["PATH"]].join(delimiter),
      KUBECACHEDIR: join(platform.folder, "kubectl"),
    };
    const examine = async (options: ExamineOptions = {}) => {
      const { code, text } = await run([...(options.all ?? [...args, ...(options.args ?? [])]), "--json"], {
        environment: { ...environment, ...options.environment },
        input: options.input ?? `${password}\n`,
      });
      const { usable, steps } = (text.startsWith("{") ? JSON.parse(text) : { usable: false, steps: [] }) as Examination;
      return { code, usable, steps, text };
    };
    return {
      platform,
      front,
      keycloak,
      admin,
      store,
      packages,
      authority,
      portalEnvironment,
      servePortal,
      startStore,
      args,
      environment,
      pods,
      create: async (object) => {
        await platform.kubectl("create", "--filename", store.file("object.json", JSON.stringify(object)));
      },
      examine,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A `kubectl` that answers for the kubelets, which simulated nodes have none of. Everything else is the real one's. */
export function kubectlWithKubelet({ platform, pods }: DoctorBench, statistics: object): NodeJS.ProcessEnv {
  const folder = join(platform.folder, "kubectl-with-kubelet");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "summary.json"), JSON.stringify(statistics));
  const script = `#!/bin/sh
case "$*" in
*/proxy/stats/summary*) exec cat "${folder}/summary.json" ;;
*) exec "${join(pods.folder, "kubectl")}" "$@" ;;
esac
`;
  writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
  return { PATH: [folder, process.env["PATH"]].join(delimiter) };
}

/** Runs the doctor in this process. */
export async function run(
  args: readonly string[],
  { environment, input }: { readonly environment: NodeJS.ProcessEnv; readonly input: string },
): Promise<{ code: number; text: string }> {
  const output = new PassThrough();
  let text = "";
  output.setEncoding("utf8").on("data", (part: string) => (text += part));
  const stdin = new PassThrough();
  stdin.end(input);
  const project = join(import.meta.dirname, "../..");
  const code = await doctor(args, { project, environment, input: stdin, output, errors: output });
  return { code, text };
}

async function certificateIn(platform: Platform, namespace: string, secret: string): Promise<CertificateAndKey> {
  const { data } = JSON.parse(
    await platform.kubectl("--namespace", namespace, "get", "secret", secret, "-o", "json"),
  ) as {
    data: Record<string, string>;
  };
  const text = (key: string) => Buffer.from(data[key] ?? "", "base64").toString();
  return { certificate: text("tls.crt"), key: text("tls.key") };
}

async function portalEnvironmentIn(platform: Platform): Promise<Record<string, string>> {
  const map = await platform.kubectl("--namespace", namespaces.portal, "get", "configmap", "onyxia-api", "-o", "json");
  return (JSON.parse(map) as { data: Record<string, string> }).data;
}
