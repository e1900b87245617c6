/** A way to a server that can be cut. */
import { connect, createServer, type Socket } from "node:net";

export interface Relay {
  readonly url: string;
  /** Ends what is connected, and refuses everybody. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param server its URL, on loopback */
export async function startRelay(server: string): Promise<Relay> {
  const { hostname, port } = new URL(server);
  const sockets = new Set<Socket>();
  let whole = true;
  const relay = createServer((caller) => {
    if (!whole) {
      caller.resetAndDestroy();
      return;
    }
    const called = connect(Number(port), hostname);
    for (const [socket, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket
        .on("error", () => other.destroy())
        .on("close", () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
  });
  await new Promise<void>((done) => relay.listen(0, hostname, done));
  const { port: own } = relay.address() as { port: number };
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://${hostname}:${own}`,
    cut,
    mend: () => {
      whole = true;
    },
    close: () => {
      cut();
      return new Promise((done) => {
        relay.close(() => {
          done();
        });
      });
    },
  };
}
