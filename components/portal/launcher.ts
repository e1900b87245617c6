/** Files of the launcher in the API's pod: the `helm` that it finds first, and what that stands on. */
import type * as k8s from "@pulumi/kubernetes";

import type { AccessModel } from "../access/access-model.ts";
import { opensApiServer, trustFileName, type WorkspaceObject } from "../workspaces/objects.ts";
import type { WorkspaceServices } from "../workspaces/settings.ts";
import type { LauncherPlaces } from "./launcher-options.ts";
import { launcherScript } from "./launcher-script.ts";

type Volume = k8s.types.input.core.v1.Volume;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/** ConfigMap of the launcher's programs. */
export const launcherConfigName = "onyxia-launcher";
/** ConfigMap of the workspaces' objects. */
export const workspacesConfigName = "onyxia-workspaces";
/** ConfigMap of the workspaces' authorities: apart, because they are not known in the first preview. */
export const trustConfigName = "onyxia-workspace-trust";

/** helm's plugin that takes NetworkPolicies out of releases. */
const postRenderer = "datalab-walls";

const account = "/var/run/secrets/kubernetes.io/serviceaccount";
const folder = "/launcher";

const places: LauncherPlaces = {
  helm: "/usr/local/bin/helm",
  objects: "/launcher-objects",
  kubeconfig: `${folder}/kubeconfig`,
  account,
  apiServer: "https://kubernetes.default.svc",
  plugins: `${folder}/plugins`,
  marks: "/tmp/workspaces",
  // The first process of the container is the API's.
  log: "/proc/1/fd/1",
};

/**
 * Text of the launcher's ConfigMap, by file.
 *
 * @param at @default the places of the API's pod
 */
export function launcherConfig(
  access: Pick<AccessModel, "namespacePrefix" | "groupNamespacePrefix">,
  { networkIsolation, kubernetesRole }: Pick<WorkspaceServices, "networkIsolation" | "kubernetesRole">,
  at: LauncherPlaces = places,
): Record<string, string> {
  return {
    helm: launcherScript({
      places: at,
      prefixes: { user: access.namespacePrefix, group: access.groupNamespacePrefix },
      postRenderer: networkIsolation ? postRenderer : undefined,
      asksForApiServer: opensApiServer({ networkIsolation, kubernetesRole }),
    }),
    kubeconfig: kubeconfig(at),
    "plugin.yaml": plugin,
    "without-network-policies": withoutNetworkPolicies,
  };
}

/** Lines of the launcher's index: which workspaces get the object, its file, its address. */
export function workspaceIndex(objects: readonly WorkspaceObject[]): string {
  return objects.map(({ only, file, path }) => `${only ?? "all"} ${file} ${path}\n`).join("");
}

/** The API's own client would read it too, if it were the container's; only helm can read the token from a file. */
function kubeconfig({ apiServer, account: folderOfAccount }: LauncherPlaces): string {
  const named = (name: string, content: object) => ({ name, ...content });
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "api",
    clusters: [
      named("cluster", { cluster: { server: apiServer, "certificate-authority": `${folderOfAccount}/ca.crt` } }),
    ],
    users: [named("api", { user: { tokenFile: `${folderOfAccount}/token` } })],
    contexts: [named("api", { context: { cluster: "cluster", user: "api" } })],
  });
}

/** @see https://helm.sh/docs/plugins/developer/plugin-types/ */
const plugin = JSON.stringify({
  apiVersion: "v1",
  type: "postrenderer/v1",
  name: postRenderer,
  version: "1.0.0",
  runtime: "subprocess",
  runtimeConfig: { platformCommand: [{ command: "${HELM_PLUGIN_DIR}/without-network-policies" }] },
});

/**
 * Charts bring NetworkPolicies, many of which open everything: admission would refuse the whole release. Nothing is
 * lost with them, for policies add up and the platform's own already let in what a chart's may.
 */
const withoutNetworkPolicies = `#!/bin/sh
exec awk '
  function flush() { if (document != "" && !unwanted) printf "---\\n%s", document; document = ""; unwanted = 0 }
  /^---([ \\t]|$)/ { flush(); next }
  /^kind: *"?NetworkPolicy"? *$/ { unwanted = 1 }
  { document = document $0 "\\n" }
  END { flush() }'
`;

/** Executable for everybody: the pod's user is not their owner. */
const mode = 0o555;

/** Volumes of the API's pod. */
export function launcherVolumes(privateCa: boolean): Volume[] {
  return [
    {
      name: "launcher",
      configMap: {
        name: launcherConfigName,
        defaultMode: mode,
        items: [
          { key: "helm", path: "helm" },
          { key: "kubeconfig", path: "kubeconfig" },
          ...["plugin.yaml", "without-network-policies"].map((key) => ({
            key,
            path: `plugins/${postRenderer}/${key}`,
          })),
        ],
      },
    },
    {
      name: "launcher-objects",
      projected: {
        sources: [
          { configMap: { name: workspacesConfigName } },
          ...(privateCa ? [{ configMap: { name: trustConfigName, items: [trustItem] } }] : []),
        ],
      },
    },
  ];
}

const trustItem = { key: trustFileName, path: trustFileName };

/** The JVM looks for programs in its PATH, where this folder stands before that of the real one. */
export const launcherMounts: VolumeMount[] = [
  { name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "helm", readOnly: true },
  { name: "launcher", mountPath: folder, readOnly: true },
  { name: "launcher-objects", mountPath: places.objects, readOnly: true },
];
