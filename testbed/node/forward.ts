import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { outsideFile, type Namespaces } from "./enter.ts";
import { firstLine } from "./holder.ts";

export interface ForwardOptions {
  /** Port on this machine's loopback. @default a free one */
  readonly port?: number;
  /** Address from which the connection reaches the node: one of `network.outside`. @default the first of them */
  readonly source?: string;
}

/** A forward that stays as long as the node. */
export interface LastingForward extends ForwardOptions {
  /** `<address>:<port>` in the node's network. */
  readonly target: string;
}

/** A port on this machine's loopback that leads into a node's network. */
export interface Forward {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Passes connections to a loopback port of this machine on to a target, as a client outside of the node: an address
 * and a port of the node, of a Service or of a pod. It ends with the node, and with this process.
 */
export async function forward(
  { init, programs }: Namespaces,
  target: string,
  { port = 0, source = "" }: ForwardOptions = {},
): Promise<Forward> {
  const child = spawn(
    programs.paths["datalab-node"],
    [
      "forward",
      `--pid=${init}`,
      `--namespace=${outsideFile(init)}`,
      `--listen=127.0.0.1:${port}`,
      `--target=${target}`,
      `--source=${source}`,
    ],
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  const address = await firstLine(child, child.stdout);
  const exit = once(child, "exit");
  // It keeps nobody waiting: it ends with this process.
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if (pipe instanceof Socket) pipe.unref();
  const close = async () => {
    child.ref();
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await exit;
  };
  return { port: Number(address.split(":").at(-1)), address, close };
}
