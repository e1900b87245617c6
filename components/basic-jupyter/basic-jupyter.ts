import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { notebookPort } from "../kubernetes/notebook.ts";
import { namespaces } from "../names.ts";
import { jupyterName } from "./names.ts";
import { jupyterAccount, jupyterDeployment, jupyterService } from "./objects.ts";
import type { BasicJupyterSettings } from "./settings.ts";

export interface BasicJupyterArgs extends ImageSource {
  /** Key `datalab:basicJupyter` of the stack file. */
  readonly settings: BasicJupyterSettings;
}

/** What a person types to work in it, one after the other. */
export interface BasicJupyterCommands {
  /** Waits until it runs. */
  readonly wait: string;
  /** Prints its address, with the token. */
  readonly token: string;
  /** Leads port 8888 of this machine to it, as long as it runs. */
  readonly open: string;
}

/**
 * A plain Jupyter that nobody reaches but by `kubectl port-forward`: the first step of the course.
 *
 * @example
 * ```ts
 * new BasicJupyter("basic-jupyter", { settings: basicJupyter }, inside);
 * ```
 */
export class BasicJupyter extends pulumi.ComponentResource {
  readonly commands: BasicJupyterCommands;

  constructor(name: string, args: BasicJupyterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:basic-jupyter:BasicJupyter", name, { settings: args.settings }, opts);
    const namespace = namespaces.basicJupyter;
    // Nothing is opened in it: `port-forward` goes through the node.
    const { inside, ready } = guardedNamespace(name, { namespace, registryLogin: args.registryLogin }, this);
    const account = new k8s.core.v1.ServiceAccount(`${name}-service-account`, jupyterAccount(), inside);
    const pod = jupyterDeployment(args.settings, args.imageMirror);
    const jupyter = new k8s.apps.v1.Deployment(`${name}-deployment`, pod, {
      parent: this,
      dependsOn: [...ready, account],
    });
    new k8s.core.v1.Service(`${name}-service`, jupyterService(), { parent: this, dependsOn: [jupyter] });
    const kubectl = `kubectl --namespace ${namespace}`;
    this.commands = {
      wait: `${kubectl} rollout status deployment/${jupyterName}`,
      token: `${kubectl} logs deployment/${jupyterName} | grep --max-count 1 127.0.0.1:${notebookPort}/lab`,
      open: `${kubectl} port-forward service/${jupyterName} ${notebookPort}`,
    };
    this.registerOutputs({ commands: this.commands });
  }
}
