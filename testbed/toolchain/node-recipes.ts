import { kubernetesProgram, type Recipe } from "./recipes.ts";

const containerdVersion = "2.4.2";

/** The programs of the real node (testbed/node), beside those of the toolchain; in the order in which they are built. */
export const nodeRecipes: readonly Recipe[] = [
  {
    name: "datalab-node",
    version: "1",
    group: "datalab-node",
    sources: ["main.go", "hold.go", "init.go", "cgroup.go", "forward.go", "pki.go"],
    build: { kind: "program", package: "." },
  },
  ...(["kubelet", "kube-proxy"] as const).map((name) => kubernetesProgram(name)),
  ...(["containerd", "containerd-shim-runc-v2", "ctr"] as const).map((name): Recipe => ({
    name,
    version: containerdVersion,
    group: "containerd",
    sources: [],
    build: {
      kind: "program",
      package: `github.com/containerd/containerd/v2/cmd/${name}`,
      tags: ["no_btrfs", "no_devmapper", "no_zfs", "no_tracing", "netgo", "osusergo"],
      stamps: { "github.com/containerd/containerd/v2/version.Version": `v${containerdVersion}` },
    },
  })),
  {
    name: "coredns",
    version: "1.15.0",
    group: "coredns",
    sources: ["main.go"],
    build: { kind: "program", package: "." },
  },
];
