import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

import { describe, expect, it } from "@jest/globals";

import { parseArguments } from "../../commands/digest/arguments.ts";
import type { Page } from "../../commands/digest/page.ts";
import { readPreview } from "../../commands/digest/preview.ts";
import { html } from "../../commands/digest/print/html.ts";
import { json } from "../../commands/digest/print/json.ts";
import { longest, markdown } from "../../commands/digest/print/markdown.ts";
import { changedSettings } from "../../commands/digest/settings-difference.ts";
import { dataLosses } from "../../commands/flip/data.ts";
import { UsageError } from "../../commands/usage-error.ts";
import { digested, goldenText, recordedChanges } from "../support/digest.ts";
import { secretMarker } from "../support/graph.ts";

const goldens = join(import.meta.dirname, "..", "golden", "digest");
const goldenFile = (name: string) => join(goldens, `${name.replaceAll(/\W+/g, "-")}.md`);

/** HTML as a person reads it: entities are the characters that they stand for. */
function readable(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

/** `DATALAB_GOLDEN=write` writes them anew: read what differs. */
function golden(name: string, page: Page): string {
  const file = goldenFile(name);
  if (process.env["DATALAB_GOLDEN"] === "write") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, goldenText(page));
  }
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

describe("the digest of", () => {
  it.each(Object.keys(recordedChanges))(
    "%s reads as it did, hides no secret and no loss, and is whole in the HTML",
    async (name) => {
      const { digest, page } = await digested(recordedChanges[name]!);
      expect(golden(name, page)).toBe(goldenText(page));
      const whole = html(page);
      expect(whole + json(digest) + markdown(page, "test")).not.toContain(secretMarker);
      for (const { urn, fields } of digest.changes) {
        expect(readable(whole)).toContain(urn);
        for (const { path, after } of fields) {
          expect(readable(whole)).toContain(path);
          if (after !== undefined) expect(readable(whole)).toContain(after);
        }
      }
      const lost = dataLosses(digest.changes).map(({ resource }) => resource.label);
      const first = JSON.stringify(page.sections[0]);
      for (const label of lost) expect(first).toContain(label);
    },
    5 * 60_000,
  );

  it(
    "a large change fits into a comment, and says what is cut",
    async () => {
      const { page } = await digested(recordedChanges["existing to eks"]!);
      expect(markdown(page, "test").length).toBeLessThanOrEqual(longest);
      const short = markdown(page, "test", 9000);
      expect(short.length).toBeLessThanOrEqual(9000);
      expect(short).toContain("**Cut, because a comment may have 9000 characters:**");
      expect(short).toContain("Everything, by part (");
    },
    5 * 60_000,
  );

  it(
    "a widened right and data at risk break the rules of --fail-on",
    async () => {
      const broken = async (name: string) => Object.keys((await digested(recordedChanges[name]!)).digest.broken);
      expect(await broken("a widened right")).toEqual(["rights"]);
      // The rule against deletions lets go of the store's namespace, too.
      expect(await broken("a removed part with data")).toEqual(["data", "rights"]);
      expect(await broken("a title")).toEqual([]);
      const { before, after } = recordedChanges["a removed part with data"]!;
      const permitted = { ...after, platform: { ...after["platform"], protectData: false } };
      expect(Object.keys((await digested({ before, after: permitted })).digest.broken)).toEqual(["rights"]);
    },
    5 * 60_000,
  );
});

describe("a credential in the stack file", () => {
  it(
    "is told by its name alone",
    async () => {
      const { before } = recordedChanges["a title"]!;
      const password = `${secretMarker}-mail`;
      const smtp = { host: "mail.example.org", from: "lab@example.org", user: "lab", password };
      const after = { ...before, identity: { ...before["identity"], smtp } };
      const { digest, page } = await digested({ before, after });
      const texts = [html(page), json(digest), markdown(page, "test")];
      for (const text of texts) expect(text).not.toContain(secretMarker);
      for (const text of texts) expect(text).toContain("identity.smtp.password");
      expect(digest.secrets.map(({ name }) => name)).toContain("setting identity.smtp.password");
    },
    5 * 60_000,
  );
});

describe("values of others", () => {
  it("cannot leave their place on the page", () => {
    const text = 'a | b `c` <script>alert("x")</script>\n@team';
    const page: Page = {
      title: text,
      headline: [[text, { code: text }]],
      sections: [
        { id: "s", title: "t", nothing: [], blocks: [{ kind: "table", head: ["h"], rows: [[[{ code: text }]]] }] },
      ],
    };
    expect(html(page)).not.toContain("<script");
    const lines = markdown(page, "x --> y").split("\n");
    expect(lines[0]).toBe("<!-- datalab digest x_--__y -->");
    expect(lines.at(-2)).toBe('| ``a \\| b `c` <script>alert("x")</script> ⏎ @team`` |');
    expect(lines[2]).not.toContain("<script");
  });
});

describe("settings that differ", () => {
  it("are told one by one, secrets by name alone", () => {
    const before = { "datalab:identity": { smtp: { host: "a", password: { secure: "v1:one" } } } };
    const after = {
      "datalab:identity": { smtp: { host: "b", password: { secure: "v1:two" } } },
      "datalab:portal": { title: "Lab", web: { replicas: 2 } },
    };
    const told = changedSettings(before, after);
    expect(told.map(({ setting, before: was, after: is, secret }) => [setting, was, is, secret])).toEqual([
      ["identity.smtp.host", "a", "b", false],
      ["identity.smtp.password", undefined, undefined, true],
      ["portal.title", undefined, "Lab", false],
      ["portal.web.replicas", undefined, "2", false],
    ]);
    expect(JSON.stringify(told)).not.toContain("v1:");
  });
});

describe("the command line of digest", () => {
  it("knows its rules, and refuses what it does not understand", () => {
    expect(parseArguments(["-s", "prod", "--against", "main", "--fail-on", "data,rights"])).toMatchObject({
      stack: "prod",
      against: "main",
      failOn: ["data", "rights"],
    });
    expect(parseArguments(["--help"])).toBeUndefined();
    for (const args of [[], ["-s", "x", "--fail-on", "all"], ["-s", "x", "y"], ["--other"]])
      expect(() => parseArguments(args)).toThrow(UsageError);
  });

  it("reads both sides of a preview against a state", () => {
    const state = { urn: "urn:pulumi:s::datalab::a:b:C::x", type: "a:b:C", custom: true };
    const step = {
      op: "replace",
      urn: state.urn,
      oldState: { ...state, inputs: { size: 1 } },
      newState: { ...state, inputs: { size: 2 } },
      detailedDiff: { size: { kind: "update-replace" }, other: { kind: "update" } },
    };
    const { before, after, operations } = readPreview(JSON.stringify({ steps: [step] }));
    expect([before.get(state.urn)?.inputs, after.get(state.urn)?.inputs]).toEqual([{ size: 1 }, { size: 2 }]);
    expect(operations).toEqual([
      { op: "replace", urn: state.urn, oldUrn: undefined, replacing: ["size"], touched: [] },
    ]);
  });
});
