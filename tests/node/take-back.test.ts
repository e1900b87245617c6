/** A stack whose state was lost is taken back: the real engine and the real providers, with an empty backend. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine, type OperationResult } from "../../testbed/engine/engine.ts";
import { type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;

let platform: Platform;
/** The same stack in a backend that knows nothing. */
let engine: Engine;
/** What the cluster held before the state was lost. */
let before: Held;

interface Held {
  /** Kind, place and the API server's identity of what a replacement would end. */
  readonly identities: readonly string[];
  /** Secrets that the platform has made, entry by entry. */
  readonly entries: readonly string[];
}

async function held(): Promise<Held> {
  const kinds = "namespaces,statefulsets,deployments,persistentvolumeclaims,jobs,customresourcedefinitions,secrets";
  const objects = await platform.objects(kinds);
  return {
    identities: objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name} ${metadata.uid}`),
    entries: objects.flatMap(({ kind, metadata, data = {} }) =>
      kind === "Secret"
        ? Object.entries(data).map(([key, value]) => `${metadata.namespace}/${metadata.name} ${key} ${value}`)
        : [],
    ),
  };
}

/** Generated values, as people would write them. */
function valuesIn({ entries }: Held): string[] {
  return entries
    .map((entry) => Buffer.from(entry.split(" ").at(-1)!, "base64").toString())
    .filter((value) => value.length >= 32 && !value.startsWith("-----BEGIN CERTIFICATE"));
}

beforeAll(async () => {
  platform = await startPlatform();
  platform.configure((config) => {
    config["datalab:platform"] = { ...config["datalab:platform"], protectData: true };
  });
  expect((await platform.engine.up()).exitCode).toBe(0);
  before = await held();
  const { toolchain, folder, engine: lost } = platform;
  const state = join(folder, "another-state");
  engine = await openEngine({ toolchain, state, project: checkout, stack: "dev", stackFile: lost.stackFile });
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

/** The command, by itself. */
function takeBack(...args: string[]): Promise<{ code: number; text: string }> {
  const program = [join(checkout, "commands/take-back/main.ts"), "--config-file", engine.stackFile, ...args];
  const env = { ...process.env, ...engine.environment };
  return new Promise((resolve) => {
    execFile(join(checkout, "node_modules/.bin/node"), program, { cwd: checkout, env }, (error, out, complaint) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: out + complaint });
    });
  });
}

/** Every step but the ones that touch nothing which is there. */
function harmful({ exitCode, text, steps }: OperationResult): string[] {
  expect({ exitCode, text: exitCode === 0 ? "" : text }).toEqual({ exitCode: 0, text: "" });
  return steps.filter(({ op }) => !["same", "create", "update"].includes(op)).map(({ op, urn }) => `${op} ${urn}`);
}

describe("a stack whose state was lost", () => {
  it(
    "is refused by up, which names the way back",
    async () => {
      const { exitCode, text } = await engine.up();
      expect(exitCode).not.toBe(0);
      expect(text).toContain("npm run take-back -- -s dev --yes");
    },
    10 * minutes,
  );

  it(
    "is looked at, and nothing is written without being asked for",
    async () => {
      const { code, text } = await takeBack("-s", "dev");
      expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining("Nothing was changed.") });
      expect(await engine.run(["stack", "export", "--stack", "dev"])).not.toContain("randomPassword");
    },
    10 * minutes,
  );

  it(
    "gets its passwords and its authority back, and shows none of them",
    async () => {
      const { code, text } = await takeBack("-s", "dev", "--yes");
      expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining("Now: pulumi up --stack dev") });
      const exported = await engine.run(["stack", "export", "--stack", "dev"]);
      const values = valuesIn(before);
      expect(values.length).toBeGreaterThanOrEqual(7);
      for (const value of values) {
        expect(text.includes(value)).toBe(false);
        expect(exported.includes(value)).toBe(false);
      }
      expect(await held()).toEqual(before);
    },
    10 * minutes,
  );

  it(
    "comes up with what is there: nothing is replaced, nothing deleted, and no Secret changes",
    async () => {
      const up = await engine.up();
      expect(harmful(up)).toEqual([]);
      const values = up.steps.filter(({ type }) => /^(random|tls):/.test(type));
      expect(values.length).toBeGreaterThanOrEqual(9);
      expect(values.filter(({ op }) => op !== "same").map(({ urn, changed }) => [urn, changed])).toEqual([]);
      expect(await held()).toEqual(before);
    },
    10 * minutes,
  );

  it(
    "is as it was before: another up changes nothing, and there is nothing to take back",
    async () => {
      const up = await engine.up({ flags: ["--expect-no-changes"] });
      expect(harmful(up)).toEqual([]);
      expect(Object.keys(up.changes)).toEqual(["same"]);
      const exported = await engine.run(["stack", "export", "--stack", "dev"]);
      for (const value of valuesIn(before)) expect(exported.includes(value)).toBe(false);
      const { code, text } = await takeBack("-s", "dev", "--yes");
      expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining("The state is not lost") });
    },
    10 * minutes,
  );
});
