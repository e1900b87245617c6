/** The order of the doctor's steps, what of them is printed, and which there are. */
import { describe, expect, it } from "@jest/globals";

import { type Expectations, expectationsOf } from "../../../commands/doctor/expectations.ts";
import { isUsable, jsonOf, summaryOf, textOf } from "../../../commands/doctor/print.ts";
import { type Result, runSteps } from "../../../commands/doctor/runner.ts";
import { failed, passed, type Step, warning } from "../../../commands/doctor/step.ts";
import { stepsFor } from "../../../commands/doctor/steps/all.ts";
import { contextWith, external, s3, aws, minimal } from "../../support/doctor-context.ts";

function step(id: string, run: Step["run"], more: Partial<Step> = {}): Step {
  return { id, title: `the ${id}`, hop: `hop of ${id}`, needs: [], run, ...more };
}

const finding = { problem: "It is broken", cause: "it fell", cure: "Mend it" };

describe("the runner", () => {
  it("skips what stands on a failure, and says on which", async () => {
    const steps = [
      step("one", () => Promise.resolve(failed(finding))),
      step("two", () => Promise.resolve(passed()), { needs: ["one"] }),
      step("three", () => Promise.resolve(passed()), { needs: ["two"] }),
      step("four", () => Promise.resolve(warning(finding))),
      step("five", () => Promise.resolve(passed("note")), { needs: ["four"] }),
      step("six", () => Promise.resolve(passed()), { unless: () => "nobody asked" }),
    ];
    const seen: string[] = [];
    const results = await runSteps(
      steps,
      (facts) => contextWith({ facts }),
      ({ id }) => seen.push(id),
    );
    expect(seen).toEqual(["one", "two", "three", "four", "five", "six"]);
    expect(results.map(({ status }) => status)).toEqual([
      "failed",
      "skipped",
      "skipped",
      "warning",
      "passed",
      "skipped",
    ]);
    expect(results).toMatchObject([
      { hop: "hop of one", ...finding },
      { because: '"the one" failed' },
      { because: '"the two" was skipped' },
      { hop: "hop of four" },
      { note: "note" },
      { because: "nobody asked" },
    ]);
  });

  it("hands facts on, and keeps them out of the results", async () => {
    let found: string | undefined;
    const steps = [
      step("one", () => Promise.resolve(passed(undefined, { portalToken: "s3cret" }))),
      step("two", ({ facts }) => {
        found = facts.portalToken;
        return Promise.resolve(passed());
      }),
    ];
    const results = await runSteps(steps, (facts) => contextWith({ facts }));
    expect(found).toBe("s3cret");
    expect(JSON.stringify(results)).not.toContain("s3cret");
  });

  it("takes an exception for a failure of that hop, with the message", async () => {
    const [unexpected, known, several] = await runSteps(
      [
        step("one", () => Promise.reject(new TypeError("cannot read it"))),
        step("two", () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }))),
        step("three", () =>
          Promise.reject(Object.assign(new AggregateError([new Error("a"), new Error("b")]), { code: "ETIMEDOUT" })),
        ),
      ],
      (facts) => contextWith({ facts }),
    );
    expect(unexpected).toMatchObject({
      status: "failed",
      hop: "hop of one",
      problem: expect.stringContaining("cannot read it"),
    });
    expect(known).toMatchObject({ status: "failed", cause: expect.stringContaining("nothing listens") });
    expect(several).toMatchObject({ problem: expect.stringContaining("a, b") });
  });

  it("gives each step an id of its own and needs that stand before it", () => {
    for (const settings of [minimal(), minimal({ objectStore: external }), minimal({ objectStore: s3, aws })]) {
      const ids: string[] = [];
      for (const { id, needs } of stepsFor(expectationsOf(settings))) {
        expect(ids).toEqual(expect.arrayContaining([...needs]));
        expect(ids).not.toContain(id);
        ids.push(id);
      }
    }
  });
});

