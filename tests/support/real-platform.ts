/** The dev stack on a real node: what runs is what the program declares, and a browser stands in front of it. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { type Browser, type BrowserContext, chromium } from "playwright-core";

import { chromiumUnavailable, ensureChromium } from "../../testbed/browser/chromium.ts";
import { type Launcher, prepareLauncher } from "../../testbed/browser/launcher.ts";
import { checkout, devStackFile } from "../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine } from "../../testbed/engine/engine.ts";
import { ensureImages, imagesUnavailable } from "../../testbed/images/images.ts";
import { ensureNodeToolchain, nodeObstacle, type RealNode, startNode } from "../../testbed/node/node.ts";
import { catalogs, catalogueObjects } from "../../testbed/stand-ins/catalogue.ts";
import { ensureToolchain, type Toolchain } from "../../testbed/toolchain/toolchain.ts";
import { caBundleKey, caBundleName } from "../../components/kubernetes/ca-bundle.ts";
import { type Hosts, hostsOf, namespaces } from "../../components/names.ts";
import { WebClient } from "../../commands/doctor/web-client.ts";
import { closedNetwork } from "./closed-network.ts";
import { runKubectl } from "./kubectl.ts";
import { changeStackFile, type StackConfig } from "./platform.ts";

/** Why this machine cannot run the platform; undefined if it can. */
export function realPlatformObstacle(): string | undefined {
  return nodeObstacle() ?? imagesUnavailable() ?? chromiumUnavailable();
}

export interface RealPlatform {
  readonly engine: Engine;
  readonly node: RealNode;
  readonly toolchain: Toolchain;
  readonly hosts: Hosts;
  /** Folder for the test's own files; it goes with the platform. */
  readonly folder: string;
  /** The platform's private CA, in PEM. */
  readonly authority: string;
  /** Milliseconds that each part of the start took. */
  readonly times: Readonly<Record<string, number>>;
  /** Changes the stack file. */
  configure(change: (config: StackConfig) => void): void;
  /** Runs kubectl as an administrator; what is given as input are objects, or text. */
  kubectl(args: readonly string[], input?: unknown): Promise<string>;
  /** Decoded values of a Secret. */
  secret(namespace: string, name: string): Promise<Record<string, string>>;
  /** A way to a port of a pod or Service like `service/keycloak`, past all policies; for administrators. */
  portForward(namespace: string, target: string, port: number): Promise<PortForward>;
  /** A client in front of the node. @param source its address, one of `network.outside` */
  clientFrom(source?: string): Promise<OutsideClient>;
  /** A browser of a person's own, without cookies, in front of the node. It trusts the private CA as people would. */
  visit(): Promise<BrowserContext>;
  stop(): Promise<void>;
}

/** A name below a domain that no part of the platform has. Clients outside are led to the platform all the same. */
export function nobodysHost(domain: string): string {
  return `nothing.${domain}`;
}

/** Whoever asks from outside of the cluster. */
export interface OutsideClient {
  /** Trusts the private CA. */
  readonly web: WebClient;
  /** Ports of this machine's loopback that lead to those of the ingress controller. */
  readonly httpsPort: number;
  readonly httpPort: number;
}

