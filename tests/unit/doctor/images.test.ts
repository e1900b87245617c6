/** The doctor's look at the portal's images. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import type { Expectations } from "../../../commands/doctor/expectations.ts";
import { FirstImages, firstImagesFile } from "../../../commands/doctor/first-images.ts";
import type { Context, Outcome, Step } from "../../../commands/doctor/step.ts";
import { imagesStep } from "../../../commands/doctor/steps/images.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-images-"));
  file = join(folder, "Pulumi.home.images.json");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a step on what the API server would list. */
async function examine(step: Step, expected: Partial<Expectations>, items: readonly object[]) {
  const kubectl = { get: () => Promise.resolve({ items }) };
  const now = () => new Date("2026-11-29T12:00:00Z");
  const firstImages = new FirstImages(file);
  const outcome: Outcome = await step.run({ expected, kubectl, firstImages, now } as unknown as Context);
  return outcome;
}

describe("the portal's images", () => {
  const [one, other] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
  const repository = "docker.io/inseefrlab/onyxia-api";
  const setting = ["portal", "api", "imageDigest"];
  const pod = (imageID: string, more: object = {}) => ({
    metadata: { name: "p", ...more },
    status: { containerStatuses: [{ name: "api", ready: true, restartCount: 0, imageID }] },
  });
  const image = { repository, tag: "v1", digest: undefined, setting };
  const web = {
    repository: "docker.io/inseefrlab/onyxia-web",
    tag: "2",
    digest: undefined,
    setting: ["portal", "web", "imageDigest"],
  };
  const look = (digest: string | undefined, ...pods: object[]) =>
    examine(imagesStep, { portalImages: [{ ...image, digest }] }, pods);
  const remembered = () => JSON.parse(readFileSync(file, "utf8")) as unknown;

  it("by tag alone are shown with the command that pins what runs", async () => {
    // By a mirror, and as another runtime writes it.
    for (const at of [
      `${repository}@${one}`,
      `mirror.example.org/${repository}@${one}`,
      `docker-pullable://x/onyxia-api@${one}`,
    ]) {
      expect(await look(undefined, pod(at))).toEqual({
        status: "passed",
        note: `by tag alone, as first seen (Pulumi.home.images.json); to keep what runs: pulumi config set --path 'datalab:portal.api.imageDigest' '${one}'`,
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

  it("are remembered by their tag, and a tag that was moved is named", async () => {
    await look(undefined, pod(`${repository}@${one}`));
    const first = { "docker.io/inseefrlab/onyxia-api:v1": { digest: one, seen: "2026-11-29" } };
    expect(remembered()).toEqual(first);
    expect(await look(undefined, pod(`${repository}@${other}`))).toMatchObject({
      status: "warning",
      problem: `${repository}:v1 runs as ${other}; it was first seen, on 2026-11-29, as ${one}`,
      cause: expect.stringContaining("moved"),
      cure: expect.stringContaining(`remove "${repository}:v1" from ${file}`),
    });
    // The alarm stays until somebody decides.
    expect(remembered()).toEqual(first);
    expect(await look(undefined, pod(`${repository}@${one}`))).toMatchObject({ status: "passed" });
  });

  it("of another tag are other ones, and what is remembered stays", async () => {
    await look(undefined, pod(`${repository}@${one}`));
    const next = { ...image, tag: "v2" };
    const both = [pod(`${repository}@${other}`), pod(`${web.repository}@${one}`)];
    expect(await examine(imagesStep, { portalImages: [next, web] }, both)).toMatchObject({ status: "passed" });
    expect(Object.keys(remembered() as object)).toEqual([
      `${repository}:v1`,
      `${repository}:v2`,
      `${web.repository}:2`,
    ]);
    expect(readdirSync(folder)).toEqual(["Pulumi.home.images.json"]);
  });

  it("that were both moved are both named", async () => {
    const portalImages = [image, web];
    const pods = (digest: string) => portalImages.map((each) => pod(`${each.repository}@${digest}`));
    await examine(imagesStep, { portalImages }, pods(one));
    expect(await examine(imagesStep, { portalImages }, pods(other))).toMatchObject({
      status: "warning",
      problem: expect.stringMatching(/onyxia-api:v1 runs as .*; .*onyxia-web:2 runs as /),
    });
  });

  it("that are pinned, or have no digest, are not remembered", async () => {
    await look(one, pod(`${repository}@${one}`));
    await look(undefined, pod(one));
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["no JSON", "{"],
    ["of somebody else", '{"a":"b"}'],
    ["with another digest", JSON.stringify({ a: { digest: "latest", seen: "2026-01-01" } })],
  ])("are not compared with a file that is %s, which stays as it is", async (_, text) => {
    writeFileSync(file, text);
    expect(await look(undefined, pod(`${repository}@${one}`))).toMatchObject({
      status: "warning",
      problem: expect.stringContaining(`cannot be remembered in ${file}: `),
      cure: expect.stringContaining(`'datalab:portal.api.imageDigest' '${one}'`),
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("cannot be remembered where nothing may be written", async () => {
    rmSync(folder, { recursive: true });
    expect(await look(undefined, pod(`${repository}@${one}`))).toMatchObject({
      status: "warning",
      problem: expect.stringContaining("ENOENT"),
    });
    folder = mkdtempSync(join(tmpdir(), "datalab-images-"));
  });

  it("are not compared with what cannot be read", async () => {
    mkdirSync(file);
    expect(await look(undefined, pod(`${repository}@${one}`))).toMatchObject({
      status: "warning",
      problem: expect.stringMatching(/EISDIR.* read/),
    });
    expect(readdirSync(folder)).toEqual(["Pulumi.home.images.json"]);
  });

  it("are remembered beside the stack file", () => {
    expect(firstImagesFile("/x/Pulumi.home.yaml")).toBe("/x/Pulumi.home.images.json");
  });
});
