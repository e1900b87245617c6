import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { rm } from "node:fs/promises";

/** Finds the loopback port of the program that stands behind a Service's address; undefined where there is none. */
export type FindPort = (clusterIp: string, port: number) => Promise<number | undefined>;

/**
 * The way from the API server to webhooks: it has no route to the addresses of Services, so it is told to send
 * `CONNECT <cluster ip>:<port>` to this Unix socket (its egress selector), and from here the connection goes on to
 * the local program behind that Service.
 */
export async function serveEgress(socketPath: string, findPort: FindPort): Promise<Server> {
  await rm(socketPath, { force: true });
  const server = createServer();
  server.on("connect", (call, socket) => {
    // The API server hangs up as it likes.
    socket.on("error", () => socket.destroy());
    const refuse = (reason: string) => socket.end(`HTTP/1.1 502 ${reason}\r\n\r\n`);
    const [host = "", port = ""] = (call.url ?? "").split(":");
    findPort(host, Number(port)).then(
      (local) => {
        if (local === undefined) {
          refuse(`nothing runs behind ${host}:${port}, pods are simulated here`);
          return;
        }
        const target = connect({ host: "127.0.0.1", port: local });
        target.once("connect", () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
          target.pipe(socket).pipe(target);
        });
        target.on("error", (error) => {
          refuse(`${host}:${port} does not answer yet: ${error.message}`);
        });
        target.once("close", () => socket.destroy());
        socket.once("close", () => target.destroy());
      },
      (error: unknown) => refuse(String(error).replaceAll(/\s+/g, " ")),
    );
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(socketPath, done);
  });
  return server;
}