export interface PortForward {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

export interface RealPlatformOptions {
  /**
   * Folder of a platform that stays: it is continued where there is one, and `stop` does not end it.
   * @default one of its own, which ends with this process at the latest
   */
  readonly kept?: string | undefined;
}

/** Starts a node, lets the real engine install the dev stack on it, and opens a browser. */
export async function startRealPlatform({ kept }: RealPlatformOptions = {}): Promise<RealPlatform> {
  const home = kept ?? join(tmpdir(), `datalab-walk-${randomBytes(4).toString("hex")}`);
  // Inside of the node's folder: it goes with the node, even if this process is killed.
  const folder = join(home, "walk");
  const cleanups: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    const errors: unknown[] = [];
    // The node is the last to go, and must go whatever the others say.
    for (const cleanup of cleanups.splice(0).toReversed()) {
      await Promise.resolve(cleanup()).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join("\n"));
  };
  const times: Record<string, number> = {};
  const timed = async <T>(part: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    const result = await work();
    times[part] = Math.round(performance.now() - begin);
    return result;
  };
  try {
    const toolchain = await timed("toolchain", () => ensureToolchain({ report: () => undefined }));
    const programs = await timed("node's programs", () => ensureNodeToolchain());
    const images = await timed("images", () => ensureImages({ toolchain }));
    const browserProgram = await timed("browser's program", () => ensureChromium());
    const node = await timed("node", () => startNode({ folder: home, programs, images, owned: kept === undefined }));
    if (kept === undefined) cleanups.push(() => node.stop());

    mkdirSync(folder, { recursive: true });
    const stackFile = join(folder, "Pulumi.dev.yaml");
    if (!existsSync(stackFile)) writeFileSync(stackFile, devStackFile(node.kubeconfig, toolchain.charts));
    const state = join(folder, "state");
    const place = { toolchain, state, project: checkout, stack: "dev", stackFile };
    const engine = await openEngine({ ...place, checkpoints: false, prefix: closedNetwork(node, folder) });
    const configure = (change: (config: StackConfig) => void): void => {
      changeStackFile(stackFile, change);
    };
    const kubectl = (args: readonly string[], input?: unknown): Promise<string> =>
      runKubectl({ toolchain, folder, kubeconfig: node.kubeconfig }, args, input);

    const hosts = hostsOf({ domain: "demo.test" });
    configure((config) => {
      config["datalab:portal"] = { ...config["datalab:portal"], catalogs: catalogs(hosts.domain) };
      // The machine may be busy with other things.
      config["datalab:platform"] = { ...config["datalab:platform"], readyTimeout: "20m" };
    });
    await kubectl(["apply", "-f", "-"], list(catalogueObjects(hosts.domain)));
    await timed("pulumi up", async () => {
      const up = await engine.up();
      if (up.exitCode === 0) return;
      const pods = await kubectl(["get", "pods", "--all-namespaces", "-o", "wide"]);
      throw new Error(`pulumi up: exit code ${up.exitCode}\n${up.text}\n${pods}`);
    });
    const bundle = JSON.parse(
      await kubectl(["get", "configmap", caBundleName, "--namespace", namespaces.portal, "-o", "json"]),
    ) as { data: Record<string, string> };
    const authority = bundle.data[caBundleKey] ?? "";

    const launcher = await prepareLauncher(browserProgram, {
      folder,
      authorities: [authority],
      hosts: [hosts.portal, hosts.identity, hosts.objectStore].map((name) => ({ name, address: node.address })),
      prefix: ["nsenter", `--net=${node.outside}`],
    });
    cleanups.push(() => launcher.close());
    // Services have hosts of their own, whose names only the portal's page makes.
    const services = `--host-resolver-rules=MAP *.${hosts.services} ${node.address}`;
    const browser = await timed("browser", () => launch(launcher, [services]));
    cleanups.push(() => browser.close());

    return {
      engine,
      node,
      toolchain,
      hosts,
      folder,
      authority,
      times,
      configure,
      kubectl,
      secret: async (namespace, name) => {
        const { data } = JSON.parse(await kubectl(["get", "secret", name, "--namespace", namespace, "-o", "json"])) as {
          data: Record<string, string>;
        };
        return Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
        );
      },
      portForward: async (namespace, target, port) => {
        const args = ["--kubeconfig", node.kubeconfig, "port-forward", "--namespace", namespace, target, `:${port}`];
        const env = { ...process.env, KUBECACHEDIR: join(folder, "kubectl") };
        const child = spawn(toolchain.path("kubectl"), args, { env, stdio: ["ignore", "pipe", "inherit"] });
        const close = async () => {
          const ended = once(child, "exit");
          if (child.kill()) await ended;
        };
        const opened = new Promise<string>((resolve, reject) => {
          child.stdout.on("data", (chunk: Buffer) => {
            const [, opened] = /127\.0\.0\.1:(\d+)/.exec(String(chunk)) ?? [];
            if (opened !== undefined) resolve(opened);
          });
          child.once("exit", (code) => {
            reject(new Error(`kubectl ${args.slice(2).join(" ")}: exit code ${String(code)}`));
          });
        });
        return { url: `http://127.0.0.1:${await opened}`, close };
      },
      clientFrom: async (source) => {
        const given = source === undefined ? {} : { source };
        const https = await node.forward(`${node.address}:443`, given);
        const http = await node.forward(`${node.address}:80`, given);
        cleanups.push(async () => {
          await Promise.all([https.close(), http.close()]);
        });
        const ports = { httpsPort: https.port, httpPort: http.port };
        const authorities = [authority];
        const { domain, portal, identity, objectStore, objectStoreConsole } = hosts;
        const ownHosts = [portal, identity, objectStore, objectStoreConsole, `packages.${domain}`, nobodysHost(domain)];
        const way = { hosts, ownHosts, address: "127.0.0.1", ...ports };
        const web = new WebClient({ ...way, authorities, timeout: 60 });
        return { web, ...ports };
      },
      visit: () => browser.newContext({ viewport: { width: 1000, height: 650 }, locale: "en-US" }),
      stop,
    };
  } catch (error) {
    // What went wrong first is what people have to see.
    await stop().catch(() => undefined);
    throw error;
  }
}

function launch({ executable, shared }: Launcher, args: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: executable, downloadsPath: shared, args });
}

function list(items: readonly object[]): object {
  return { apiVersion: "v1", kind: "List", items };
}
