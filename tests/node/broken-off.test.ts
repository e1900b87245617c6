/** The next operation completes what was broken off: CLI, plugins and program are killed at chosen moments. */
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { OperationResult } from "../../testbed/engine/engine.ts";
import { namespaces } from "../../components/names.ts";
import { breakOff, type Operation } from "../support/broken-off.ts";
import { type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;
/**
 * Numbers of finished resources, of about 180: of the first `up`, of an update, of a `destroy`, which has fewer to delete
 * each time. `npm run soak` tries others.
 */
const moments = (process.env["DATALAB_MOMENTS"] ?? "10,45,80,115,150,170/95,140,165/20,50,60")
  .split("/")
  .map((part) => part.split(",").map(Number));
const [first = [], update = [], destroy = []] = moments;

let platform: Platform;
let state: string;

beforeAll(async () => {
  platform = await startPlatform({ checkpoints: true });
  state = join(platform.folder, "state");
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

async function broken(operation: Operation, after: number): Promise<void> {
  expect({ operation, after, killed: await breakOff(platform.engine, operation, state, after) }).toMatchObject({
    killed: true,
  });
}

function succeeded(result: OperationResult): void {
  expect({ exitCode: result.exitCode, text: result.exitCode === 0 ? "" : result.text }).toEqual({
    exitCode: 0,
    text: "",
  });
}

/** What opens databases and stores: volumes hold data under the passwords of the first time. */
async function passwords(): Promise<string[]> {
  const secrets = await platform.objects("secrets");
  return secrets
    .filter(({ metadata }) => Object.values<string>(namespaces).includes(metadata.namespace ?? ""))
    .flatMap(({ metadata, data = {} }) =>
      Object.entries(data)
        .filter(([key]) => /password|secret/i.test(key))
        .map(([key, value]) => `${metadata.name} ${key} ${value}`),
    )
    .toSorted();
}

describe("an operation that was killed", () => {
  it(
    "is completed by the next one, when it was the first `up`, and the one after it, and …",
    async () => {
      for (const moment of first) await broken("up", moment);
      succeeded(await platform.engine.up());
      succeeded(await platform.engine.preview({ flags: ["--expect-no-changes"] }));
    },
    8 * minutes,
  );

  it(
    "is completed by the next one, when it was an update, and opens what it opened before",
    async () => {
      const before = await passwords();
      expect(before.length).toBeGreaterThanOrEqual(2);
      platform.configure((config) => {
        config["datalab:portal"] = { ...config["datalab:portal"], title: "Another title" };
        config["datalab:identity"] = { ...config["datalab:identity"], sessions: { idle: "20m" } };
      });
      for (const moment of update) await broken("up", moment);
      succeeded(await platform.engine.up());
      succeeded(await platform.engine.preview({ flags: ["--expect-no-changes"] }));
      expect(await passwords()).toEqual(before);
    },
    6 * minutes,
  );

  it(
    "is completed by the next one, when it was a `destroy`",
    async () => {
      for (const moment of destroy) await broken("destroy", moment);
      succeeded(await platform.engine.destroy());
      const left = (await platform.objects("namespaces")).map(({ metadata }) => metadata.name);
      for (const name of Object.values(namespaces)) expect(left).not.toContain(name);
    },
    6 * minutes,
  );
});
