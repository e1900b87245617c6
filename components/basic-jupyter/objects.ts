/** The objects of a plain Jupyter, as somebody would write them by hand. */
import type * as k8s from "@pulumi/kubernetes";

import { imageReference } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { notebookPod, notebookPort } from "../kubernetes/notebook.ts";
import { containerResources } from "../kubernetes/pod-hygiene.ts";
import { platformPriority } from "../kubernetes/priority-class.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { jupyterName } from "./names.ts";
import type { BasicJupyterSettings } from "./settings.ts";

const metadata = { name: jupyterName, namespace: namespaces.basicJupyter, labels: labelsFor(jupyterName) };

/** One pod, without a volume: a restart makes another token, and what was in it is gone. That is part of the lesson. */
export function jupyterDeployment(settings: BasicJupyterSettings, imageMirror?: string): k8s.apps.v1.DeploymentArgs {
  return {
    metadata,
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: selectorFor(jupyterName) },
      template: {
        metadata: { labels: labelsFor(jupyterName) },
        spec: {
          serviceAccountName: jupyterName,
          priorityClassName: platformPriority,
          ...notebookPod({
            image: imageReference(images.minimalNotebook, imageMirror),
            resources: containerResources(settings.resources),
            home: { name: "home", emptyDir: {} },
          }),
        },
      },
    },
  };
}

/** It has no rights. */
export function jupyterAccount(): k8s.core.v1.ServiceAccountArgs {
  return { metadata, automountServiceAccountToken: false };
}

export function jupyterService(): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata, annotations: withoutWait },
    spec: { selector: selectorFor(jupyterName), ports: [{ name: "http", port: notebookPort, targetPort: "http" }] },
  };
}
