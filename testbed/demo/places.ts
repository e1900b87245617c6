import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { cacheDirectory } from "../toolchain/store.ts";

/** Where the demo of a checkout keeps what. Two checkouts do not get into each other's way. */
export interface Places {
  readonly checkout: string;
  /** Everything below lies here, in the user's cache. */
  readonly folder: string;
  readonly controlPlane: string;
  readonly node: string;
  /** Of the Pulumi CLI. */
  readonly state: string;
  /** A copy of the control plane's or the node's, which keeps its place when another control plane follows. */
  readonly kubeconfig: string;
  /** Stack file of the real node. */
  readonly stackFile: string;
  /** Certificate of the real node's platform, for browsers and curl. */
  readonly authority: string;
  /** Leads to the toolchain's charts. */
  readonly charts: string;
  /** The folder, as stack files name it: a link in the checkout, ignored by git. */
  readonly link: string;
  /** Held while the demo is changed. Beside the folder, because that goes. */
  readonly lock: string;
}

export function demoPlaces(): Places {
  const checkout = resolve(import.meta.dirname, "../..");
  const key = createHash("sha256").update(checkout).digest("hex").slice(0, 8);
  const folder = join(cacheDirectory(process.env), "demo", key);
  return {
    checkout,
    folder,
    controlPlane: join(folder, "control-plane"),
    node: join(folder, "node"),
    state: join(folder, "state"),
    kubeconfig: join(folder, "kubeconfig"),
    stackFile: join(folder, "Pulumi.real.yaml"),
    authority: join(folder, "ca.crt"),
    charts: join(folder, "charts"),
    link: join(checkout, ".datalab"),
    lock: `${folder}.lock`,
  };
}
