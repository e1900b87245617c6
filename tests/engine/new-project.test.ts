/** `pulumi new` with this repository as the template, and the stack files of examples/, with the real CLI. */
import { execFile, execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { nameOf } from "../../commands/digest/graph.ts";
import { readPreview } from "../../commands/digest/preview.ts";
import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import { checkout } from "../../testbed/engine/dev-stack.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { changeStackFile } from "../support/platform.ts";

const minutes = 60_000;
let folder: string;
let charts: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  const toolchain = await ensureToolchain({ report: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "datalab-new-"));
  charts = toolchain.charts;
  const template = join(folder, "template");
  execFileSync("git", ["clone", "--quiet", "--no-local", "--depth", "1", `file://${checkout}`, template]);
  // What is not committed yet is tested too.
  for (const file of ["Pulumi.yaml", "stacks/settings/read.ts"])
    copyFileSync(join(checkout, file), join(template, file));
  for (const name of ["state", "tmp"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "kubeconfig"), unreachableKubeconfig);
  environment = {
    ...process.env,
    ...toolchain.environment,
    TMPDIR: join(folder, "tmp"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "new",
  };
}, 5 * minutes);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function pulumi(cwd: string, ...args: readonly string[]): Promise<string> {
  const options = { cwd, env: environment, maxBuffer: 100_000_000 };
  return (await promisify(execFile)("pulumi", [...args, "--non-interactive"], options)).stdout;
}

/** What a preview that failed has to say. */
function diagnosticsOf(printed: string): unknown {
  try {
    return (JSON.parse(printed) as { readonly diagnostics?: unknown }).diagnostics;
  } catch {
    return printed;
  }
}

/** Names of the parts that a preview in a project would make. */
async function partsIn(project: string, stack: string): Promise<string[]> {
  const printed = await pulumi(project, "preview", "--json", "--show-sames", "--stack", stack).catch(
    (error: unknown) => {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
      throw new Error(`the preview failed: ${stderr}\n${JSON.stringify(diagnosticsOf(stdout))}`);
    },
  );
  const { after } = readPreview(printed);
  return [...after.values()]
    .filter(({ custom, parent }) => !custom && parent === undefined)
    .map(({ urn }) => nameOf(urn));
}

describe("a new project", () => {
  it(
    "gets its name and its settings, and previews the whole platform before anything is there",
    async () => {
      const project = join(folder, "mine");
      mkdirSync(project);
      const settings = {
        "datalab:platform.domain": "lab.example.net",
        "datalab:cluster.kind": "existing",
        "datalab:cluster.clusterIdentifier": "mine",
        "datalab:cluster.kubeconfigPath": join(folder, "kubeconfig"),
        "datalab:ingress.kind": "traefik",
        "datalab:certificates.issuer": "privateCa",
        "datalab:objectStore.kind": "minio",
        "datalab:certificates.certManager.chart.mirror": charts,
      };
      const given = Object.entries(settings).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
      const named = ["--name", "mylab", "--description", "Ours", "--stack", "first", "--dir", project];
      const told = await pulumi(folder, "new", join(folder, "template"), "--yes", ...named, "--config-path", ...given);
      expect(told).toContain("Created project 'mylab'");
      expect(readFileSync(join(project, "Pulumi.yaml"), "utf8")).toMatch(/^name: mylab$/m);
      expect(existsSync(join(project, "components/names.ts"))).toBe(true);
      symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
      const parts = await partsIn(project, "first");
      expect(parts).toEqual(
        expect.arrayContaining(["ingress", "keycloak", "realm", "object-store", "workspaces", "portal"]),
      );
    },
    10 * minutes,
  );

  it(
    "that says nothing yet is told what is missing, with the commands",
    async () => {
      const project = join(folder, "mine");
      await pulumi(project, "stack", "init", "second");
      const failed = pulumi(project, "preview", "--stack", "second");
      await expect(failed).rejects.toMatchObject({
        stdout: expect.stringContaining("pulumi config set --path 'datalab:platform.domain'"),
      });
    },
    5 * minutes,
  );
});

describe("the example", () => {
  it.each(["laptop", "university"])(
    "%s previews without its cluster",
    async (name) => {
      const project = join(folder, "mine");
      const file = join(project, `Pulumi.${name}.yaml`);
      changeStackFile(
        file,
        (config) => {
          config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: join(folder, "kubeconfig") };
          const { issuer } = config["datalab:certificates"] ?? {};
          if (issuer === "privateCa")
            config["datalab:certificates"] = { issuer, certManager: { chart: { mirror: charts } } };
        },
        join(checkout, "examples", `Pulumi.${name}.yaml`),
      );
      await pulumi(project, "stack", "init", name);
      expect(await partsIn(project, name)).toContain("portal");
    },
    5 * minutes,
  );
});
