import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { serveEgress } from "../../testbed/control-plane/egress-proxy.ts";
import { readRecord, writeRecord } from "../../testbed/control-plane/folder.ts";
import { answersAnnotation } from "../../testbed/control-plane/local-programs.ts";
import { freePorts } from "../../testbed/control-plane/ports.ts";
import { belongsTo, endProcesses, endProgramsIn } from "../../testbed/control-plane/processes.ts";
import { startControlPlane, stopControlPlane, controlPlaneStatus } from "../../testbed/control-plane/control-plane.ts";
import { certManagerImage, certManagerWorkload, selects } from "../../testbed/control-plane/workload.ts";
import { readEvents } from "../../testbed/engine/events.ts";

let folder: string;
const children: ChildProcess[] = [];
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-unit-"));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("processes", () => {
  async function start(...args: string[]): Promise<number> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", ...args], { stdio: "ignore" });
    children.push(child);
    await new Promise((done) => child.once("spawn", done));
    return child.pid!;
  }

  test("belong to the folder that their command line names, and to no other", async () => {
    const pid = await start(`${folder}/file`);
    expect(belongsTo(folder, pid)).toBe(true);
    expect(belongsTo(`${folder}2`, pid)).toBe(false);
    expect(belongsTo(folder.slice(0, -1), pid)).toBe(false);
    expect(belongsTo(folder, process.pid)).toBe(false);
  });

  test("are ended only if they are the control plane's, as their ids may have been given to others", async () => {
    const ours = await start(`${folder}/file`);
    const foreign = await start("/elsewhere/file");
    await endProcesses(folder, [ours, foreign, 2 ** 22 - 1]);
    expect(belongsTo(folder, ours)).toBe(false);
    expect(belongsTo("/elsewhere", foreign)).toBe(true);
  });
});

test("programs that lie in the folder are ended, and no others", async () => {
  symlinkSync(process.execPath, join(folder, "node"));
  const start = (program: string) => {
    const child = spawn(program, ["-e", "setInterval(() => {}, 1000)", `${folder}/file`], { stdio: "ignore" });
    children.push(child);
    return new Promise<number>((done) =>
      child.once("spawn", () => {
        done(child.pid!);
      }),
    );
  };
  const inside = await start(join(folder, "node"));
  const outside = await start(process.execPath);
  await endProgramsIn(folder);
  expect([belongsTo(folder, inside), belongsTo(folder, outside)]).toEqual([false, true]);
});

test("free ports are different and can be listened on", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((done, fail) => server.once("error", fail).listen(port, "127.0.0.1", done));
  }
});

describe("the folder of a control plane", () => {
  test("keeps what the supervisor tells about it", async () => {
    await writeRecord(folder, { phase: "ready", supervisor: 1, server: "https://127.0.0.1:1", startedIn: 5 });
    await expect(readRecord(folder)).resolves.toEqual({
      phase: "ready",
      supervisor: 1,
      server: "https://127.0.0.1:1",
      startedIn: 5,
    });
  });

  test("without one is absent, and stopping it removes nothing", async () => {
    writeFileSync(join(folder, "mine"), "");
    await expect(controlPlaneStatus(folder)).resolves.toEqual({ state: "absent" });
    await expect(stopControlPlane(folder)).resolves.toBe(false);
    expect(readFileSync(join(folder, "mine"), "utf8")).toBe("");
  });

  test("with somebody else's files is refused and left alone", async () => {
    writeFileSync(join(folder, "mine"), "");
    const none = "";
    const tools = {
      etcd: none,
      kubeApiserver: none,
      kubeControllerManager: none,
      kubeScheduler: none,
      kubectl: none,
      kwok: none,
      kwokctl: none,
      certManager: none,
    };
    await expect(startControlPlane({ folder, tools })).rejects.toThrow("is not the folder of a control plane");
    expect(readFileSync(join(folder, "mine"), "utf8")).toBe("");
  }, 20_000);

  test("whose supervisor is gone is broken", async () => {
    await writeRecord(folder, { phase: "ready", supervisor: 2 ** 22 - 1, server: "https://127.0.0.1:1" });
    await expect(controlPlaneStatus(folder)).resolves.toEqual({ state: "broken" });
  });
});

