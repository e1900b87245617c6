/** A folder of the user's own charts, with the real engine and the Helm inside its plugin; no cluster is there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";

import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import { checkout, devStackFile } from "../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine } from "../../testbed/engine/engine.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";

jest.setTimeout(180_000);

let folder: string;
let engine: Engine;

beforeAll(async () => {
  const toolchain = await ensureToolchain();
  folder = mkdtempSync(join(tmpdir(), "datalab-own-charts-"));
  const stackFile = join(folder, "Pulumi.dev.yaml");
  write("kubeconfig", unreachableKubeconfig);
  write("Pulumi.dev.yaml", devStackFile(join(folder, "kubeconfig"), toolchain.charts));
  engine = await openEngine({ toolchain, state: join(folder, "state"), project: checkout, stack: "dev", stackFile });
  await engine.configure(["datalab:catalogue", "directory"], join(folder, "charts"));
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function writeChart(template: string): void {
  write("charts/hello/Chart.yaml", "apiVersion: v2\nname: hello\nversion: 1.0.0\n");
  write("charts/hello/values.yaml", "text: hello\n");
  write("charts/hello/values.schema.json", '{ "type": "object" }');
  write("charts/hello/templates/config-map.yaml", template);
}

/** Does what the error says. */
async function record(): Promise<void> {
  rmSync(join(folder, "charts/charts.sum"), { force: true });
  const { text } = await engine.preview();
  write("charts/charts.sum", `${/append the line `(.+)`/.exec(text)?.[1] ?? ""}\n`);
}

it("is offered when helm can render it, and otherwise helm's reason is told, with file and line", async () => {
  writeChart("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { text: {{ .Values.text.none.more }} }\n");
  await record();
  const refused = await engine.preview();
  expect(refused.exitCode).not.toBe(0);
  expect(refused.text).toMatch(/charts\/hello: cannot be rendered with its own values: .*config-map\.yaml:4:/);

  writeChart("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { text: {{ .Values.text | toJson }} }\n");
  await record();
  const preview = await engine.preview();
  expect(preview.text).toContain("catalogue-content");
  expect(preview.exitCode).toBe(0);
});
