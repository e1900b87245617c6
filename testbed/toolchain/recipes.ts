/** Every program of the toolchain. */
export const toolNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
  "etcd",
  "pulumi",
  "pulumi-resource-kubernetes",
  "pulumi-resource-random",
  "pulumi-resource-tls",
  "cert-manager",
] as const;

export type ToolName = (typeof toolNames)[number];

export const chartNames = ["cert-manager-chart"] as const;

/** Programs of the object store's test, which are installed apart: see testbed/minio. */
export const storeProgramNames = ["minio", "mc"] as const;

/** What Onyxia's API launches services with, installed apart: see testbed/helm. */
export const launchProgramNames = ["helm"] as const;

/** Programs of the real node, which are installed apart: see testbed/node. */
export const nodeProgramNames = [
  "datalab-node",
  "kubelet",
  "kube-proxy",
  "containerd",
  "containerd-shim-runc-v2",
  "ctr",
  "coredns",
] as const;

/** What is installed: the tools, and the charts packaged for the embedded platform. */
export type ItemName =
  | ToolName
  | (typeof chartNames)[number]
  | (typeof storeProgramNames)[number]
  | (typeof launchProgramNames)[number]
  | (typeof nodeProgramNames)[number];

/** A program built with the go client. */
export interface ProgramBuild {
  readonly kind: "program";
  readonly package: string;
  /** Values stamped into variables by the linker. */
  readonly stamps?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** A file of a module that the program embeds, copied beside its sources for the build. */
  readonly embed?: { readonly module: string; readonly file: string };
}

/** A chart packaged from a directory of a Go module. */
export interface ChartBuild {
  readonly kind: "chart";
  readonly module: string;
  readonly directory: string;
}

/** How a tool's own project hands it out. */
export type Download =
  | { readonly kind: "pulumi" }
  | { readonly kind: "plugin"; readonly plugin: string }
  | { readonly kind: "file"; readonly url: string; readonly sha256Url?: string }
  | { readonly kind: "archive"; readonly url: string; readonly member: string };

/** What an item is and how it is made. */
export interface Recipe {
  readonly name: ItemName;
  readonly version: string;
  /** Folder below `go/` with the go.mod and go.sum that pin everything the build uses. */
  readonly group: string;
  /** Our own sources in that folder, beside go.mod and go.sum. */
  readonly sources: readonly string[];
  /** Files put beside the result as they are. */
  readonly companions?: readonly string[];
  readonly build: ProgramBuild | ChartBuild;
  /** Absent where the project publishes no program for download. */
  readonly download?: Download;
}

const versions = {
  kubernetes: "1.36.3",
  kwok: "0.8.0",
  etcd: "3.6.14",
  pulumi: "3.259.0",
  pluginKubernetes: "4.25.0",
  pluginRandom: "4.21.2",
  pluginTls: "5.6.1",
  certManager: "1.21.2",
};

// Go's names of this platform, as they appear in the addresses of releases.
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

/** Of every program of Pulumi's modules: other tags would compile the shared libraries again. */
const pulumiTags = ["osusergo", "grpcnotrace"];

/** In the order in which they are wanted: whoever waits can start with the cluster. */
export const recipes: readonly Recipe[] = [
  ...(["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const).map((name) =>
    kubernetesProgram(name),
  ),
  ...(["kwok", "kwokctl"] as const).map(kwok),
  {
    name: "etcd",
    version: versions.etcd,
    group: "kubernetes",
    sources: [],
    build: { kind: "program", package: "go.etcd.io/etcd/server/v3" },
    download: {
      kind: "archive",
      url: `https://github.com/etcd-io/etcd/releases/download/v${versions.etcd}/etcd-v${versions.etcd}-${platform}.tar.gz`,
      member: `etcd-v${versions.etcd}-${platform}/etcd`,
    },
  },
  {
    name: "pulumi",
    version: versions.pulumi,
    group: "pulumi",
    sources: [],
    companions: ["pulumi-language-nodejs"],
    build: {
      kind: "program",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      tags: pulumiTags,
      // Without it `pulumi version` is empty and version checks fail.
      stamps: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}` },
    },
    download: { kind: "pulumi" },
  },
  {
    name: "pulumi-resource-kubernetes",
    version: versions.pluginKubernetes,
    group: "plugin-kubernetes",
    sources: ["main.go"],
    build: {
      kind: "program",
      package: ".",
      stamps: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": versions.pluginKubernetes },
      embed: {
        module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
        file: "cmd/pulumi-resource-kubernetes/schema.json",
      },
    },
    download: { kind: "plugin", plugin: "kubernetes" },
  },
  bridgedPlugin("random", versions.pluginRandom),
  bridgedPlugin("tls", versions.pluginTls),
  {
    name: "cert-manager",
    version: versions.certManager,
    group: "kubernetes",
    sources: ["cert-manager"],
    build: {
      kind: "program",
      package: "./cert-manager",
      stamps: { "github.com/cert-manager/cert-manager/pkg/util.AppVersion": `v${versions.certManager}` },
    },
  },
  {
    name: "cert-manager-chart",
    version: versions.certManager,
    group: "kubernetes",
    sources: [],
    build: { kind: "chart", module: "github.com/cert-manager/cert-manager", directory: "deploy/charts/cert-manager" },
  },
];

/** A program of Kubernetes. */
export function kubernetesProgram(name: ItemName): Recipe {
  const [major = "", minor = ""] = versions.kubernetes.split(".");
  const url = `https://dl.k8s.io/release/v${versions.kubernetes}/bin/${platform.replace("-", "/")}/${name}`;
  const variables = {
    gitVersion: `v${versions.kubernetes}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
    gitCommit: `v${versions.kubernetes}`,
    // A real date would make each build a different program.
    buildDate: "1970-01-01T00:00:00Z",
  };
  const stamps = Object.entries(variables).map(([key, value]) => [`k8s.io/component-base/version.${key}`, value]);
  return {
    name,
    version: versions.kubernetes,
    group: "kubernetes",
    sources: [],
    build: {
      kind: "program",
      package: `k8s.io/kubernetes/cmd/${name}`,
      stamps: Object.fromEntries(stamps) as Record<string, string>,
    },
    download: { kind: "file", url, sha256Url: `${url}.sha256` },
  };
}

function kwok(name: ToolName): Recipe {
  return {
    name,
    version: versions.kwok,
    group: "kubernetes",
    sources: [],
    build: { kind: "program", package: `sigs.k8s.io/kwok/cmd/${name}` },
    download: {
      kind: "file",
      url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${versions.kwok}/${name}-${platform}`,
    },
  };
}

function bridgedPlugin(plugin: "random" | "tls", version: string): Recipe {
  const name = `pulumi-resource-${plugin}` as const;
  return {
    name,
    version,
    group: "pulumi",
    sources: ["bridge", `cmd/${name}`, `shim-${plugin}`],
    build: { kind: "program", package: `./cmd/${name}`, tags: pulumiTags, stamps: { "main.Version": version } },
    download: { kind: "plugin", plugin },
  };
}
