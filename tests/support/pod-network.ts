/** A network of pods behind a SOCKS proxy on loopback: whatever address is called, its pod answers with that. */
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export class PodNetwork {
  readonly #sockets = new Map<Socket, string>();
  readonly #pods: HttpServer;
  readonly #proxy: Server;

  private constructor() {
    this.#pods = createHttpServer((call, answer) => answer.end(this.#sockets.get(call.socket)));
    this.#proxy = createServer((socket) => {
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      this.#sockets.set(socket, "");
      this.#enter(socket).catch(() => socket.destroy());
    });
  }

  static async start(): Promise<PodNetwork> {
    const network = new PodNetwork();
    await once(network.#proxy.listen(0, "127.0.0.1"), "listening");
    return network;
  }

  /** For the variable HTTP_PROXY. */
  get proxy(): string {
    return `socks5://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#proxy.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** @see https://www.rfc-editor.org/rfc/rfc1928 */
  async #enter(socket: Socket): Promise<void> {
    await once(socket, "data");
    // No login.
    socket.write(Buffer.from([5, 0]));
    const [wanted] = (await once(socket, "data")) as [Buffer];
    this.#sockets.set(socket, wanted.subarray(4, 8).join("."));
    this.#pods.emit("connection", socket);
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  }
}
