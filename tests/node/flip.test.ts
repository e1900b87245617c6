import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import type { OperationResult } from "../../testbed/engine/engine.ts";
import { parseArguments } from "../../commands/flip/arguments.ts";
import type { Refusal, Report } from "../../commands/flip/report.ts";
import { EditableStackFile } from "../../commands/flip/stack-file.ts";
import { wildcard, wildcardKey } from "../support/certificates.ts";
import { withoutRuns } from "../support/cron-jobs.ts";
import { type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
  platform.configure((config) => {
    config["datalab:platform"] = { ...config["datalab:platform"], domain: "d.test" };
    config["datalab:identity"] = {};
  });
  succeeded(await platform.engine.up());
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

function succeeded(result: OperationResult): OperationResult {
  if (result.exitCode !== 0) throw new Error(`exit code ${result.exitCode}\n${result.text}`);
  return result;
}

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Where commands put their temporary files: elsewhere, those of other tests come and go. */
function temporary(): string {
  const folder = join(platform.folder, "temporary");
  mkdirSync(folder, { recursive: true });
  return folder;
}

function run(program: string, args: readonly string[], input = "", extra: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...process.env, ...platform.engine.environment, TMPDIR: temporary(), ...extra };
  return new Promise((done) => {
    const options = { env, cwd: checkout, maxBuffer: 100_000_000 };
    const child = execFile(program, args, options, (error, output, errors) => {
      done({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1, output, errors });
    });
    child.stdin?.end(input);
  });
}

/** The command, as an operator calls it. */
function flip(
  args: readonly string[],
  extra: NodeJS.ProcessEnv = {},
  file = platform.engine.stackFile,
): Promise<Ended> {
  const target = ["--stack", "dev", "--config-file", file];
  const program = [join(checkout, "commands/flip/main.ts"), ...target, ...args];
  return run(join(checkout, "node_modules/.bin/node"), program, "", extra);
}

async function report(...args: string[]): Promise<Report> {
  const { code, output, errors } = await flip(["--json", ...args]);
  if (code !== 0) throw new Error(`exit code ${code}\n${output}\n${errors}`);
  return JSON.parse(output) as Report;
}