describe("what is printed", () => {
  const results: Result[] = [
    { id: "a", title: "name", hop: "DNS", milliseconds: 3, status: "passed", note: "192.0.2.1" },
    { id: "b", title: "login", hop: "Keycloak", milliseconds: 40, status: "failed", ...finding },
    { id: "c", title: "token", hop: "Keycloak", milliseconds: 0, status: "skipped", because: '"login" failed' },
  ];

  it("is one sentence for each failure, with the hop, the cause and the cure", () => {
    expect(results.map((result) => textOf(result).replaceAll(/ {2,}/g, "  "))).toEqual([
      "✓ name  3 ms  192.0.2.1",
      "✗ login  40 ms\n  It is broken (Keycloak), likely because it fell. Mend it.",
      '- token\n  skipped because "login" failed',
    ]);
    expect(summaryOf("dev", results)).toBe("Stack dev is not usable, first at: login (1 passed, 1 failed, 1 skipped).");
    expect(summaryOf("dev", results.slice(0, 1))).toBe("Stack dev is usable (1 passed).");
  });

  it("is the same as JSON", () => {
    expect(JSON.parse(jsonOf("dev", results))).toEqual({ stack: "dev", usable: false, steps: results });
    expect(isUsable([{ ...results[0]!, status: "warning", ...finding }])).toBe(true);
  });
});

describe("what is expected", () => {
  const keys = ({ publicHosts }: Expectations) => publicHosts.map(({ key }) => key);

  it("has the hosts and parts that the settings ask for", () => {
    const all = expectationsOf(minimal());
    expect(keys(all)).toEqual(["portal", "identity", "object-store", "services"]);
    expect(all.parts.map(({ key }) => key)).toEqual(["cluster-dns", "ingress", "identity", "object-store", "portal"]);
    const untold = expectationsOf(minimal({ dns: { clusterDns: "none" } }));
    expect(untold.parts.map(({ key }) => key)).not.toContain("cluster-dns");
    expect(keys(expectationsOf(minimal({ objectStore: { kind: "minio", console: true } })))).toContain("console");
    const elsewhere = expectationsOf(minimal({ objectStore: external }));
    expect(keys(elsewhere)).toEqual(["portal", "identity", "services", "object-store", "sts"]);
    expect(stepsFor(elsewhere).map(({ id }) => id)).toEqual(
      expect.arrayContaining(["dns:sts", "connection:object-store", "certificate:sts"]),
    );
    const alone = minimal({ objectStore: { ...external, sts: { url: "https://s3.elsewhere.test:8443" } } });
    expect(expectationsOf(alone).publicHosts.slice(-2)).toMatchObject([
      { key: "object-store", port: "", own: false },
      { key: "sts", host: "s3.elsewhere.test", port: "8443", own: false },
    ]);
    expect(keys(expectationsOf(minimal({ objectStore: { ...external, sts: {} } })))).not.toContain("sts");
    expect(elsewhere.objectStore).toMatchObject({ sts: { url: "https://sts.elsewhere.test" } });
    expect(elsewhere.parts.map(({ key }) => key)).not.toContain("object-store");
  });

  it("leaves the store to the portal where AWS decides a part of it", () => {
    const { access, objectStore } = expectationsOf(minimal({ objectStore: s3, aws }));
    expect(objectStore).toBeUndefined();
    expect(access.home.prefix).toBe("user-{username}/");
  });

  it("has the replicas of the settings", () => {
    const { parts } = expectationsOf(
      minimal({ identity: { replicas: 2 }, objectStore: { kind: "minio", replicas: 4 } }),
    );
    expect(parts.flatMap(({ workloads }) => workloads)).toEqual(
      expect.arrayContaining([
        { kind: "statefulsets", name: "keycloak", replicas: 2 },
        { kind: "statefulsets", name: "object-store", replicas: 4 },
      ]),
    );
  });
});
