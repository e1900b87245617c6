import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { credentials, type Client, type ServiceError } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type * as languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type * as languageMessages from "@pulumi/pulumi/proto/language_pb.js";

// Real gRPC calls to the real process; only @pulumi/pulumi itself is replaced by a stub that notes what it was given.
const require = createRequire(import.meta.url);
const service = require("@pulumi/pulumi/proto/language_grpc_pb") as typeof languageService;
const messages = require("@pulumi/pulumi/proto/language_pb") as typeof languageMessages;
const { Empty } = require("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => never };
const { version } = require("@pulumi/pulumi/package.json") as { version: string };

const stub = `
const fs = require("fs");
const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS } = process.env;
const seen = { args: process.argv.slice(2), pid: process.pid, cwd: process.cwd(), PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS };
fs.writeFileSync("seen.part", JSON.stringify(seen));
fs.renameSync("seen.part", "seen.json");
const last = process.argv.at(-1);
if (last === "hang") setInterval(() => {}, 1000);
else process.exit(Number(last));
`;

let project: string;
let host: ChildProcess;
let client: languageService.LanguageRuntimeClient;

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), "datalab-unit-"));
  writeFileSync(join(project, "package.json"), "{}");
  const main = join(import.meta.dirname, "../../testbed/language-host/main.ts");
  host = spawn(process.execPath, [main, "127.0.0.1:9"], { cwd: project, stdio: ["pipe", "pipe", "inherit"] });
  const [port] = await new Promise<string[]>((done) =>
    createInterface({ input: host.stdout! }).once("line", (line) => {
      done([line]);
    }),
  );
  client = new service.LanguageRuntimeClient(`127.0.0.1:${port!}`, credentials.createInsecure());
});

afterEach(() => {
  (client as unknown as Client).close();
  host.kill("SIGKILL");
  rmSync(project, { recursive: true, force: true });
});

function installStub(): void {
  mkdirSync(join(project, "node_modules/@pulumi/pulumi/cmd/run"), { recursive: true });
  writeFileSync(join(project, "node_modules/@pulumi/pulumi/cmd/run/index.js"), stub);
}

function runRequest(last: string): languageMessages.RunRequest {
  const info = new messages.ProgramInfo();
  info.setRootDirectory(project);
  info.setProgramDirectory(project);
  info.setEntryPoint("index.ts");
  const request = new messages.RunRequest();
  request.setInfo(info);
  request.setPwd(project);
  request.setProject("datalab");
  request.setStack("dev");
  request.setOrganization("organization");
  request.setMonitorAddress("127.0.0.1:10");
  request.setParallel(4);
  request.setDryrun(true);
  request.getConfigMap().set("datalab:portal", '{"title":"x"}');
  request.setConfigsecretkeysList(["datalab:portal"]);
  request.setArgsList([last]);
  return request;
}

function run(last: string): Promise<languageMessages.RunResponse> {
  return new Promise((done, fail) => {
    client.run(runRequest(last), (error: ServiceError | null, response) => {
      if (error) fail(error);
      else done(response);
    });
  });
}

async function seen(): Promise<{ args: string[]; pid: number; [key: string]: unknown }> {
  while (!existsSync(join(project, "seen.json"))) await sleep(20);
  return JSON.parse(readFileSync(join(project, "seen.json"), "utf8")) as { args: string[]; pid: number };
}

async function ended(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 250; attempt++) {
    try {
      process.kill(pid, 0);
      // Where nobody collects the process, it stays as a zombie.
      const stat = `/proc/${pid}/stat`;
      if (existsSync(stat) && readFileSync(stat, "utf8").includes(") Z ")) return true;
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}

describe("the language host", () => {
  test("runs the program with what the engine has given", async () => {
    installStub();
    const response = await run("0");
    expect({ bail: response.getBail(), error: response.getError() }).toEqual({ bail: false, error: "" });
    const { args, cwd, PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS } = await seen();
    const flags =
      "--monitor 127.0.0.1:10 --engine 127.0.0.1:9 --organization organization --project datalab --stack dev";
    expect(args.join(" ")).toBe(
      `${flags} --pwd ${project} --root-directory ${project} --parallel 4 --dry-run index.ts 0`,
    );
    expect({ cwd, PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS }).toEqual({
      cwd: project,
      PULUMI_CONFIG: '{"datalab:portal":"{\\"title\\":\\"x\\"}"}',
      PULUMI_CONFIG_SECRET_KEYS: '["datalab:portal"]',
    });
  });

  test("reports an error once: what the program has told already is not repeated", async () => {
    installStub();
    const response = await run("32");
    expect({ bail: response.getBail(), error: response.getError() }).toEqual({ bail: true, error: "" });
  });

  test("reports a program that ends in any other way", async () => {
    installStub();
    const response = await run("7");
    expect({ bail: response.getBail(), error: response.getError() }).toEqual({
      bail: false,
      error: "the program ended with exit code 7",
    });
  });

  test("says what to do where dependencies are missing", async () => {
    const response = await run("0");
    expect(response.getError()).toContain(`@pulumi/pulumi is not installed in ${project}`);
  });

  test("tells its version", async () => {
    const info = await new Promise<{ getVersion(): string }>((done, fail) => {
      client.getPluginInfo(new Empty(), (error: ServiceError | null, response: { getVersion(): string }) => {
        if (error) fail(error);
        else done(response);
      });
    });
    expect(info.getVersion()).toBe(version);
  });

  test("ends the program when the operation is cancelled", async () => {
    installStub();
    const running = run("hang");
    const { pid } = await seen();
    await new Promise<void>((done, fail) => {
      client.cancel(new Empty(), (error: ServiceError | null) => {
        if (error) fail(error);
        else done();
      });
    });
    expect((await running).getError()).toBe("the program was ended by SIGKILL");
    expect(await ended(pid)).toBe(true);
  });

  test("and the program end with the engine", async () => {
    installStub();
    const running = run("hang").catch(() => undefined);
    const { pid } = await seen();
    const exit = new Promise((done) => host.once("exit", done));
    host.stdin!.end();
    await exit;
    await running;
    expect(await ended(pid)).toBe(true);
  });
});
