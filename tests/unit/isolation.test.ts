import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { groups, withEveryRight, withHyphens } from "../support/isolation/attempts.ts";
import { resourceOf } from "../support/isolation/calls.ts";
import { elsewhere } from "../support/isolation/elsewhere.ts";
import { creatableKinds } from "../support/isolation/kinds.ts";

const attempts = [...groups, withEveryRight, withHyphens].flatMap((group) => group.attempts);
const numbers = [...attempts, ...elsewhere.flatMap(({ rows }) => rows)].map(({ no }) => no);

/** How many of each group were tried before there were walls. */
const first = { P: 20, S: 11, I: 22, N: 25, Q: 7, A: 9, H: 10, V: 5, C: 5, E: 1, T: 4, U: 18, B: 1 };

// What comes of them is in tests/engine/isolation.test.ts.
describe("the attempts", () => {
  it("have a number each", () => {
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it.each(Object.entries(first))("hold all of the first ones: %s1 to %s", (letter, count) => {
    const expected = Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
    // Some are several rows by now: I11a, I11b.
    expect(expected.filter((no) => !numbers.some((other) => other.replace(/[a-g]$/, "") === no))).toEqual([]);
  });

  it("are made elsewhere by tests that there are", () => {
    const named = new Set(elsewhere.flatMap(({ rows }) => rows.flatMap(({ tests }) => tests)));
    const missing = [...named].filter((test) => !existsSync(join(import.meta.dirname, `../${test}.test.ts`)));
    expect(missing).toEqual([]);
  });

  it("give a reason each", () => {
    expect(attempts.filter(({ by, make }) => by === "" || make.length === 0)).toEqual([]);
  });

  it("call kinds as the API server does", () => {
    const kinds = ["Pod", "Ingress", "NetworkPolicy", "Endpoints", "IngressClass", "EndpointSlice"];
    expect(kinds.map(resourceOf)).toEqual([
      "pods",
      "ingresses",
      "networkpolicies",
      "endpoints",
      "ingressclasses",
      "endpointslices",
    ]);
  });

  it("read from a role which kinds it creates", () => {
    const rules = [
      { apiGroups: ["", "apps"], resources: ["pods", "pods/exec"], verbs: ["create"] },
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get"] },
    ];
    expect(creatableKinds({ rules })).toEqual(["pods", "pods.apps"]);
  });
});
