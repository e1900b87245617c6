/** The doctor's look at the portal's images. */
import { describe, expect, it } from "@jest/globals";

import type { Expectations } from "../../commands/doctor/expectations.ts";
import type { Context, Outcome, Step } from "../../commands/doctor/step.ts";
import { imagesStep } from "../../commands/doctor/steps/images.ts";

/** Runs a step on what the API server would list. */
async function examine(step: Step, expected: Partial<Expectations>, items: readonly object[]) {
  const asked: string[] = [];
  const kubectl = {
    get: (path: string) => {
      asked.push(path);
      return Promise.resolve({ items });
    },
  };
  const outcome: Outcome = await step.run({ expected, kubectl } as unknown as Context);
  return { outcome, asked };
}

describe("the portal's images", () => {
  const [one, other] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
  const repository = "docker.io/inseefrlab/onyxia-api";
  const setting = ["portal", "api", "imageDigest"];
  const pod = (imageID: string, more: object = {}) => ({
    metadata: { name: "p", ...more },
    status: { containerStatuses: [{ name: "api", ready: true, restartCount: 0, imageID }] },
  });
  const look = async (digest: string | undefined, ...pods: object[]) =>
    (await examine(imagesStep, { portalImages: [{ repository, digest, setting }] }, pods)).outcome;

  it("by tag alone are shown with the command that pins what runs", async () => {
    // By a mirror, and as another runtime writes it.
    for (const at of [
      `${repository}@${one}`,
      `mirror.example.org/${repository}@${one}`,
      `docker-pullable://x/onyxia-api@${one}`,
    ]) {
      expect(await look(undefined, pod(at))).toEqual({
        status: "passed",
        note: `by tag alone; to keep what runs: pulumi config set --path 'datalab:portal.api.imageDigest' '${one}'`,
      });
    }
  });

  it("that are pinned, or were put onto the node by hand, are said nothing of", async () => {
    expect(await look(one, pod(`${repository}@${one}`))).toEqual({ status: "passed" });
    expect(await look(undefined, pod(one))).toEqual({ status: "passed" });
    expect(await look(undefined, pod(`docker.io/elsewhere/not-onyxia-api@${one}`))).toEqual({ status: "passed" });
  });

  it("that differ from the pin, or among each other, are a warning", async () => {
    expect(await look(one, pod(`${repository}@${other}`))).toMatchObject({
      status: "warning",
      problem: `${repository} runs as ${other}, the stack file wants ${one}`,
    });
    const mixed = [pod(`${repository}@${one}`), pod(`${repository}@${other}`)];
    expect(await look(undefined, ...mixed)).toMatchObject({ status: "warning", cause: expect.stringContaining("tag") });
    // One that is about to go is of the version before.
    const going = pod(`${repository}@${other}`, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    expect(await look(one, pod(`${repository}@${one}`), going)).toEqual({ status: "passed" });
  });
});
