import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The process that holds the namespaces of a node, and ends everything in them when it is told to, or left alone. */
export interface Holder {
  /** First process in the namespaces. */
  readonly init: number;
  /** The node's own control group, below the root of each hierarchy. */
  readonly cgroup: string;
  /** Ends everything in the namespaces, and removes the control group. */
  end(): Promise<void>;
}

/** Makes namespaces in which nothing runs yet. They end with this process at the latest. */
export async function hold(program: string, folder: string): Promise<Holder> {
  // The folder on its command line tells whose it is.
  const child = spawn(program, ["hold", `${folder}/`], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = once(child, "exit");
  const facts = JSON.parse(await firstLine(child, child.stdout)) as Pick<Holder, "init" | "cgroup">;
  const end = async () => {
    child.stdin.end();
    await ended;
  };
  return { ...facts, end };
}

/** The first line that a program writes. Fails if it ends before. */
export async function firstLine(child: ChildProcess, output: Readable): Promise<string> {
  const lines = createInterface({ input: output });
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    once(child, "exit").then(([code]) => new Error(`${child.spawnargs.slice(0, 2).join(" ")} ended (${String(code)})`)),
  ]);
  lines.close();
  if (line instanceof Error) throw line;
  return line;
}
