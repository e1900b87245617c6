/** What the doctor says of an object store. */
import { describe, expect, it } from "@jest/globals";

import { expectationsOf } from "../../../commands/doctor/expectations.ts";
import { type Context, type Step } from "../../../commands/doctor/step.ts";
import { foreignBucketStep, ownBucketStep } from "../../../commands/doctor/steps/buckets.ts";
import { exchangeStep } from "../../../commands/doctor/steps/exchange.ts";
import { corsStep } from "../../../commands/doctor/steps/store.ts";
import { writeStep } from "../../../commands/doctor/steps/write.ts";
import { type WebRequest } from "../../../commands/doctor/web-client.ts";
import type { Settings } from "../../../stacks/settings/schemas.ts";
import { contextWith, external, minimal } from "../../support/doctor-context.ts";

describe("an object store", () => {
  interface Call {
    readonly method: string;
    readonly url: URL;
    readonly body: string | undefined;
  }
  type Answer = { status: number; text?: string; headers?: Record<string, string> };

  const own = minimal();
  const perUser = minimal({ objectStore: { ...external, prefix: "data/" } });
  const shared = minimal({ objectStore: { ...external, bucket: "lab", prefix: "user-{username}/" } });
  const error = (status: number, code: string): Answer => ({ status, text: `<Error><Code>${code}</Code></Error>` });
  const denied = error(403, "AccessDenied");
  const noBucket = error(404, "NoSuchBucket");
  const noKey = error(404, "NoSuchKey");
  const isList = ({ url }: Call) => url.searchParams.has("list-type");
  const isListOfBuckets = ({ url }: Call) => url.pathname === "/";

  /** Runs a step as ada, against answers; returns what was asked, too. */
  async function asked(step: Step, settings: Settings, answer: (call: Call) => Answer | Error) {
    const calls: Call[] = [];
    const request = (address: string, { method = "GET", body }: WebRequest = {}) => {
      const call = { method, url: new URL(address), body };
      calls.push(call);
      const given = answer(call);
      if (given instanceof Error) return Promise.reject(given);
      return Promise.resolve({ text: "", headers: {}, ...given });
    };
    const context = contextWith({
      expected: expectationsOf(settings),
      options: { user: "ada", write: true } as Context["options"],
      web: { request } as unknown as Context["web"],
      facts: { storageToken: "token", credentials: { accessKey: "a", secretKey: "s", sessionToken: "t" } },
    });
    return { outcome: await step.run(context), calls };
  }

  it("is asked for keys of the life that browsers ask for, and says when that is too long", async () => {
    const { outcome, calls } = await asked(exchangeStep(expectationsOf(shared)), shared, () => ({
      status: 400,
      text: "<Code>ValidationError</Code><Message>The requested DurationSeconds exceeds the MaxSessionDuration</Message>",
    }));
    expect(new URLSearchParams(calls[0]!.body).get("DurationSeconds")).toBe("43200");
    expect(outcome).toMatchObject({
      status: "failed",
      cause: expect.stringContaining("43200 s"),
      cure: expect.stringContaining("credentialsLifetime"),
    });
  });

  it.each<[string, Settings, Answer, string, RegExp]>([
    ["that answers", perUser, { status: 200 }, "passed", /s3:\/\/user-ada\/data\/$/],
    ["that is not there yet", perUser, noBucket, "passed", /first visit/],
    ["that all share and nobody has made", shared, noBucket, "failed", /no bucket lab, which all users share/],
    ["that is refused", own, denied, "failed", /may not list .*AccessDenied/],
    ["of a store that is down", perUser, { status: 503 }, "failed", /overloaded/],
  ])("has the own bucket: one %s", async (_, settings, answer, status, says) => {
    const { outcome } = await asked(ownBucketStep, settings, () => answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(new RegExp(says.source.replace("$", '"')));
  });

  it.each<[string, Settings, (call: Call) => Answer, string, RegExp]>([
    ["that are refused", perUser, () => denied, "passed", /passed/],
    [
      "that are refused, with a list of buckets that has the own one",
      own,
      (call) => (isListOfBuckets(call) ? { status: 200, text: "<Bucket><Name>user-ada</Name></Bucket>" } : denied),
      "passed",
      /passed/,
    ],
    [
      "of which the list tells",
      own,
      (call) =>
        isListOfBuckets(call)
          ? { status: 200, text: "<Bucket><BucketRegion>x</BucketRegion><Name>user-bob</Name></Bucket>" }
          : denied,
      "failed",
      /told of other buckets: user-bob/,
    ],
    [
      "whose list fails",
      own,
      (call) => (isListOfBuckets(call) ? { status: 500 } : denied),
      "failed",
      /list of buckets: 500/,
    ],
    [
      "that can be listed",
      perUser,
      (call) => (isList(call) ? { status: 200 } : denied),
      "failed",
      /not refused s3:\/\/user-doctor-nobody\/data\//,
    ],
    [
      "of which all can be listed",
      shared,
      (call) => (call.url.searchParams.get("prefix") === "" ? { status: 200 } : denied),
      "failed",
      /not refused s3:\/\/lab\/: /,
    ],
    [
      "whose objects can be read",
      perUser,
      (call) => (isList(call) || isListOfBuckets(call) ? denied : noKey),
      "failed",
      /not refused/,
    ],
    ["that the platform's own store looks for", own, () => noBucket, "failed", /not refused/],
    [
      "that another store does not have",
      perUser,
      (call) => (isListOfBuckets(call) ? denied : noBucket),
      "warning",
      /cannot be told.*NoSuchBucket/,
    ],
    ["that are down", perUser, () => ({ status: 503 }), "failed", /overloaded/],
    [
      "behind a signature that is refused",
      own,
      () => error(403, "SignatureDoesNotMatch"),
      "failed",
      /cannot be told.*SignatureDoesNotMatch/,
    ],
  ])("is asked for other buckets: %s", async (_, settings, answer, status, says) => {
    const { outcome, calls } = await asked(foreignBucketStep, settings, answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
    // The own bucket is no foreign one.
    expect(calls.filter(({ url }) => /^\/user-ada(\/|$)/.test(url.pathname))).toEqual([]);
    expect(calls.every(({ method }) => method === "GET")).toBe(true);
  });

  it("is asked for other buckets only where the own one is open", () => {
    expect(foreignBucketStep.needs).toEqual(["exchange", "own-bucket"]);
  });

  it.each<[string, Settings, Answer, string, RegExp]>([
    ["without rules for the portal", perUser, { status: 200 }, "failed", /no method from nowhere/],
    ["without the bucket that is made later", perUser, noBucket, "warning", /no bucket user-ada/],
    ["without the bucket that all share", shared, noBucket, "failed", /no bucket lab/],
    ["that is down", perUser, { status: 503 }, "failed", /overloaded/],
  ])("is asked whether the portal's pages may come in: one %s", async (_, settings, answer, status, says) => {
    const { outcome } = await asked(corsStep, settings, () => answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("is asked for the user's bucket where browsers ask for it", async () => {
    const inHost = minimal({ objectStore: { ...external, pathStyleAccess: false } });
    const { calls } = await asked(corsStep, inHost, () => ({ status: 200 }));
    expect(calls[0]!.url.href).toBe("https://user-ada.s3.elsewhere.test/file");
  });

  it("keeps no version of what was written, even if it cannot be read", async () => {
    const { outcome, calls } = await asked(writeStep, own, (call) => {
      if (isList(call)) return { status: 200 };
      if (call.method === "PUT") return { status: 200, headers: { "x-amz-version-id": "v/1" } };
      return call.method === "DELETE" ? { status: 204 } : Object.assign(new Error("gone"), { code: "ECONNRESET" });
    });
    expect(outcome).toMatchObject({ status: "failed", problem: expect.stringMatching(/^No answer for s3:.*: gone$/) });
    const [, put, , deleted] = calls;
    expect(calls.map(({ method }) => method)).toEqual(["GET", "PUT", "GET", "DELETE"]);
    expect(deleted!.url.pathname).toBe(put!.url.pathname);
    expect(deleted!.url.search).toBe("?versionId=v%2F1");
  });

  it("is told apart when it keeps what was written", async () => {
    const { outcome, calls } = await asked(writeStep, own, (call) => {
      if (isList(call)) return noBucket;
      return call.method === "PUT" ? { status: 200 } : error(500, "InternalError");
    });
    const object = `s3:/${calls[2]!.url.pathname}`;
    expect(calls.map(({ method }) => method)).toEqual(["GET", "PUT", "PUT", "GET", "DELETE", "DELETE"]);
    expect(outcome).toMatchObject({ status: "failed" });
    for (const says of [
      "does not come back",
      `${object} could not be deleted`,
      "The bucket user-ada could not be deleted",
    ]) {
      expect(JSON.stringify(outcome)).toContain(says);
    }
  });
});
