import type { Toolchain } from "../toolchain/toolchain.ts";

/** The programs that a control plane is made of: absolute paths. */
export interface ControlPlaneTools {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubectl: string;
  readonly kwok: string;
  readonly kwokctl: string;
  /** cert-manager's controller, webhook and cainjector in one program. */
  readonly certManager: string;
}

/** The tools of a toolchain, or of anything else that finds programs by name. */
export function controlPlaneTools(toolchain: Pick<Toolchain, "path">): ControlPlaneTools {
  return {
    etcd: toolchain.path("etcd"),
    kubeApiserver: toolchain.path("kube-apiserver"),
    kubeControllerManager: toolchain.path("kube-controller-manager"),
    kubeScheduler: toolchain.path("kube-scheduler"),
    kubectl: toolchain.path("kubectl"),
    kwok: toolchain.path("kwok"),
    kwokctl: toolchain.path("kwokctl"),
    certManager: toolchain.path("cert-manager"),
  };
}
