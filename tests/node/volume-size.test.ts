/** A volume that is to become larger: what is printed is typed, on the real engine and a real API server. */
import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { type KubernetesObject, type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
  const first = await platform.engine.up();
  expect({ code: first.exitCode, text: first.text.slice(-2000) }).toMatchObject({ code: 0 });
  await platform.kubectl("patch", "storageclass", "standard", "--patch", '{"allowVolumeExpansion":true}');
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

/** What holds the database's data, with the identity that a deletion would end. */
async function identities(): Promise<string[]> {
  const objects = await platform.objects("pods,persistentvolumeclaims");
  return objects
    .filter(({ metadata }) => /keycloak-database/.test(metadata.name))
    .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`);
}

function setTo(size: string): void {
  platform.configure((config) => {
    config["datalab:platform"] = { ...config["datalab:platform"], protectData: true };
    config["datalab:identity"] = { ...config["datalab:identity"], database: { storage: { size } } };
  });
}

it(
  "is refused with the commands that make it larger, which keep its data and its pod",
  async () => {
    setTo("5Gi");
    const guarded = await platform.engine.up();
    expect(guarded.exitCode).toBe(0);
    const before = await identities();
    expect(before).toHaveLength(2);

    setTo("6Gi");
    for (const operation of ["preview", "up"] as const) {
      const { exitCode, text, steps } = await platform.engine[operation]();
      expect(exitCode).not.toBe(0);
      expect(text).toContain("was made with 5Gi, and identity.database.storage.size is 6Gi");
      expect(steps.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
    }
    const { text } = await platform.engine.preview();
    const lines = text.split("\n").map((line) => line.trim());
    const commands = [...new Set(lines.filter((line) => /^(kubectl|pulumi (refresh|up)) /.test(line)))];
    expect(commands.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "kubectl --namespace",
      "kubectl delete",
      "kubectl --namespace",
      "pulumi refresh",
      "pulumi up",
    ]);
    const env = { ...process.env, ...platform.engine.environment, KUBECONFIG: platform.controlPlane.kubeconfig };
    for (const line of commands.filter((one) => one.startsWith("kubectl"))) {
      await promisify(execFile)("sh", ["-c", line], { env });
    }
    expect((await platform.engine.refresh()).exitCode).toBe(0);
    const done = await platform.engine.up();
    expect({ code: done.exitCode, text: done.text.slice(-3000) }).toMatchObject({ code: 0 });

    expect(await identities()).toEqual(before);
    const found = await platform.objects<Sized>("statefulsets,persistentvolumeclaims", "--namespace=datalab-identity");
    const sizes = found.filter(({ metadata }) => metadata.name.endsWith("keycloak-database")).map(sizeOf);
    expect(sizes).toContain("6Gi");
    const [claim] = found.filter(({ metadata }) => metadata.name === "data-keycloak-database-0");
    expect(claim && sizeOf(claim)).toBe("6Gi");
    const again = await platform.engine.up({ flags: ["--expect-no-changes"] });
    expect(again.exitCode).toBe(0);
  },
  20 * minutes,
);

interface Request {
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}

interface Sized extends KubernetesObject {
  readonly spec: Request & { readonly volumeClaimTemplates?: readonly { readonly spec: Request }[] };
}

function sizeOf({ spec }: Sized): string | undefined {
  return (spec.volumeClaimTemplates?.[0]?.spec ?? spec).resources?.requests?.storage;
}
