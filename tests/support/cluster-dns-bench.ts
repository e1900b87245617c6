/** Runs the script that tells CoreDNS as its Job does: with the Job's rights, on a real API server. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { clusterDnsName, role, roleBinding } from "../../components/dns/cluster-dns-job.ts";
import { clusterDnsScript } from "../../components/dns/cluster-dns-script.ts";
import { namespaces } from "../../components/names.ts";

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
  }[];
}

export class ClusterDnsBench {
  readonly folder = mkdtempSync(join(tmpdir(), "datalab-cluster-dns-"));
  readonly #kubectl: string;
  readonly #plane: Pick<ControlPlane, "kubeconfig" | "stop">;
  readonly #server: string;

  static async start(): Promise<ClusterDnsBench> {
    const tools = await ensureToolchain();
    const plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools) });
    return new ClusterDnsBench(tools.path("kubectl"), plane);
  }

  constructor(kubectl: string, plane: Pick<ControlPlane, "kubeconfig" | "stop">) {
    this.#kubectl = kubectl;
    this.#plane = plane;
    this.#admin(["create", "namespace", namespaces.dns]);
    this.#admin(["-n", namespaces.dns, "create", "serviceaccount", clusterDnsName]);
    const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
    this.#apply({ ...rbac, kind: "Role", ...role() });
    this.#apply({ ...rbac, kind: "RoleBinding", ...roleBinding() });
    const view = JSON.parse(this.#admin(["config", "view", "--raw", "--flatten", "-o", "json"])) as Kubeconfig;
    const { cluster } = view.clusters[0]!;
    this.#server = cluster.server;
    const token = this.#admin(["-n", namespaces.dns, "create", "token", clusterDnsName]).trim();
    writeFileSync(join(this.folder, "ca.crt"), Buffer.from(cluster["certificate-authority-data"], "base64"));
    writeFileSync(join(this.folder, "token"), token);
    mkdirSync(join(this.folder, "bin"));
  }

  async stop(): Promise<void> {
    await this.#plane.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Nothing is there. */
  reset(): void {
    rmSync(join(this.folder, "bin/wget"), { force: true });
    this.#admin(["-n", "kube-system", "delete", "configmap", "coredns", "coredns-custom", "--ignore-not-found"]);
  }

  /** What kubectl applies carries an annotation that holds the text once more. */
  ship(text: string, name = "coredns", key = "Corefile"): void {
    const metadata = { name, namespace: "kube-system" };
    this.#apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { [key]: text } });
  }

  dataOf(name: string): Record<string, string> {
    return this.#configMap(name).data ?? {};
  }

  corefile(): string {
    return this.dataOf("coredns")["Corefile"] ?? "";
  }

  versionOf(name: string): string {
    return this.#configMap(name).metadata.resourceVersion;
  }

  /** Stands in the place of the pod's name resolution. */
  resolves(answer: (name: string) => string): void {
    const names = ["s3.d.test", "auth.d.test", "datalab-check.lab.d.test"];
    const cases = names.map((name) => `${name}) echo '${answer(name)} ${name}' ;;`);
    this.#program("getent", `case $2 in\n${cases.join("\n")}\nesac`);
  }

  /** Somebody else changes CoreDNS's ConfigMap between the script's reading and its writing. */
  beforeTheFirstPatch(data: Record<string, string>): void {
    const real = spawnSync("sh", ["-c", "command -v wget"], { encoding: "utf8" }).stdout.trim();
    const mark = join(this.folder, "patched");
    const kubectl = `'${this.#kubectl}' --kubeconfig '${this.#plane.kubeconfig}' -n kube-system`;
    const change = `${kubectl} patch configmap coredns -p '${JSON.stringify({ data })}' >&2`;
    const first = `[ -e ${mark} ] || { : > ${mark}; ${change}; }`;
    this.#program("wget", `case "$*" in *PATCH*) ${first} ;; esac\nexec ${real} "$@"`);
  }

  tell(more: Readonly<Record<string, string>> = {}): { readonly code: number | null; readonly text: string } {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", clusterDnsScript], {
      env: {
        PATH: `${join(this.folder, "bin")}:${process.env["PATH"] ?? ""}`,
        HOSTS: "auth.d.test s3.d.test",
        SERVICES_DOMAIN: "lab.d.test",
        ADDRESS: "10.43.0.5",
        API_SERVER: this.#server,
        ACCOUNT: this.folder,
        WORK: mkdtempSync(join(this.folder, "work-")),
        WAIT_SECONDS: "0",
        ...more,
      },
      encoding: "utf8",
      timeout: 60_000,
    });
    return { code: status, text: `${stdout}${stderr}` };
  }

  #configMap(name: string) {
    const text = this.#admin(["-n", "kube-system", "get", "configmap", name, "-o", "json"]);
    return JSON.parse(text) as {
      readonly metadata: { readonly resourceVersion: string };
      readonly data?: Record<string, string>;
    };
  }

  #program(name: string, text: string): void {
    const file = join(this.folder, "bin", name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
  }

  #apply(object: object): void {
    this.#admin(["apply", "-f", "-"], JSON.stringify(object));
  }

  #admin(args: readonly string[], input = ""): string {
    const { status, stdout, stderr } = spawnSync(this.#kubectl, ["--kubeconfig", this.#plane.kubeconfig, ...args], {
      input,
      env: { ...process.env, KUBECACHEDIR: join(this.folder, "kubectl") },
      encoding: "utf8",
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }
}
