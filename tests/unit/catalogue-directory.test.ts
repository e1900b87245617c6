import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { mostBytes } from "../../components/catalogue/directory.ts";
import { readDirectory } from "../../stacks/charts.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-charts-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const metadata = (more = "") => `apiVersion: v2\nname: hello\nversion: 1.0.0\n${more}`;

/** A chart without fault, with other files. */
function chart(more: Readonly<Record<string, string | undefined>> = {}): Record<string, string | undefined> {
  return {
    "Chart.yaml": metadata(),
    "values.yaml": "a: 1\n",
    "values.schema.json": '{ "type": "object" }',
    "templates/a.yaml": "# a\n",
    ...more,
  };
}

/** Writes charts by their folder. */
function write(charts: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>): void {
  for (const [name, files] of Object.entries(charts)) {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) continue;
      const file = join(folder, name, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

const renderer = { failureOf: () => Promise.resolve<string | undefined>(undefined) };

/** Lines about the files, without the folder. */
async function faults(given: Parameters<typeof readDirectory>[1] = renderer): Promise<string[]> {
  const message = await readDirectory(folder, given).then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
  expect(message.split("\n").at(-1)).toBe(
    "  Change these files, or remove the setting: pulumi config rm --path datalab:catalogue.directory",
  );
  return message
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim().replace(`${folder}/`, "").replace(folder, "."));
}

/** Does what the error says, until all charts are known. */
async function record(): Promise<string> {
  const lines = (await faults()).map((line) => /append the line `(.+)`$/.exec(line)?.[1]);
  const text = `${lines.join("\n")}\n`;
  writeFileSync(join(folder, "charts.sum"), text);
  return text;
}

describe("a folder of charts", () => {
  it("is packed, to the same bytes in another folder, when charts.sum knows it", async () => {
    write({ one: chart(), two: chart({ "Chart.yaml": metadata().replace("1.0.0", "1.1.0-beta.2") }) });
    const sums = await record();
    expect(sums).toMatch(/^hello 1\.0\.0 sha256:[0-9a-f]{64}\nhello 1\.1\.0-beta\.2 sha256:[0-9a-f]{64}\n$/);
    const packages = await readDirectory(folder, renderer);
    expect(packages.map(({ fileName }) => fileName)).toEqual(["hello-1.0.0.tgz", "hello-1.1.0-beta.2.tgz"]);
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "datalab-charts-"));
    write({ zwei: chart({ "Chart.yaml": metadata().replace("1.0.0", "1.1.0-beta.2") }), eins: chart() });
    writeFileSync(join(folder, "charts.sum"), sums);
    // Neither is part of a chart.
    writeFileSync(join(folder, "README.md"), "Our charts.\n");
    writeFileSync(join(folder, "eins/.DS_Store"), "x");
    expect(await readDirectory(folder, renderer)).toEqual(packages);
  });

  it("is not offered when a chart has changed under its version, and is under another", async () => {
    write({ one: chart() });
    const sums = await record();
    write({ one: { "templates/a.yaml": "# other\n" } });
    expect(await faults()).toEqual([
      "one/Chart.yaml:3: is hello 1.0.0, which was something else: whoever has loaded that keeps it. Raise the version",
    ]);
    write({ one: { "Chart.yaml": metadata().replace("1.0.0", "1.0.1") } });
    const [line = ""] = await faults();
    expect(line).toMatch(/^charts\.sum: does not know hello 1\.0\.1: append the line `hello 1\.0\.1 sha256:/);
    writeFileSync(join(folder, "charts.sum"), `${sums}${/`(.+)`/.exec(line)![1]!}\n`);
    expect(await readDirectory(folder, renderer)).toHaveLength(1);
  });

  it("tells of lines of charts.sum that are none", async () => {
    write({ one: chart() });
    const sums = await record();
    writeFileSync(join(folder, "charts.sum"), `${sums}${sums}hello\n`);
    expect(await faults()).toEqual([
      "charts.sum:2: names hello 1.0.0 again",
      "charts.sum:3: is no line of name, version and sum",
    ]);
  });

  it("names all that is wrong at once, with file and line", async () => {
    write({
      a: chart({ "Chart.yaml": undefined }),
      b: chart({ "Chart.yaml": "apiVersion: v1\nname: Hello\n\nversion: 1.0\ntype: library\n" }),
      c: chart({ "Chart.yaml": "apiVersion: v2\n- name\n" }),
      d: chart({ "values.yaml": "a: 1\nb: [\n", "values.schema.json": '{\n  "type": "object",\n  oops\n}\n' }),
      e: chart({ "values.yaml": "- 1\n", "values.schema.json": "[]", "templates/a.yaml": undefined }),
      f: chart({ "values.schema.json": undefined, [`templates/${"x".repeat(90)}.yaml`]: "# x\n" }),
      g: chart({ "Chart.yaml": metadata().replace("hello", "static-site") }),
      h: chart(),
      i: chart(),
    });
    symlinkSync("/etc/passwd", join(folder, "h/templates/link.yaml"));
    writeFileSync(join(folder, "i/large"), Buffer.alloc(mostBytes + 1));
    const long = `templates/${"x".repeat(90)}.yaml`;
    expect((await faults()).map((line) => line.replace(/: is no YAML: .+/, ": is no YAML"))).toEqual([
      "h/templates/link.yaml: is no plain file: put a copy in the place of a link",
      `i/large: has ${mostBytes + 1} bytes: all charts together have room for ${mostBytes}`,
      "a: has no Chart.yaml",
      "b/Chart.yaml:1: must say `apiVersion: v2`",
      "b/Chart.yaml:2: must have a `name` of lower-case letters, digits and inner hyphens",
      "b/Chart.yaml:4: must have a `version` like 1.2.3, in lower case and without +",
      "b/Chart.yaml:5: must be of the type application: the portal hides others",
      "c/Chart.yaml:2: is no YAML",
      "d/values.yaml:3: is no YAML",
      "d/values.schema.json:3: is no JSON",
      "e/values.yaml:1: must hold values by name",
      'e/values.schema.json:1: must be a schema of the type "object"',
      "e: has no template: put one into its folder templates",
      "f: has no values.schema.json: without one the portal has no form to launch it by",
      `f/${long}: has a path of more than 100 bytes, with the chart's name`,
      "g/Chart.yaml:2: is called static-site, as a chart of the platform is: choose another name",
      "i/Chart.yaml:3: is hello 1.0.0, and so is h/Chart.yaml: one of them needs another version",
    ]);
  });

  it("has room for no more than a ConfigMap", async () => {
    write({
      one: chart({ "files/a": "x".repeat(600_000) }),
      two: chart({ "Chart.yaml": metadata().replace("hello", "other"), "files/a": "x".repeat(500_000) }),
    });
    expect(await faults()).toEqual([
      expect.stringMatching(/^\.: has charts of 11\d{5} bytes, and there is room for 1000000: one 6\d{5}, two 5\d{5}$/),
    ]);
  });

  it("holds a chart, and is there", async () => {
    writeFileSync(join(folder, "README.md"), "none\n");
    expect(await faults()).toEqual([".: holds no chart"]);
    rmSync(folder, { recursive: true });
    expect(await faults()).toEqual([".: is no folder"]);
  });

  it("tells why helm cannot render a chart", async () => {
    write({ one: chart() });
    await record();
    const asked: string[] = [];
    const failing = {
      failureOf: (_archive: Buffer, digest: string) => {
        asked.push(digest);
        return Promise.resolve("templates/a.yaml:1: unexpected");
      },
    };
    expect(await faults(failing)).toEqual([
      "one: cannot be rendered with its own values: templates/a.yaml:1: unexpected",
    ]);
    expect(asked).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  });
});