describe("the way of the API server to Services", () => {
  async function connect(target: string): Promise<{ status: number; reason: string; body: string }> {
    return new Promise((done, fail) => {
      const call = request({ socketPath: join(folder, "egress.sock"), method: "CONNECT", path: target });
      call.once("error", fail);
      call.once("connect", ({ statusCode = 0, statusMessage = "" }, socket) => {
        if (statusCode !== 200) {
          done({ status: statusCode, reason: statusMessage, body: "" });
          return;
        }
        const get = request({ createConnection: () => socket, path: "/hello" }, (answer) => {
          answer.setEncoding("utf8").once("data", (body: string) => {
            done({ status: statusCode, reason: statusMessage, body });
            socket.destroy();
          });
        });
        get.once("error", fail).end();
      });
      call.end();
    });
  }

  test("leads to the local program, or says that there is none", async () => {
    const program = createServer((call, answer) => answer.end(`got ${call.url ?? ""}`));
    servers.push(program);
    await new Promise<void>((done) => program.listen(0, "127.0.0.1", done));
    const { port } = program.address() as AddressInfo;
    const [closed] = await freePorts(1);
    const local: Record<string, number | undefined> = { "10.96.0.5:443": port, "10.96.0.6:443": closed };
    servers.push(
      await serveEgress(join(folder, "egress.sock"), (ip, wanted) => Promise.resolve(local[`${ip}:${wanted}`])),
    );
    await expect(connect("10.96.0.5:443")).resolves.toMatchObject({ status: 200, body: "got /hello" });
    await expect(connect("10.96.0.7:443")).resolves.toMatchObject({
      status: 502,
      reason: "nothing runs behind 10.96.0.7:443, pods are simulated here",
    });
    await expect(connect("10.96.0.6:443")).resolves.toMatchObject({ status: 502 });
  });
});

describe("the Deployments of cert-manager", () => {
  const deployment = (image: string, replicas = 1) => ({
    metadata: { namespace: "certs", name: "cm" },
    spec: {
      replicas,
      template: {
        metadata: { labels: { app: "webhook" } },
        spec: {
          serviceAccountName: "account",
          containers: [
            {
              image,
              args: ["--names=$(POD_NAMESPACE).svc", "--kept=$(UNKNOWN)", "--plain=$(PLAIN)"],
              env: [
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "PLAIN", value: "value" },
              ],
            },
          ],
        },
      },
    },
  });

  test.each(["controller", "webhook", "cainjector"])("run its %s with the container's arguments", (role) => {
    const image = `mirror.example.org/quay.io/jetstack/cert-manager-${role}:v1@sha256:abc`;
    expect(certManagerWorkload(deployment(image))).toEqual({
      role,
      namespace: "certs",
      name: "cm",
      serviceAccount: "account",
      labels: { app: "webhook" },
      args: ["--names=certs.svc", "--kept=$(UNKNOWN)", "--plain=value"],
    });
  });

  test.each(["nginx", "quay.io/jetstack/cert-manager-startupapicheck:v1", "cert-manager-webhooks:1"])(
    "are told from %s, which is simulated",
    (image) => {
      expect(certManagerWorkload(deployment(image))).toBeUndefined();
    },
  );

  test("without replicas run nothing", () => {
    expect(certManagerWorkload(deployment("cert-manager-webhook:v1", 0))).toBeUndefined();
  });

  test("are behind the Service that selects their pods", () => {
    expect(selects({ app: "webhook" }, { app: "webhook", other: "1" })).toBe(true);
    expect(selects({ app: "webhook", more: "1" }, { app: "webhook" })).toBe(false);
    expect(selects({}, { app: "webhook" })).toBe(false);
    expect(selects(undefined, { app: "webhook" })).toBe(false);
  });

  test("are excepted from the stage of simulated pods by the same image and annotation", () => {
    const stages = parseAllDocuments(
      readFileSync(join(import.meta.dirname, "../../testbed/control-plane/stages.yaml"), "utf8"),
    );
    const ready = JSON.stringify(stages.map((stage) => stage.toJS() as object).find(isStage("pod-ready")));
    expect(ready).toContain(`matches('${certManagerImage}')`);
    expect(ready).toContain(answersAnnotation);
  });
});

function isStage(name: string) {
  return (stage: object) => (stage as { metadata?: { name?: string } }).metadata?.name === name;
}

test("the engine's event log tells steps, messages and sums", async () => {
  const urn = "urn:pulumi:dev::project::a:b:C::name";
  const metadata = { op: "update", urn, type: "a:b:C", detailedDiff: { "spec.x": {} }, new: { inputs: { spec: 1 } } };
  const lines = [
    { resourcePreEvent: { metadata } },
    { resourcePreEvent: { metadata: { op: "delete", urn: `${urn}2`, type: "a:b:C", new: null } } },
    { resOpFailedEvent: { metadata } },
    { diagnosticEvent: { severity: "debug", message: "a call" } },
    { diagnosticEvent: { severity: "info", message: "progress", ephemeral: true } },
    { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>it broke<{%reset%}>\n", urn } },
    { summaryEvent: { resourceChanges: { update: 1, delete: 1 } } },
  ];
  writeFileSync(join(folder, "log"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"cut sh`);
  await expect(readEvents(join(folder, "log"))).resolves.toEqual({
    steps: [
      { op: "update", urn, type: "a:b:C", name: "name", changed: ["spec.x"], inputs: { spec: 1 }, failed: true },
      { op: "delete", urn: `${urn}2`, type: "a:b:C", name: "name2", changed: [], failed: false },
    ],
    diagnostics: [{ severity: "error", message: "it broke", urn }],
    changes: { update: 1, delete: 1 },
  });
});
