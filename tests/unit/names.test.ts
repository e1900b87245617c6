import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";

import { accessModel } from "../../components/access/access-model.ts";
import { nameRules, obeys } from "../../components/access/names.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { nameProblems } from "../../stacks/settings/name-rules.ts";
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { printed } from "../../stacks/settings/sentences.ts";

const kinds = ["username", "group"] as const;

describe.each(kinds)("the rule for a %s", (kind) => {
  const may = (hyphenated: boolean, name: string) => obeys(nameRules(hyphenated)[kind], name);

  it("lets letters and digits in, in a new platform nothing else", () => {
    for (const name of ["alice", "4711", "a1b2", "2fast"]) {
      expect([name, may(false, name), may(true, name)]).toEqual([name, true, true]);
    }
    for (const name of ["jean-pierre", "a--b", "x-y2-z"]) {
      expect([name, may(false, name), may(true, name)]).toEqual([name, false, true]);
    }
  });

  it("refuses in both what cannot name a namespace, or could be read as a service's number", () => {
    for (const name of ["-ab", "ab-", "Abc", "a_b", "a.b", "éva", "", "abc\n", "jean-4711", "a-1-b", "a-x-2", "a--1"]) {
      expect([name, may(false, name), may(true, name)]).toEqual([name, false, false]);
    }
  });

  it("ends within the length that leaves room in a DNS label", () => {
    const { maxLength } = nameRules(false)[kind];
    expect(may(false, "x".repeat(maxLength))).toBe(true);
    expect(may(false, "x".repeat(maxLength + 1))).toBe(false);
  });
});

describe("hyphenated names", () => {
  const name = fc.stringMatching(/^[ab1][-ab1]{2,9}$/).filter((text) => obeys(nameRules(true).username, text));
  const host = fc.tuple(fc.stringMatching(/^[1-3]{1,2}$/), fc.stringMatching(/^(-[ab1]{1,2}){0,2}$/));

  it("give no two users the same host, if a part of digits follows the namespace", () => {
    fc.assert(
      fc.property(name, name, host, host, (one, other, [n, word], [m, tail]) => {
        fc.pre(one !== other);
        expect(`${one}-${n}${word}`).not.toBe(`${other}-${m}${tail}`);
      }),
      { numRuns: 2000 },
    );
    // The same, aimed: what one calls a word is part of the other's name.
    expect(obeys(nameRules(true).username, "jean-4711")).toBe(false);
  });

  it("are known to everything that reads the AccessModel", () => {
    const settings = { domain: "example.org", realm: "lab" };
    expect(accessModel(settings)).toMatchObject(nameRules(false));
    expect(accessModel({ ...settings, hyphenatedNames: true })).toMatchObject(nameRules(true));
  });
});

describe("names in a stack file", () => {
  const found = (settings: object) =>
    nameProblems(identitySettings.parse(settings))
      .map(printed)
      .map(({ path, message, cure }) => ({ path: yamlPath(path), message, cure }));
  const user = (more: object = {}) => ({ email: "jean@example.org", ...more });

  it("are one problem each, with two ways out", () => {
    const problems = found({
      groups: ["data-science", "team"],
      firstUsers: { "jean-pierre": user({ firstName: "Jean d'Arc", groups: ["data-science", "team"] }) },
    });
    expect(problems.map(({ path }) => path)).toEqual([
      "datalab:identity.groups[0]",
      "datalab:identity.firstUsers.jean-pierre",
    ]);
    for (const { cure } of problems) {
      expect(cure).toContain("pulumi config set --path 'datalab:identity.hyphenatedNames' 'true'");
    }
    expect(problems[1]?.cure.split("\n").slice(0, -1)).toEqual([
      "pulumi config set --path 'datalab:identity.firstUsers.jeanpierre.email' 'jean@example.org'",
      String.raw`pulumi config set --path 'datalab:identity.firstUsers.jeanpierre.firstName' 'Jean d'\''Arc'`,
      "pulumi config set --path 'datalab:identity.firstUsers.jeanpierre.groups[0]' 'datascience'",
      "pulumi config set --path 'datalab:identity.firstUsers.jeanpierre.groups[1]' 'team'",
      "pulumi config rm --path 'datalab:identity.firstUsers.jean-pierre'",
    ]);
    expect(problems[0]?.cure.split("\n").slice(0, -1)).toEqual([
      "pulumi config set --path 'datalab:identity.groups[0]' 'datascience'",
      "pulumi config set --path 'datalab:identity.firstUsers.jean-pierre.groups[0]' 'datascience'",
    ]);
  });

  it("may keep their hyphens by the setting, but no part of digits", () => {
    const settings = { hyphenatedNames: true, groups: ["data-science"], firstUsers: { "jean-pierre": user() } };
    expect(found(settings)).toEqual([]);
    const [problem, ...others] = found({ ...settings, groups: ["team-2"] });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: "datalab:identity.groups[0]", message: expect.stringContaining("digits") });
    expect(problem?.cure).toBe("pulumi config set --path 'datalab:identity.groups[0]' 'team2'");
    // Without the setting too: it would not help.
    expect(found({ groups: ["team-2"] })[0]?.cure).not.toContain("hyphenatedNames");
  });

  it.each([
    ["is taken", { groups: ["a-b", "ab"] }],
    ["would be a number on a command line", { groups: ["20-24"] }],
    ["is too short", { firstUsers: { "a-b": user() } }],
  ])("are not given a name that %s", (_what, settings) => {
    const cure = found(settings)[0]?.cure ?? "";
    expect(cure).toMatch(/<another (group|username)>/);
  });
});
