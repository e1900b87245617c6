/** How pods log in to the registry that their images come from. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { labelsFor } from "./labels.ts";

/** `datalab:platform.imagePull` */
export const imagePullSettings = z.strictObject({
  registry: z
    .string()
    .regex(
      /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?$/,
      "must be a registry host with an optional port, like registry.example.org:5000",
    )
    .optional()
    .describe("Host of the registry that the login is for: that of `imageMirror` when absent."),
  username: z
    .string()
    // https://www.rfc-editor.org/rfc/rfc7617#section-2
    .regex(/^[^:\s]+$/, "must hold neither colon nor space: a colon divides it from the password")
    .describe("Name to log in with."),
  password: z
    .string()
    .min(1, "must not be empty")
    .describe("Password or token that may pull and nothing else, as a secret of the stack file."),
});

export type ImagePullSettings = z.infer<typeof imagePullSettings>;

/** Where a component's images come from, if not simply from upstream. */
export interface ImageSource {
  /** Registry prefix of a mirror. @default the images' own registries */
  readonly imageMirror?: string | undefined;
  /** Content of the Secret that images are pulled with. @default no login */
  readonly registryLogin?: pulumi.Input<string> | undefined;
}

/** Name of the Secret in each of the platform's namespaces. */
export const pullSecretName = "image-pull";

/** Host of the registry that an image or a mirror names. */
export function registryOf(reference: string): string {
  return reference.split("/")[0] ?? reference;
}

/** The login in the form of Docker's configuration file, with what `kubectl create secret docker-registry` writes. */
export function dockerConfig(registry: string, { username, password }: ImagePullSettings): string {
  // Docker Hub's login has a name from before there were others.
  const key = registry === "docker.io" ? "https://index.docker.io/v1/" : registry;
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [key]: { username, password, auth } } });
}

/** The Secret of a namespace, if there is a login; pods wait for it. */
export function pullSecrets(
  name: string,
  namespace: string,
  login: pulumi.Input<string> | undefined,
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret[] {
  return login === undefined
    ? []
    : [new k8s.core.v1.Secret(`${name}-image-pull-secret`, pullSecret(namespace, login), options)];
}

/** @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
export function pullSecret(namespace: string, config: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return {
    metadata: { name: pullSecretName, namespace, labels: labelsFor(pullSecretName) },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": config },
  };
}

/** Gives every template of pods below a component the Secret, those of charts as well, and no claim of a volume. */
export const pullsWithSecret: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  const { spec } = props as { readonly spec?: unknown };
  const changed = withSecret(spec);
  return changed === spec ? undefined : { props: { ...props, spec: changed }, opts };
};

/** Templates lie below `template`, and in a CronJob below that of its Job. */
function withSecret(spec: unknown): unknown {
  if (typeof spec !== "object" || spec === null) return spec;
  if ("containers" in spec) return { ...spec, imagePullSecrets: [{ name: pullSecretName }] };
  for (const key of ["template", "jobTemplate"] as const) {
    const template = (spec as Readonly<Record<string, unknown>>)[key];
    if (typeof template !== "object" || template === null || !("spec" in template)) continue;
    const changed = withSecret(template.spec);
    if (changed !== template.spec) return { ...spec, [key]: { ...template, spec: changed } };
  }
  return spec;
}
