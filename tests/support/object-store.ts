/** The real server and client, started with what the platform's pods would be started with. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import type { MinioPrograms } from "../../testbed/minio/minio.ts";
import { type Outcome, outcomeOf, statusOf, untilStatus } from "./started-program.ts";

/** Ends the server and clears its folder as soon as nobody holds the other end of its standard input: a killed test too. */
const guardian = '"$@" & read _; kill -9 $!; wait; cd /; rm -rf "$0"';

export class RunningObjectStore {
  readonly endpoint: string;
  readonly consoleEndpoint: string;
  readonly #programs: MinioPrograms;
  readonly #folder: string;
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<void>;
  #log = "";

  private constructor(programs: MinioPrograms, start: ServerStart, ports: readonly [number, number]) {
    const [s3, console] = ports;
    this.#programs = programs;
    this.#folder = mkdtempSync(join(tmpdir(), "datalab-object-store-"));
    this.endpoint = `http://127.0.0.1:${s3}`;
    this.consoleEndpoint = `http://127.0.0.1:${console}`;
    // What a container has of its own: ports and folders.
    const local: Readonly<Record<string, string>> = {
      "/data": join(this.#folder, "data"),
      "--address=:9000": `--address=127.0.0.1:${s3}`,
      "--console-address=:9001": `--console-address=127.0.0.1:${console}`,
      "--certs-dir=/tmp/certs": `--certs-dir=${join(this.#folder, "certs")}`,
    };
    this.#server = spawn(
      "/bin/sh",
      ["-c", guardian, this.#folder, programs.server, ...start.args.map((argument) => local[argument] ?? argument)],
      { cwd: this.#folder, env: { ...start.environment, HOME: this.#folder } },
    );
    for (const stream of [this.#server.stdout, this.#server.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
    }
    this.#exited = new Promise((resolve) => {
      this.#server.once("close", () => {
        resolve();
      });
    });
  }

  static async start(programs: MinioPrograms, start: ServerStart): Promise<RunningObjectStore> {
    return new RunningObjectStore(programs, start, [await freePort(), await freePort()]);
  }

  /** Status of a probe's path; 0 as long as nobody listens. */
  probe(path: string): Promise<number> {
    return statusOf(this.endpoint + path);
  }

  /** Waits until a probe's path answers with the status. */
  waitFor(path: string, status: number): Promise<void> {
    return untilStatus(this.endpoint + path, status, () => this.#log);
  }

  /** Runs a shell script of the platform, with `mc` on the path. */
  script(text: string, environment: Readonly<Record<string, string>>): Promise<Outcome> {
    return this.#run("/bin/sh", ["-c", text], environment);
  }

  /** Runs `mc`, with the alias `store` for the given user. */
  client(user: string, ...args: readonly string[]): Promise<Outcome> {
    const host = this.endpoint.replace("http://", `http://${user}@`);
    return this.#run(this.#programs.client, args, { MC_HOST_store: host });
  }

  /** Writes a file that a script can read. */
  file(name: string, content: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  async stop(): Promise<void> {
    this.#server.stdin.end();
    await this.#exited;
  }

  #run(program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Outcome> {
    const path = [dirname(this.#programs.client), process.env["PATH"]].join(delimiter);
    const child = spawn(program, args, {
      env: { PATH: path, HOME: this.#folder, MC_CONFIG_DIR: join(this.#folder, "mc"), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
    return outcomeOf(child);
  }
}

export interface ServerStart {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
