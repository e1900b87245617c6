/** Settings and a context for tests of single steps of the doctor. */
import { type Context } from "../../commands/doctor/step.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";

/** A context of nothing but what a test gives. */
export function contextWith(parts: Partial<Context>): Context {
  return { facts: {}, now: () => new Date("2026-11-21T12:00:00Z"), ...parts } as Context;
}

export const external = {
  kind: "external",
  endpoint: "https://s3.elsewhere.test",
  sts: { url: "https://sts.elsewhere.test" },
};
export const s3 = { kind: "s3" };
export const aws = { accountId: "123456789012", region: "eu-west-3" };

export const minimalValues = {
  platform: { domain: "example.test" },
  cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
  ingress: { kind: "traefik" },
  certificates: { issuer: "existing", issuerName: "ours" },
  objectStore: { kind: "minio" },
};

export function minimal(more: Record<string, unknown> = {}): Settings {
  return parseSettings({ stack: "test", values: { ...minimalValues, ...more }, secretKeys: [] });
}
