/** What a person sees who interrupts an operation, starts two, or loses the cluster for a minute; and the next one completes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { OperationResult } from "../../testbed/engine/engine.ts";
import { cancel, start } from "../support/broken-off.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { type Relay, startRelay } from "../support/relay.ts";

const minutes = 60_000;

let platform: Platform;
let state: string;
let relay: Relay;

beforeAll(async () => {
  platform = await startPlatform({ checkpoints: true });
  state = join(platform.folder, "state");
  // The engine's way to the API server can be cut; everybody else keeps theirs.
  relay = await startRelay(platform.controlPlane.server);
  const kubeconfig = join(platform.folder, "kubeconfig");
  const text = readFileSync(platform.controlPlane.kubeconfig, "utf8");
  writeFileSync(kubeconfig, text.replaceAll(platform.controlPlane.server, relay.url), { mode: 0o600 });
  platform.configure((config) => {
    config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: kubeconfig };
  });
}, 40 * minutes);

afterAll(async () => {
  await relay.close();
  await platform.stop();
}, 2 * minutes);

/** The operation goes on from here, and a third one has nothing left to do. */
async function completed(): Promise<void> {
  for (const result of [
    await platform.engine.up(),
    await platform.engine.preview({ flags: ["--expect-no-changes"] }),
  ]) {
    expect({ exitCode: result.exitCode, text: result.exitCode === 0 ? "" : result.text }).toEqual({
      exitCode: 0,
      text: "",
    });
  }
}

function failed(result: OperationResult | undefined, text: RegExp): void {
  expect({ exitCode: result?.exitCode, text: result?.text }).toEqual({
    exitCode: expect.not.closeTo(0),
    text: expect.stringMatching(text),
  });
}

describe("an `up`", () => {
  it(
    "that is interrupted by Ctrl-C ends with what it has begun, and is completed by the next one",
    async () => {
      const running = start(platform.engine, "up", state);
      expect(await running.reaches(40)).toBe(true);
      running.interrupt();
      failed(await running.result, /cancel/i);
      // It has put its lock and its state in order: no `pulumi cancel`.
      const again = start(platform.engine, "up", state);
      expect(await again.reaches(90)).toBe(true);
      again.interrupt();
      await sleep(500);
      again.interrupt();
      failed(await again.result, /cancel|terminat/i);
      await cancel(platform.engine, state);
      await completed();
    },
    8 * minutes,
  );

  it(
    "that finds another one at work is refused, and says what to do; the other one completes",
    async () => {
      platform.configure((config) => {
        config["datalab:portal"] = { ...config["datalab:portal"], title: "Another title" };
      });
      const running = start(platform.engine, "up", state);
      expect(await running.reaches(1)).toBe(true);
      failed(await platform.engine.up(), /locked by 1 lock[^]*pulumi cancel/);
      expect(await running.result).toMatchObject({ exitCode: 0 });
      await completed();
    },
    6 * minutes,
  );

  it(
    "that loses the API server for a minute says so, and is completed by the next one",
    async () => {
      platform.configure((config) => {
        config["datalab:portal"] = { ...config["datalab:portal"], title: "A third title" };
        config["datalab:identity"] = { ...config["datalab:identity"], sessions: { idle: "20m" } };
      });
      const running = start(platform.engine, "up", state);
      expect(await running.reaches(100)).toBe(true);
      relay.cut();
      await sleep(60_000);
      relay.mend();
      const result = await running.result;
      if (result?.exitCode !== 0) failed(result, /connection reset/);
      await completed();
    },
    8 * minutes,
  );
});
