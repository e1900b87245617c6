/** Reads a stack file: the only code that touches Pulumi's configuration. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { awsSettings } from "../../components/aws/settings.ts";
import { authorities } from "../../components/certificates/authorities.ts";
import { certificatesSettings } from "../../components/certificates/settings.ts";
import { clusterSettings } from "../../components/cluster/settings.ts";
import { dnsSettings } from "../../components/dns/settings.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { ingressSettings } from "../../components/ingress/settings.ts";
import { imagePullSettings } from "../../components/kubernetes/image-pull.ts";
import { proxySettings } from "../../components/kubernetes/proxy.ts";
import { objectStoreSettings } from "../../components/object-store/settings.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { domainName, durationBetween } from "../../components/scalars.ts";
import { credentialProblems } from "./credentials.ts";
import type { Path } from "./cures.ts";
import { keyProblems } from "./keys.ts";
import { type Problem, SettingsError } from "./problems.ts";
import { repair } from "./repair.ts";
import { ruleProblems } from "./rules.ts";
import { problemsOf } from "./schema-problems.ts";

/** `datalab:platform` */
const platformSettings = z.strictObject({
  domain: domainName.describe(
    "Domain of the platform. The portal is `datalab.<domain>`, Keycloak `auth.<domain>`, S3 `s3.<domain>`.",
  ),
  servicesDomain: domainName
    .optional()
    .describe(
      "Domain of the user services, each one name below it: `lab.<domain>` when absent. One that is registered separately keeps their pages from setting cookies for the platform.",
    ),
  protectData: z
    .boolean()
    .optional()
    .describe(
      "Refuses to delete or replace what holds data, and keeps volumes when their owner goes. When absent: true on a cluster that the platform makes (`eks`), else false.",
    ),
  readyTimeout: durationBetween("10s", "2h")
    .default("10m")
    .describe("How long each object may take to become ready. Slow image pulls need more."),
  imageMirror: z
    .string()
    .regex(
      /^[a-z0-9][-a-z0-9.:/_]*[a-z0-9]$/,
      "must be a registry host with an optional path, like mirror.example.org/hub",
    )
    .optional()
    .describe("Registry prefix that every image is pulled through; the whole upstream name follows it."),
  imagePull: imagePullSettings
    .optional()
    .describe(
      "Login for the registry that the platform's images come from, where it wants one. Images of users' services are pulled without it.",
    ),
  authorities: authorities
    .optional()
    .describe(
      "Certificates of your company's own authorities, in PEM, one after another. The portal, users' services, Keycloak and cert-manager trust them beside the public ones.",
    ),
  proxy: proxySettings
    .optional()
    .describe("Proxy that leads out of your network: for catalogues, users' services, other logins and Let's Encrypt."),
  adopt: z
    .array(
      z
        .string()
        .regex(
          /^[A-Z][A-Za-z]*\/[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/,
          "must be a kind and a name, like Namespace/cert-manager",
        ),
    )
    .default([])
    .describe(
      "Objects that exist and that this stack takes over on purpose, each as `Kind/name`, like `Namespace/cert-manager`. `pulumi destroy` deletes them then.",
    ),
});

/** One key of the stack file for each component. */
export const settingsSchemas = {
  platform: platformSettings,
  aws: awsSettings.optional(),
  cluster: clusterSettings,
  dns: dnsSettings,
  ingress: ingressSettings,
  certificates: certificatesSettings,
  identity: identitySettings,
  objectStore: objectStoreSettings,
  portal: portalSettings,
} as const;

export type SettingsKey = keyof typeof settingsSchemas;

/** What the schemas give. */
export type ParsedSettings = { readonly [Key in SettingsKey]: z.infer<(typeof settingsSchemas)[Key]> };

/** Everything that a stack file says, with defaults filled in. */
export interface Settings extends ParsedSettings {
  readonly platform: ParsedSettings["platform"] & { readonly protectData: boolean };
}

/** A stack file as the engine hands it over. */
export interface StackFile {
  /** Name of the stack, for messages. */
  readonly stack: string;
  /** Values by key, without the project's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys that hold at least one secret. */
  readonly secretKeys: readonly string[];
  /** Keys of other namespaces than the project's, in full. @default none */
  readonly foreignKeys?: readonly string[];
}

/** Settings of the running stack. @throws SettingsError with every mistake of the stack file */
export function loadSettings(): Settings {
  return parseSettings(readStackFile());
}

/** Checks a stack file. @throws SettingsError with every mistake of it */
export function parseSettings(file: StackFile): Settings {
  const known = Object.keys(settingsSchemas);
  const problems: Problem[] = keyProblems(file, known);
  const valid: Partial<Record<SettingsKey, unknown>> = {};
  const madeUp: Path[] = [];
  for (const [key, schema] of entriesOf(settingsSchemas)) {
    // A component whose every setting has a default may be left out; it is an empty object then.
    const input = file.values[key] ?? (schema.safeParse(undefined).success ? undefined : {});
    problems.push(...problemsOf(key, schema, input));
    // A bad value does not keep the rules about others from running, so that all mistakes come in one round.
    const repaired = repair(schema, input);
    if (repaired === undefined) continue;
    valid[key] = repaired.data;
    madeUp.push(...repaired.places.map((place) => [key, ...place]));
  }
  problems.push(...credentialProblems(file), ...ruleProblems(valid as Partial<ParsedSettings>, madeUp));
  if (problems.length > 0) throw new SettingsError(file.stack, problems);
  return complete(valid as ParsedSettings);
}

/** Defaults that depend on other settings. */
function complete(settings: ParsedSettings): Settings {
  const { platform, cluster } = settings;
  return { ...settings, platform: { ...platform, protectData: platform.protectData ?? cluster.kind === "eks" } };
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

const prefix = "datalab:";

function readStackFile(): StackFile {
  const config = new pulumi.Config();
  const all = Object.keys(pulumi.runtime.allConfig());
  const keys = all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return {
    stack: pulumi.getStack(),
    values: Object.fromEntries(keys.map((key) => [key, valueOf(config.get(key) ?? "null")])),
    secretKeys: keys.filter((key) => isSecret(`${prefix}${key}`)),
    foreignKeys: all.filter((key) => !key.startsWith(prefix)),
  };
}

/** What the text of a key means. One that is not JSON stays the text that it is; the schema then says what it should be. */
export function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isSecret(key: string): boolean {
  // Exported by the SDK, but missing from its typings.
  return (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);
}
