/** `pulumi up` says why a part is not ready yet. */
import process from "node:process";

import * as pulumi from "@pulumi/pulumi";

import { secondsOf } from "../../components/scalars.ts";
import { type Kubeconfig, kubeconfigOf } from "../kubectl/kubeconfig.ts";
import { Kubectl } from "../kubectl/kubectl.ts";
import type { Plan } from "../../stacks/plan.ts";
import { watchReadiness } from "./watch.ts";

/** In seconds. */
const timeout = 10;

/**
 * Begins to look, and goes on while the program waits. A preview makes nothing that could be waited for.
 * @param made kubeconfig of a cluster that the platform makes
 */
export function sayWhatIsWaitedFor(
  { cluster, platform, running }: Plan,
  made: pulumi.Output<string> | undefined,
): void {
  if (pulumi.runtime.isDryRun()) return;
  const watch = (kubeconfig: Kubeconfig, context?: string) => {
    const place = { project: process.cwd(), environment: process.env, timeout };
    const kubectl = new Kubectl({ kubeconfig: () => Promise.resolve(kubeconfig), context, ...place });
    watchReadiness({
      kubectl,
      namespaces: running.map(({ namespace }) => namespace),
      readyTimeout: secondsOf(platform.readyTimeout),
      say: (sentence) => pulumi.log.warn(`${sentence} More: npm run doctor -- --stack ${pulumi.getStack()}`),
    });
  };
  if (cluster.kind === "existing") watch(kubeconfigOf(cluster, process.env), cluster.context);
  else
    made?.apply((content) => {
      watch({ content });
    });
}
