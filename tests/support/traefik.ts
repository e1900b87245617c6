/** The ingress controller's program with the platform's arguments. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from "node:http";
import { request } from "node:https";
import { join } from "node:path";

import { freePorts } from "../../testbed/control-plane/ports.ts";
import { ports, publishedAddress, traefikArguments } from "../../components/ingress/traefik-arguments.ts";
import { type Visitors, visitorsArguments, visitorsConfigMap } from "../../components/ingress/visitors.ts";
import { PodNetwork } from "./pod-network.ts";
import { supervise } from "./started-program.ts";

/** What a host answers: the status, and the address of the pod that did. */
export interface HostAnswer {
  readonly status: number | undefined;
  readonly pod: string;
}

export class RunningTraefik {
  readonly #child: ChildProcess;
  readonly #pods: PodNetwork;
  readonly #https: number;
  readonly #http: number;
  #log = "";

  private constructor(child: ChildProcess, pods: PodNetwork, { https, http }: { https: number; http: number }) {
    this.#child = child;
    this.#pods = pods;
    this.#https = https;
    this.#http = http;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
    }
  }

  /**
   * @param kubeconfig File.
   * @param visitors Who may come in, and a folder for the file that says so. @default everybody
   */
  static async start(
    program: string,
    kubeconfig: string,
    visitors?: { readonly list: Visitors; readonly folder: string },
  ): Promise<RunningTraefik> {
    // The API server takes no EndpointSlice to loopback.
    const pods = await PodNetwork.start();
    const [https = 0, http = 0, health = 0] = await freePorts(3);
    const local = new Map<number, number>([
      [ports.https, https],
      [ports.http, http],
      [ports.health, health],
    ]);
    const published = publishedAddress();
    const all = [...traefikArguments({ proxyProtocolFrom: [] }), ...(typeof published === "string" ? [published] : [])];
    const args = all.map((argument) =>
      argument.replace(/address=:(\d+)/, (_, port: string) => `address=127.0.0.1:${local.get(Number(port)) ?? 0}`),
    );
    // By default two seconds lie between two reloads.
    const quick = "--providers.providersThrottleDuration=100ms";
    const door = visitors === undefined ? [] : visitorsArguments.map((argument) => mounted(argument, visitors));
    const child = spawn("sh", ["-c", supervise, "sh", program, ...args, ...door, quick], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { KUBECONFIG: kubeconfig, HTTP_PROXY: pods.proxy },
    });
    return new RunningTraefik(child, pods, { https, http });
  }

  /** What it has written. */
  get log(): string {
    return this.#log;
  }

  /** @param from Address of the visitor, on loopback. */
  async ask(host: string, from = "127.0.0.1", path = "/"): Promise<HostAnswer> {
    const response = await this.#request(host, from, path);
    let body = "";
    for await (const part of response.setEncoding("utf8")) body += part as string;
    return { status: response.statusCode, pod: response.statusCode === 200 ? body : "" };
  }

  /** What a host's answer says beside its body. */
  async headersOf(host: string): Promise<IncomingHttpHeaders> {
    const response = await this.#request(host, "127.0.0.1");
    response.resume();
    return response.headers;
  }

  /** Status of an answer without TLS. */
  async plainStatus(host: string, from: string): Promise<number | undefined> {
    const call = plainRequest({ host: "127.0.0.1", port: this.#http, headers: { host }, localAddress: from });
    const [response] = (await once(call.end(), "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  async #request(host: string, from: string, path = "/"): Promise<IncomingMessage> {
    const call = request({
      host: "127.0.0.1",
      port: this.#https,
      servername: host,
      path,
      headers: { host },
      localAddress: from,
      agent: false,
      // Its own, made at the start.
      rejectUnauthorized: false,
      timeout: 10_000,
    });
    const [response] = (await once(call.end(), "response")) as [IncomingMessage];
    return response;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "close");
    this.#child.stdin?.end();
    await ended;
    this.#pods.stop();
  }
}

/** The argument with a path that lies here, and the files of the ConfigMap that is mounted there. */
function mounted(argument: string, { list, folder }: { readonly list: Visitors; readonly folder: string }): string {
  const data = visitorsConfigMap(list).data as Record<string, string>;
  for (const [name, content] of Object.entries(data)) writeFileSync(join(folder, name), content);
  return argument.replace(/=\/.*\//, `=${folder}/`);
}
