import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { network } from "../../testbed/node/network.ts";
import type { RealNode } from "../../testbed/node/node.ts";

interface Kubeconfig {
  readonly clusters: { readonly cluster: { server: string } }[];
}

/**
 * What starts a program of this machine in a network that leads to the node, and nowhere else. At its path it finds the
 * kubeconfig with the address that the API server has there.
 *
 * @param folder for the other kubeconfig
 */
export function closedNetwork(node: Pick<RealNode, "kubeconfig" | "outside">, folder: string): readonly string[] {
  const kubeconfig = parse(readFileSync(node.kubeconfig, "utf8")) as Kubeconfig;
  for (const { cluster } of kubeconfig.clusters) cluster.server = `https://${network.node}:${network.apiPort}`;
  const file = join(folder, "kubeconfig");
  writeFileSync(file, stringify(kubeconfig), { mode: 0o600 });
  // Each of them becomes the next: a signal reaches the program.
  const show = 'mount --bind "$0" "$1" && shift && exec "$@"';
  return ["nsenter", `--net=${node.outside}`, "unshare", "--mount", "sh", "-c", show, file, node.kubeconfig];
}
