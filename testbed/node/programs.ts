import { dirname, join } from "node:path";
import { nodeRecipes } from "../toolchain/node-recipes.ts";
import { debianPackages } from "../toolchain/packages.ts";
import { ensurePrograms } from "../toolchain/programs.ts";
import { nodeProgramNames, type ItemName } from "../toolchain/recipes.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";

const goFolder = join(import.meta.dirname, "..", "toolchain", "go");
const clusterPrograms = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const;

/** Taken from the machine's distribution. The network plugins bring iptables with them, which nothing uses. */
const packages = ["runc", "containernetworking-plugins", "nftables", "iproute2"];

type NodeProgramName = (typeof nodeProgramNames)[number] | (typeof clusterPrograms)[number];

/** Everything that a node runs. Plain data, so that it can be handed to another process. */
export interface NodePrograms {
  /** Absolute paths of the programs, by name. */
  readonly paths: Readonly<Record<NodeProgramName, string>>;
  /** A tree with Debian's packages, to be laid over the machine's own. */
  readonly packages: string;
}

/** Makes sure that the programs of a node are in the user's cache: the toolchain, and what only a node needs. */
export async function ensureNodeToolchain(): Promise<NodePrograms> {
  const toolchain = await ensureToolchain();
  const built = await ensurePrograms({ name: "node", recipes: nodeRecipes, goFolder });
  const path = (name: ItemName) => built.get(name) ?? "";
  const paths = Object.fromEntries([
    ...nodeProgramNames.map((name) => [name, path(name)]),
    ...clusterPrograms.map((name) => [name, toolchain.path(name)]),
  ]) as Record<NodeProgramName, string>;
  return { paths, packages: await debianPackages(packages) };
}

/** Value of PATH with which the node's programs find each other. */
export function searchPath({ paths }: NodePrograms): string {
  const folders = new Set(Object.values(paths).map((path) => dirname(path)));
  return [...folders, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":");
}
