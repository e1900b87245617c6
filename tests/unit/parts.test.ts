import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");
const program = ["components", "stacks", "checks", "commands", "tsconfig.json", "package.json"];

/** The folder of a concept that does not exist: a guest book with a host of its own. */
const folder = {
  "components/guestbook/part.ts": `
    import { z } from "zod";
    import { deployment, part } from "../part.ts";
    export const guestbook = part({
      key: "guestbook",
      settings: z.strictObject({ replicas: z.int().min(1).default(1).describe("Number of pods.") }).optional(),
      hosts: { guestbook: "guests" },
      declares: (settings) => settings === undefined ? {} : {
        running: [{ key: "guestbook", name: "guest book", namespace: "datalab-guests", workloads: [deployment("guestbook", settings.replicas)] }],
        publicHosts: [{ key: "guestbook", host: "guestbook", name: "guest book", path: "/" }],
      },
    });`,
  "components/guestbook/guestbook.ts": `
    import * as pulumi from "@pulumi/pulumi";
    export class Guestbook extends pulumi.ComponentResource {
      constructor(name: string, args: { readonly replicas: number; readonly host: string }, options: pulumi.ComponentResourceOptions) {
        super("datalab:guestbook:Guestbook", name, args, options);
        this.registerOutputs({});
      }
    }`,
};

/** The one line of each of the two lists, with its import. */
const lines = {
  "stacks/parts.ts": (text: string) =>
    text
      .replace("  portal,\n] as const", "  portal,\n  guestbook,\n] as const")
      .replace("import type { z }", 'import { guestbook } from "../components/guestbook/part.ts";\nimport type { z }'),
  "stacks/datalab.ts": (text: string) =>
    text
      .replace(
        "  return {\n    portal:",
        '  if (plan.guestbook !== undefined) new Guestbook("guestbook", { ...plan.guestbook, host: hosts.guestbook }, after(portal));\n\n  return {\n    portal:',
      )
      .replace(
        "import * as pulumi",
        'import { Guestbook } from "../components/guestbook/guestbook.ts";\nimport * as pulumi',
      ),
};

/** What the compiler says about the program in a folder. */
function faultsIn(copy: string): string[] {
  const { config } = ts.readConfigFile(join(copy, "tsconfig.json"), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, copy);
  const entries = ["stacks/datalab.ts", "stacks/settings/read.ts", "commands/doctor/expectations.ts"];
  const compiled = ts.createProgram(
    entries.map((file) => join(copy, file)),
    options,
  );
  return entries
    .flatMap((file) => compiled.getSemanticDiagnostics(compiled.getSourceFile(join(copy, file))))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.slice(copy.length + 1) ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}

describe("a new part", () => {
  const copy = mkdtempSync(join(tmpdir(), "datalab-unit-"));
  const changed = (file: string) => readFileSync(join(copy, file), "utf8") !== readFileSync(join(root, file), "utf8");

  function change(file: keyof typeof lines): void {
    const text = readFileSync(join(copy, file), "utf8");
    writeFileSync(join(copy, file), lines[file](text));
    expect(changed(file)).toBe(true);
  }

  beforeAll(() => {
    for (const name of program) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    mkdirSync(join(copy, "components/guestbook"));
    for (const [file, text] of Object.entries(folder)) writeFileSync(join(copy, file), text);
    change("stacks/datalab.ts");
  });
  afterAll(() => {
    rmSync(copy, { recursive: true });
  });

  it("cannot be in the graph and not in the list of parts", () => {
    expect(faultsIn(copy)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^stacks\/datalab\.ts: Property 'guestbook' does not exist/)]),
    );
  }, 120_000);

  it("is one folder and two lines: its key, its host, its pods and its namespace are known everywhere", () => {
    change("stacks/parts.ts");
    expect(faultsIn(copy)).toEqual([]);
    const script = `
      import { expectationsOf } from "./commands/doctor/expectations.ts";
      import { fixedObjects } from "./stacks/fixed-objects.ts";
      import { planOf } from "./stacks/plan.ts";
      import { parseSettings } from "./stacks/settings/read.ts";
      const values = {
        platform: { domain: "example.org" },
        cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
        dns: { kind: "none" },
        ingress: { kind: "traefik" },
        certificates: { issuer: "privateCa" },
        objectStore: { kind: "minio" },
        guestbook: { replicas: 2 },
      };
      const settings = parseSettings({ stack: "test", values, secretKeys: [] });
      const { parts, publicHosts } = expectationsOf(settings);
      const objects = fixedObjects(planOf(settings), {}).map(({ name }) => name);
      console.log(JSON.stringify([parts.at(-1), publicHosts.find(({ key }) => key === "guestbook"), objects.includes("datalab-guests")]));
      parseSettings({ stack: "test", values: { ...values, guestbook: { replica: 2 } }, secretKeys: [] });`;
    const run = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", script], {
      cwd: copy,
      encoding: "utf8",
    });
    expect(JSON.parse(run.stdout.split("\n")[0] ?? "")).toEqual([
      {
        key: "guestbook",
        name: "guest book",
        namespace: "datalab-guests",
        workloads: [{ kind: "deployments", name: "guestbook", replicas: 2 }],
      },
      expect.objectContaining({ host: "guests.example.org", part: "guest book", own: true }),
      true,
    ]);
    // A misspelt setting gets its cure like any other.
    expect(run.stderr).toContain("guestbook.replica");
    expect(run.stderr).toContain("did you mean `replicas`");
  }, 120_000);
});
