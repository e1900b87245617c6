/** The two pods of the part: the hub, and the proxy that leads to it and to people's servers. */
import type * as k8s from "@pulumi/kubernetes";

import type { Database, PublicHostAccess } from "../contracts.ts";
import { caBundleName } from "../kubernetes/ca-bundle.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { hostAliases } from "../kubernetes/host-aliases.ts";
import { imageReference, withDigest } from "../kubernetes/image.ts";
import { labelsFor, selectorFor } from "../kubernetes/labels.ts";
import { platformContainer, platformPod } from "../kubernetes/pod-hygiene.ts";
import { namespaces } from "../names.ts";
import { images } from "../versions.ts";
import { authoritiesFolder, serviceUrl } from "./configuration.ts";
import { configurationFolder, program, programFile, settingsFile } from "./hub-program.ts";
import {
  administratorSecretName,
  hubName,
  type HubSecretKey,
  hubPort,
  proxyApiPort,
  proxyName,
  proxyPort,
  secretVariables,
} from "./names.ts";
import type { NotebooksSettings } from "./settings.ts";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type EnvVar = k8s.types.input.core.v1.EnvVar;

const namespace = namespaces.notebooks;

/** Users of the images. @see https://github.com/jupyterhub/zero-to-jupyterhub-k8s/blob/4.4.0/images/hub/Dockerfile */
const hubUser = 1000;
/** @see https://github.com/jupyterhub/configurable-http-proxy/blob/main/Dockerfile */
const proxyUser = 65_534;

export interface PodInputs {
  readonly settings: NotebooksSettings;
  readonly publicHosts: PublicHostAccess;
  /** Keycloak's host. */
  readonly identityHost: string;
  readonly database: Pick<Database, "passwordSecret">;
  /** The hub's JSON. */
  readonly configuration: string;
  readonly imageMirror?: string | undefined;
}

/** What the ConfigMap of the hub holds. */
export function hubFiles(configuration: string): Record<string, string> {
  return { [programFile]: program, [settingsFile]: configuration };
}

/** Arguments of the hub's image. */
export const hubArguments = ["jupyterhub", "--config", `${configurationFolder}/${programFile}`];

/** The hub: one at a time, because each would undo what the other does. */
export function hubDeployment(inputs: PodInputs): k8s.apps.v1.DeploymentArgs {
  return deployment(hubName, hubPod(inputs), configHash(hubFiles(inputs.configuration)));
}

function hubPod(inputs: PodInputs): PodSpec {
  const { settings, publicHosts, identityHost, database, imageMirror } = inputs;
  const probe = { httpGet: { path: "/hub/health", port: "http" }, timeoutSeconds: 5 };
  const trusts = publicHosts.caBundle !== undefined;
  return {
    serviceAccountName: hubName,
    automountServiceAccountToken: true,
    ...platformPod(hubUser),
    hostAliases: settings.login === "realm" ? hostAliases(publicHosts, identityHost) : [],
    containers: [
      {
        name: hubName,
        image: imageReference(withDigest(images.jupyterhub, settings.hub.imageDigest), imageMirror),
        args: hubArguments,
        env: hubVariables(settings, database),
        ports: [{ name: "http", containerPort: hubPort }],
        // It begins with its tables, which another release may have to change.
        startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 72 },
        livenessProbe: { ...probe, periodSeconds: 15, failureThreshold: 8 },
        readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
        ...platformContainer(settings.hub.resources),
        volumeMounts: [
          { name: "configuration", mountPath: configurationFolder, readOnly: true },
          { name: "tmp", mountPath: "/tmp" },
          ...(trusts ? [{ name: "ca", mountPath: authoritiesFolder, readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: "configuration", configMap: { name: hubName } },
      { name: "tmp", emptyDir: {} },
      ...(trusts ? [{ name: "ca", configMap: { name: caBundleName } }] : []),
    ],
  };
}

/** Secrets of the hub that its login needs. */
export function hubSecretKeys({ login }: Pick<NotebooksSettings, "login">): HubSecretKey[] {
  const all = Object.keys(secretVariables) as HubSecretKey[];
  return all.filter((key) => key !== "client-secret" || login === "realm");
}

function hubVariables(settings: NotebooksSettings, { passwordSecret }: PodInputs["database"]): EnvVar[] {
  const entry = (name: string, secretKeyRef: { readonly name: string; readonly key: string }): EnvVar => ({
    name,
    valueFrom: { secretKeyRef: { ...secretKeyRef } },
  });
  return [
    ...hubSecretKeys(settings).map((key) => entry(secretVariables[key], { name: hubName, key })),
    entry("PGPASSWORD", passwordSecret),
    ...(settings.login === "signup"
      ? [
          entry("ADMINISTRATOR", { name: administratorSecretName, key: "username" }),
          entry("ADMINISTRATOR_PASSWORD", { name: administratorSecretName, key: "password" }),
        ]
      : []),
    // Python would write its caches beside its modules.
    { name: "PYTHONDONTWRITEBYTECODE", value: "1" },
    { name: "HOME", value: "/tmp" },
  ];
}

/** Arguments of the proxy's program. */
export function proxyArguments(): string[] {
  const hub = serviceUrl(hubName, hubPort);
  return [
    ...["--ip=", `--port=${proxyPort}`, "--api-ip=", `--api-port=${proxyApiPort}`],
    ...[`--default-target=${hub}`, `--error-target=${hub}/hub/error`],
  ];
}

/** The proxy: two at once would each be told half of the routes. */
export function proxyDeployment({
  settings,
  imageMirror,
}: Pick<PodInputs, "settings" | "imageMirror">): k8s.apps.v1.DeploymentArgs {
  const probe = { httpGet: { path: "/_chp_healthz", port: "http" }, timeoutSeconds: 5 };
  const variable = secretVariables["proxy-token"];
  return deployment(proxyName, {
    serviceAccountName: proxyName,
    automountServiceAccountToken: false,
    ...platformPod(proxyUser),
    containers: [
      {
        name: proxyName,
        image: imageReference(withDigest(images.hubProxy, settings.proxy.imageDigest), imageMirror),
        command: ["configurable-http-proxy", ...proxyArguments()],
        env: [{ name: variable, valueFrom: { secretKeyRef: { name: hubName, key: "proxy-token" } } }],
        ports: [
          { name: "http", containerPort: proxyPort },
          { name: "api", containerPort: proxyApiPort },
        ],
        startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
        livenessProbe: { ...probe, periodSeconds: 15, failureThreshold: 4 },
        readinessProbe: { ...probe, periodSeconds: 5, failureThreshold: 3 },
        ...platformContainer(settings.proxy.resources),
      },
    ],
  });
}

function deployment(name: string, spec: PodSpec, annotations: Record<string, string> = {}): k8s.apps.v1.DeploymentArgs {
  return {
    metadata: { name, namespace, labels: labelsFor(name) },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: selectorFor(name) },
      template: { metadata: { labels: labelsFor(name), annotations }, spec },
    },
  };
}
