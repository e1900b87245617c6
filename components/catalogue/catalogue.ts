import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { namespaces } from "../names.ts";
import { catalogueLocation, catalogueName } from "./names.ts";
import type { ChartPackage } from "./package.ts";
import { contentConfigMap, contentOf, serverAccount, serverDeployment, serverPolicy, serverService } from "./server.ts";
import type { CatalogueSettings } from "./settings.ts";

export interface CatalogueArgs extends ImageSource {
  /** What it offers; their order means nothing. */
  readonly packages: readonly ChartPackage[];
  /** Key `datalab:catalogue` of the stack file. */
  readonly settings: CatalogueSettings;
}

/**
 * A Helm repository of the platform's own charts inside the cluster, for the portal.
 *
 * @example
 * ```ts
 * new Catalogue("catalogue", { packages, settings: catalogue }, inside);
 * ```
 */
export class Catalogue extends pulumi.ComponentResource {
  /** Of all that it serves. Who keeps what it has loaded has to begin anew with another one. */
  readonly contentHash: string;

  constructor(name: string, args: CatalogueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:catalogue:Catalogue", name, { location: catalogueLocation }, opts);
    const { packages, settings, imageMirror, registryLogin } = args;
    const namespace = namespaces.catalogue;
    const content = contentOf(packages);
    this.contentHash = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 10);

    const { inside, ready } = guardedNamespace(name, { namespace, registryLogin }, this);
    const policy = new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, serverPolicy(), inside);
    const account = new k8s.core.v1.ServiceAccount(`${name}-service-account`, serverAccount(), inside);
    const files = new k8s.core.v1.ConfigMap(`${name}-content`, contentConfigMap(content, this.contentHash), inside);
    const servers = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      serverDeployment({ settings, hash: this.contentHash, imageMirror }),
      { parent: this, dependsOn: [...ready, policy, account, files] },
    );
    if (settings.replicas > 1) {
      const budget = disruptionBudget(namespace, catalogueName);
      new k8s.policy.v1.PodDisruptionBudget(`${name}-disruption-budget`, budget, inside);
    }
    new k8s.core.v1.Service(`${name}-service`, serverService(), { parent: this, dependsOn: [servers] });
    this.registerOutputs({ location: catalogueLocation });
  }
}
