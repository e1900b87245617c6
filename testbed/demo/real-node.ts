/** `npm run demo -- --real`: the same stack on a node where everything runs. */
import { createHash, X509Certificate } from "node:crypto";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";

import { parse, stringify } from "yaml";

import { caBundleKey, caBundleName } from "../../components/kubernetes/ca-bundle.ts";
import { namespaces } from "../../components/names.ts";
import { freePorts } from "../control-plane/ports.ts";
import { ensureImages, imagesUnavailable } from "../images/images.ts";
import { providedVariable } from "../images/provided.ts";
import { ensureNodeToolchain, network, nodeObstacle, type RealNode, startNode } from "../node/node.ts";
import { catalogs, catalogueObjects } from "../stand-ins/catalogue.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import type { Places } from "./places.ts";

/** Ports of this machine's loopback that lead to the ingress controller. */
export interface Entrance {
  readonly https: number;
  readonly http: number;
}

/** This machine cannot run a node. */
export class NoNodeError extends Error {
  override readonly name = "NoNodeError";
}

/** Starts the node, or finds it running. @throws NoNodeError where the machine cannot run one */
export async function startDemoNode(
  places: Places,
  toolchain: Toolchain,
): Promise<{ readonly node: RealNode; readonly entrance: Entrance }> {
  const obstacle = nodeObstacle(places.node) ?? imagesUnavailable();
  if (obstacle !== undefined) {
    throw new NoNodeError(`${obstacle}\nWith simulated nodes it works everywhere: npm run demo`);
  }
  const programs = await ensureNodeToolchain();
  const images = await ensureImages({ toolchain });
  const targets = { https: `${network.node}:443`, http: `${network.node}:80` };
  const [https = 0, http = 0] = await freePorts(2);
  const forwards = [
    { target: targets.https, port: https },
    { target: targets.http, port: http },
  ];
  const node = await startNode({ folder: places.node, programs, images, forwards });
  // One that runs already has other ports.
  const portOf = (target: string) => node.forwards.find((each) => each.target === target)?.port ?? 0;
  return { node, entrance: { https: portOf(targets.https), http: portOf(targets.http) } };
}

/** Folder with images from outside, if one was given. */
export function providedFolder(environment: NodeJS.ProcessEnv): string | undefined {
  return environment[providedVariable] === "" ? undefined : environment[providedVariable];
}

type StackFile = { config: Record<string, Record<string, unknown>> };

/** Stack dev as the node can run it: nothing outside is reached from there, so the catalogue is one of its own. */
export function realStackFile(devStackFile: string): { readonly text: string; readonly domain: string } {
  const document = parse(devStackFile) as StackFile;
  const domain = String(document.config["datalab:platform"]?.["domain"]);
  document.config["datalab:portal"] = { ...document.config["datalab:portal"], catalogs: catalogs(domain) };
  return { text: stringify(document), domain };
}

/** How a browser of this machine gets there without a change to the machine: names and trust are given to it alone. */
export async function browserCommand(domain: string, { https, http }: Entrance): Promise<string> {
  const rules = `MAP *.${domain}:443 127.0.0.1:${https}, MAP *.${domain}:80 127.0.0.1:${http}`;
  const key = await publicKeyOf(`datalab.${domain}`, https);
  return [
    'chromium --user-data-dir="$(mktemp -d)"',
    `--host-resolver-rules="${rules}"`,
    `--ignore-certificate-errors-spki-list=${key}`,
    `https://datalab.${domain}/`,
  ].join(" \\\n    ");
}

/** SHA-256 of the key of the certificate that a host shows, as Chromium takes it. */
function publicKeyOf(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // The certificate is looked at, not trusted: nothing is sent.
    const socket = connect({ host: "127.0.0.1", port, servername: host, rejectUnauthorized: false }, () => {
      const certificate = new X509Certificate(socket.getPeerCertificate(true).raw);
      socket.destroy();
      const key = certificate.publicKey.export({ type: "spki", format: "der" });
      resolve(createHash("sha256").update(key).digest("base64"));
    });
    socket.once("error", reject);
  });
}

/** Serves the charts that the stack file names, from a pod. */
export async function provideCatalogue(places: Places, toolchain: Toolchain, domain: string): Promise<void> {
  const list = { apiVersion: "v1", kind: "List", items: catalogueObjects(domain) };
  await kubectl(places, toolchain, ["apply", "--filename", "-"], JSON.stringify(list));
}

/** Puts the platform's private authority where people find it. It is public. */
export async function saveAuthority(places: Places, toolchain: Toolchain): Promise<void> {
  const jsonpath = `jsonpath={.data.${caBundleKey.replace(".", String.raw`\.`)}}`;
  const args = ["--namespace", namespaces.portal, "get", "configmap", caBundleName, "--output", jsonpath];
  await writeFile(places.authority, await kubectl(places, toolchain, args));
}

async function kubectl(places: Places, toolchain: Toolchain, args: readonly string[], input = ""): Promise<string> {
  const all = ["--kubeconfig", places.kubeconfig, "--cache-dir", join(places.folder, "kubectl-cache"), ...args];
  const running = promisify(execFile)(toolchain.path("kubectl"), all);
  running.child.stdin?.end(input);
  return (await running).stdout;
}
