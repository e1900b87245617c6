import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";

import { stackConfigOf, stackFileOf } from "../../commands/stack-file/stack-file.ts";
import { parseYaml } from "../../commands/stack-file/yaml.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import { valueOf } from "../../stacks/settings/stack-file.ts";
import { closeBench, configBench, type ConfigBench } from "../support/config-bench.ts";

let bench: ConfigBench;

beforeAll(async () => {
  bench = await configBench();
}, 60_000);

afterAll(() => {
  closeBench(bench);
});

/** Lines of `config`, each a case on which people stumble. */
const files: Readonly<Record<string, string>> = {
  "keys without a namespace": "platform: { domain: example.org }\nportal:\n  title: x",
  "keys of an old form": "datalab:config:platform: { domain: example.org }",
  "keys of other namespaces": 'aws:region: eu-west-3\ndata-lab:platform: { protectData: true }\n"datalab:a.b": x',
  merges: "datalab:a: &a { x: 1, y: { z: 2 } }\ndatalab:b:\n  <<: *a\n  x: 3\ndatalab:c: *a",
  "merges of a list": "datalab:a: &a { x: 1 }\ndatalab:b: &b { x: 2, y: 3 }\ndatalab:c: { <<: [*a, *b], z: 4 }",
  "merges of keys": "<<: { datalab:a: { x: 1 } }\ndatalab:b: 2",
  "numbers that look octal": "datalab:a: { account: 012345670123, other: 0899, o: 0o17, b: 0b11, h: 0x1F, m: -017 }",
  "numbers with signs and bars": "datalab:a: [1_000, +12, -0, 1_0.5, 1_, 1e3, .5, +.5, -1.50, 1:30, 1.2.3, 1_a]",
  "numbers as single values":
    'datalab:a: 012\ndatalab:b: 1.30\ndatalab:c: 1e3\ndatalab:d: "012"\ndatalab:e: 100000000000000000000',
  "words of YAML 1.1":
    "datalab:a: [yes, No, on, off, y, n, true, True, TRUE, False, tRue]\ndatalab:b: yes\ndatalab:c: True",
  "nothing at all": 'datalab:a: { x: ~, y: null, z: , s: "~" }\ndatalab:b: ""',
  "a tilde in a path": "datalab:cluster: { kubeconfigPath: ~/.kube/config, a: '~', b: ~root }",
  dates: "datalab:a: { d: 2026-11-30, e: 2026-1-2, f: 2026-13-01, q: '2026-11-30' }\ndatalab:b: 2026-11-30",
  "keys that are no texts": "datalab:a: { 1: one, true: yes, 1.50: x, ~: nothing }",
  "texts that hold JSON": "datalab:a: '{\"x\": [1, true]}'\ndatalab:b: 'null'\ndatalab:c: '\"quoted\"'",
  "explicit tags": "datalab:a: { x: !!str 012, y: !!str true, z: !!float 1 }",
  "what only looks secret":
    "datalab:a: { secure: 1 }\ndatalab:b: { secure: v1, more: 2 }\ndatalab:c: [{ secure: [x] }]",
};

/** The settings in two ways. */
function ours(config: string): StackFile {
  return stackFileOf("home", stackConfigOf(parseYaml(fileOf(config))));
}

const fileOf = (config: string) => `config:\n${config.replaceAll(/^/gm, "  ")}\n`;

async function theirs(config: string): Promise<StackFile["values"]> {
  const entries = Object.entries(await bench.read(fileOf(config))).filter(([key]) => key.startsWith("datalab:"));
  return Object.fromEntries(
    entries.map(([key, { value, objectValue }]) => [key.slice("datalab:".length), objectValue ?? valueOf(value ?? "")]),
  );
}

jest.setTimeout(60_000);

describe("a stack file is read as the Pulumi CLI reads it:", () => {
  it.each(Object.entries(files))("%s", async (_name, config) => {
    expect(ours(config).values).toEqual(await theirs(config));
  });

  it("any word", async () => {
    const word = fc
      .stringMatching(/^[-+]?[0-9_.:xXoObBeEaAfFnNyYtT~]{1,8}$/)
      // Those mean something else to YAML, or are no JSON.
      .filter((text) => !/^[-+]?:|:$|^[-+]?\.nan$/i.test(text));
    const words = fc.sample(word, { numRuns: 3000, seed: 20_261_130 });
    const config = `datalab:a:\n${words.map((one) => `  - ${one}`).join("\n")}`;
    expect(ours(config).values).toEqual(await theirs(config));
  });

  it("secrets, whose values only the CLI knows", async () => {
    const text = await bench.withSecret("identity.smtp.password", "hush", fileOf("identity: { smtp: { host: a } }"));
    const plain = await bench.read(text);
    const file = stackFileOf("home", stackConfigOf(parseYaml(text)), plain);
    expect(file.values).toEqual({ identity: { smtp: { host: "a", password: "hush" } } });
    expect(file.secretKeys).toEqual(["identity"]);
  });
});
