import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { parseArguments as digestArguments } from "../../commands/digest/arguments.ts";
import { parseOptions as doctorOptions } from "../../commands/doctor/options.ts";
import { parseArguments as pipelineArguments } from "../../commands/pipeline/arguments.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly steps: readonly Step[];
  readonly "runs-on": string;
  readonly "timeout-minutes"?: number;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = ".github/workflows";
const files = readdirSync(join(root, folder));
const workflows = files.map((file) => ({
  file,
  text: read(`${folder}/${file}`),
  workflow: parse(read(`${folder}/${file}`)) as Workflow,
}));
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file} ${name}`, job })),
);

/** What GitHub reads at each level: a slip would be ignored, or refused when it is too late. */
const known = {
  workflow: ["name", "on", "permissions", "concurrency", "jobs"],
  job: [...["needs", "if", "runs-on", "timeout-minutes", "environment", "permissions", "strategy", "env", "steps"]],
  step: ["name", "if", "uses", "with", "env", "run"],
};

const unknownKeys = (value: object, keys: readonly string[]) => Object.keys(value).filter((key) => !keys.includes(key));

/** `npm run` commands with their arguments; variables stand for a word. */
function commandsIn(script: string): { name: string; args: string[] }[] {
  return [...script.matchAll(/npm (?:run (?:--silent )?)?([\w:]+)(?: -- ([^\n>]*))?/g)]
    .filter(([, name]) => name !== "ci")
    .map(([, name = "", args = ""]) => ({
      name,
      args: args
        .trim()
        .split(/\s+/)
        .filter((word) => word !== "")
        .map((word) => word.replaceAll('"', "").replaceAll(/\$\w+/g, "prod")),
    }));
}

const readers: Readonly<Record<string, (args: readonly string[]) => unknown>> = {
  digest: digestArguments,
  pipeline: pipelineArguments,
  doctor: (args) => doctorOptions([...args], root),
  test: () => undefined,
};

function expectUnderstood(script: string): number {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = commandsIn(script);
  for (const { name, args } of commands) {
    expect(Object.keys(scripts)).toContain(name);
    expect(() => readers[name]!(args)).not.toThrow();
  }
  return commands.length;
}

describe("the workflows of GitHub", () => {
  it("are these", () => {
    expect(files.toSorted()).toEqual(["deploy.yml", "digest.yml", "drift.yml", "test.yml"]);
  });

  it("begin without any right, and give each job what it needs alone", () => {
    const rights = Object.fromEntries(jobs.map(({ name, job }) => [name, job.permissions]));
    for (const { workflow } of workflows) expect(workflow.permissions).toEqual({});
    expect(rights).toEqual({
      "test.yml test": { contents: "read" },
      "digest.yml digest": { contents: "read" },
      "digest.yml comment": { contents: "read", "pull-requests": "write" },
      "deploy.yml up": { contents: "read", "id-token": "write" },
      "drift.yml drift": { contents: "read", "id-token": "write", issues: "write" },
    });
  });

  it("get into the cloud from behind an environment alone, and never for a pull request", () => {
    for (const { workflow } of workflows) {
      const triggers = Object.keys(workflow.on);
      expect(triggers).not.toContain("pull_request_target");
      for (const { permissions = {}, environment, steps } of Object.values(workflow.jobs)) {
        if (permissions["id-token"] === "write") {
          expect(environment).toMatch(/^(production|drift)$/);
          expect(triggers).not.toContain("pull_request");
        }
        if (triggers.includes("pull_request")) expect(JSON.stringify(steps)).not.toContain("secrets.");
      }
    }
  });

  it("do not run the code of a pull request where they may write", () => {
    const { steps } = jobs.find(({ name }) => name === "digest.yml comment")!.job;
    const [checkout, ...others] = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(others).toEqual([]);
    expect(checkout?.with?.["ref"]).toBe("${{ github.event.pull_request.base.sha }}");
  });

  it("pin every action by one commit, with its version beside it", () => {
    const uses = workflows.flatMap(({ text }) => [...text.matchAll(/^\s+- uses: (.*)$/gm)].map(([, use = ""]) => use));
    expect(uses.length).toBeGreaterThan(10);
    for (const use of uses) expect(use).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const names = new Set(uses.map((use) => use.split("@")[0]));
    expect(new Set(uses).size).toBe(names.size);
  });

  it("leave no token on the disk, end by themselves, and run on a named system", () => {
    for (const { job } of jobs) {
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
      expect(job["runs-on"]).toMatch(/^ubuntu-\d\d\.\d\d$/);
      for (const { uses, with: inputs } of job.steps) {
        if (uses?.startsWith("actions/checkout@")) expect(inputs?.["persist-credentials"]).toBe(false);
      }
    }
  });

  it("put no value of an event into a script, where it could be one", () => {
    for (const { job } of jobs) for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
  });

  it("call commands of this repository with options that they understand", () => {
    const called = jobs.flatMap(({ job }) => job.steps.map(({ run = "" }) => expectUnderstood(run)));
    expect(called.filter((count) => count > 0).length).toBe(5);
  });

  it("know no other keys than GitHub does", () => {
    for (const { workflow } of workflows) {
      expect(unknownKeys(workflow, known.workflow)).toEqual([]);
      for (const job of Object.values(workflow.jobs)) {
        expect(unknownKeys(job, known.job)).toEqual([]);
        expect(job.steps.flatMap((step) => unknownKeys(step, known.step))).toEqual([]);
      }
    }
  });

  it("install the CLI of the SDK's version", () => {
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const steps = jobs.flatMap(({ job }) => job.steps).filter(({ uses }) => uses?.startsWith("pulumi/actions@"));
    const versions = steps.map(({ with: inputs }) => inputs?.["pulumi-version"]);
    expect(new Set(versions)).toEqual(new Set([dependencies["@pulumi/pulumi"]]));
    expect(read(".gitlab-ci.yml")).toContain(`image: pulumi/pulumi-nodejs:${dependencies["@pulumi/pulumi"]}\n`);
  });
});

describe("the pipeline of GitLab", () => {
  const { stages, ...rest } = parse(read(".gitlab-ci.yml")) as { stages: string[] } & Record<
    string,
    { stage?: string; script?: string[]; rules?: { if?: string }[]; id_tokens?: object }
  >;
  const own = Object.entries(rest).filter(([, job]) => job.script !== undefined);

  it("has the same jobs, each in a stage, and each by a rule", () => {
    expect(own.map(([name]) => name)).toEqual(["test", "digest", "comment", "up", "drift"]);
    for (const [, { stage, rules = [] }] of own) {
      expect(stages).toContain(stage);
      expect(rules.length).toBeGreaterThan(0);
    }
  });

  it("calls commands of this repository with options that they understand", () => {
    const called = own.map(([name, { script = [] }]) => [name, expectUnderstood(script.join("\n"))]);
    expect(called).toEqual([
      ["test", 1],
      ["digest", 1],
      ["comment", 1],
      ["up", 1],
      ["drift", 1],
    ]);
  });

  it("gets into the cloud on the default branch or by schedule alone", () => {
    for (const [, { rules = [], id_tokens }] of own) {
      if (id_tokens === undefined) continue;
      for (const { if: condition } of rules) expect(condition).not.toContain("merge_request_event");
    }
  });
});
