import { execFile, spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { promisify } from "node:util";
import { containerdSocket, inside, outsideNamespace } from "./network.ts";
import { searchPath, type NodePrograms } from "./programs.ts";

/** The namespaces of a node, and what belongs into the environment of its programs. */
export interface Namespaces {
  /** Id, on this machine, of their first process. */
  readonly init: number;
  readonly programs: NodePrograms;
}

export interface EnterOptions extends SpawnOptions {
  /**
   * `node`: the node itself. `outside`: in front of it, with the network of a client, whose address reaches the pods.
   * @default "node"
   */
  readonly where?: "node" | "outside";
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program in the namespaces. It ends with the node at the latest, and when the process returned here is ended. */
export function enter(
  { init, programs }: Namespaces,
  command: string,
  args: readonly string[],
  options: EnterOptions = {},
): ChildProcess {
  const { where = "node", env, ...rest } = options;
  const [program = "", ...first] = entering(init, where);
  return spawn(program, [...first, command, ...args], { ...rest, env: environment(programs, env) });
}

/** Runs a program in the namespaces to its end; fails, with what it wrote, when its exit code is not 0. */
export async function runInside(
  { init, programs }: Namespaces,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const [program = "", ...first] = entering(init, options.where ?? "node");
  const running = promisify(execFile)(program, [...first, command, ...args], {
    cwd: options.cwd,
    env: environment(programs, options.env),
    maxBuffer: 64 * 1024 * 1024,
    timeout: options.timeout,
  });
  running.child.stdin?.on("error", () => undefined).end(options.input ?? "");
  return running;
}

export interface RunOptions {
  readonly where?: "node" | "outside";
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Given to standard input. */
  readonly input?: string;
  /** Milliseconds after which the program is ended. @default none */
  readonly timeout?: number;
}

/** File of the network namespace around the node, as this machine sees it. */
export function outsideFile(init: number): string {
  return `/proc/${init}/root/run/netns/${outsideNamespace}`;
}

function entering(init: number, where: "node" | "outside"): string[] {
  const net = where === "node" ? "--net" : `--net=${outsideFile(init)}`;
  // nsenter waits outside for its child inside, which would outlive it.
  const ending = ["setpriv", "--pdeathsig", "TERM"];
  return ["nsenter", `--target=${init}`, "--mount", "--pid", "--uts", "--ipc", net, "--wdns=/", "--", ...ending];
}

function environment(programs: NodePrograms, given: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  // The machine's proxies cannot be reached from there.
  const own = Object.entries(process.env).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: searchPath(programs),
    KUBECONFIG: `${inside}/admin.kubeconfig`,
    CONTAINERD_ADDRESS: containerdSocket,
    ...given,
  };
}