/** Everything that a flip must leave alone: the files of the project and of the state, and the cluster. */
async function world(): Promise<unknown> {
  const kinds = (await platform.kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n");
  // What the control plane itself writes all the time.
  const own = /^(events|leases|nodes|componentstatuses)\b/;
  const objects = await platform.objects(kinds.filter((kind) => !own.test(kind)).join(","));
  return {
    stackFile: readFileSync(platform.engine.stackFile, "utf8"),
    state: filesIn(join(platform.folder, "state/backend")),
    project: filesIn(checkout, (name) => /^Pulumi\..*yaml$/.test(name)),
    left: readdirSync(temporary()).filter((name) => name.startsWith("datalab-flip-")),
    objects: withoutRuns(objects)
      .map((object) => JSON.stringify(object))
      .toSorted(),
  };
}

function filesIn(folder: string, wanted: (name: string) => boolean = () => true): Record<string, string> {
  const recursive = wanted(".");
  const names = readdirSync(folder, { recursive, encoding: "utf8" }).filter((name) => wanted(name));
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** Runs what the report says, as the operator would paste it. */
async function follow(commands: readonly string[], input = ""): Promise<void> {
  for (const command of commands) {
    const { code, errors } = await run("/bin/sh", ["-euc", command], input);
    if (code !== 0) throw new Error(`${command}: ${errors}`);
  }
}

function stepsOf(steps: readonly { readonly op: string; readonly urn: string }[]): string[] {
  return steps.map(({ op, urn }) => `${op} ${urn}`).toSorted();
}

const existingIngress = [
  "kind=existing",
  "className=edge",
  "namespace=edge",
  "address=lb.d.test",
  "clusterIp=10.0.0.9",
];

describe("a flip of a running platform", () => {
  it(
    "writes nothing, and tells exactly what `up` does when its commands are followed",
    async () => {
      platform.configure((config) => {
        config["datalab:ingress"] = { kind: "traefik", replicas: 1 };
      });
      const before = await world();
      const told = await report(...existingIngress.map((setting) => `ingress.${setting}`));
      expect(await world()).toEqual(before);

      expect(told.settings.meaningless).toEqual(["ingress.replicas"]);
      expect(told.outputs).toContainEqual(expect.objectContaining({ name: "address", after: "lb.d.test" }));
      expect(told.resources.removed.map(({ label }) => label)).toContain("Deployment datalab-ingress/traefik");
      expect(told.resources.replaced.map(({ label }) => label)).toContain("Certificate edge/wildcard-platform-tls");
      expect(told.data).toEqual([]);

      await platform.kubectl("create", "namespace", "edge");
      await follow(told.commands.settings);
      const up = succeeded(await platform.engine.up());
      expect(stepsOf(told.steps)).toEqual(stepsOf(up.steps));
    },
    6 * minutes,
  );

  it(
    "takes a credential without ever showing it, and still tells what `up` does",
    async () => {
      const words = ["certificates.issuer=provided", `certificates.certificate=${wildcard}`];
      const told = await report(...words, "--secret", `certificates.privateKey=${wildcardKey}`);
      const text = (await flip([...words, "--secret", `certificates.privateKey=${wildcardKey}`])).output;
      const secretLine = wildcardKey.split("\n")[1] ?? "";
      expect(secretLine.length).toBeGreaterThan(20);
      expect(JSON.stringify(told) + text).not.toContain(secretLine);
      expect(text).toContain("certificates.privateKey = [secret]");
      expect(told.data.map(({ resource }) => resource.type)).toContain("tls:index/privateKey:PrivateKey");

      await follow(told.commands.settings, wildcardKey);
      const stackFile = readFileSync(platform.engine.stackFile, "utf8");
      expect(stackFile).toContain("secure:");
      expect(stackFile).not.toContain(secretLine);
      const up = succeeded(await platform.engine.up());
      expect(stepsOf(told.steps)).toEqual(stepsOf(up.steps));
    },
    6 * minutes,
  );

  it(
    "reads a stack file with secrets, and shows all that protection would refuse, with the way out",
    async () => {
      platform.configure((config) => {
        config["datalab:platform"] = { ...config["datalab:platform"], protectData: true };
      });
      succeeded(await platform.engine.up());
      const before = await world();
      const told = await report("cluster.clusterIdentifier=another");
      expect(await world()).toEqual(before);

      const sets = told.data.filter(({ resource }) => resource.type === "kubernetes:apps/v1:StatefulSet");
      expect(sets.map(({ resource }) => [resource.label, resource.fate, resource.protected])).toEqual(
        expect.arrayContaining([
          ["StatefulSet datalab-identity/keycloak-database", "replaced", true],
          ["StatefulSet datalab-storage/object-store", "replaced", true],
        ]),
      );
      expect(told.moves).toHaveLength(4);
      // Without the way out the engine refuses, with it the preview is the one that was told.
      await follow(told.commands.settings);
      expect((await platform.engine.preview()).exitCode).not.toBe(0);
      await follow(told.commands.unprotect);
      expect(stepsOf(told.steps)).toEqual(stepsOf(succeeded(await platform.engine.preview()).steps));
    },
    6 * minutes,
  );
});

describe("a flip that cannot be", () => {
  it("is refused with every cure, before anything runs", async () => {
    const { code, output } = await flip(["--json", "objectStore.kind=external"]);
    expect(code).toBe(1);
    const refusal = JSON.parse(output) as Refusal;
    expect(refusal.necessary.map(({ path }) => path.join("."))).toContain("objectStore.endpoint");
    expect((await flip(["objectStore.kind=external"])).output).toContain("datalab:objectStore.endpoint");
  }, 60_000);

  it("is a mistake of usage without a setting, a stack or a stack file", async () => {
    expect((await flip([])).code).toBe(2);
    expect((await flip(["no-value"])).code).toBe(2);
    const nowhere = await flip(["ingress.podHttpsPort=8443"], {}, join(platform.folder, "nowhere.yaml"));
    expect(nowhere.code).toBe(2);
    expect(nowhere.errors).toContain("nowhere.yaml");
  }, 60_000);

  it(
    "passes on why a preview fails",
    async () => {
      const { code, errors } = await flip(["portal.title=Other"], { PULUMI_CONFIG_PASSPHRASE: "wrong" });
      expect(code).toBe(1);
      expect(errors).toContain("incorrect passphrase");
    },
    2 * 60_000,
  );
});

describe("settings on the command line", () => {
  it("become what `pulumi config set --path` makes of them", async () => {
    const given = [
      "portal.title=Lab",
      "portal.a[0].b=01",
      "portal.x=12",
      "portal.n=-3",
      "portal.y=true",
      "portal.z=1.5",
      'portal["q.r"]=null',
      "identity.groups[0]=staff",
    ];
    const [ours, theirs] = ["ours.yaml", "theirs.yaml"].map((name) => join(platform.folder, name));
    const start = "config:\n  datalab:portal:\n    title: Old\n";
    writeFileSync(theirs!, start);
    const file = new EditableStackFile(start);
    for (const { path, value } of parseArguments(["-s", "dev", ...given])!.changes) file.set(path, value);
    writeFileSync(ours!, file.toString());
    for (const setting of given) {
      const equals = setting.indexOf("=");
      const key = `datalab:${setting.slice(0, equals)}`;
      const target = ["--stack", "dev", "--config-file", theirs!];
      const set = ["config", "set", ...target, "--path", "--", key, setting.slice(equals + 1)];
      expect(await run(platform.toolchain.path("pulumi"), set)).toMatchObject({ code: 0 });
    }
    const configOf = (name: string) => (parse(readFileSync(name, "utf8")) as { config: unknown }).config;
    expect(configOf(ours!)).toEqual(configOf(theirs!));
  }, 60_000);
});
