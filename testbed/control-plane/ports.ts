import { createServer, type Server } from "node:net";

/**
 * `count` free ports on loopback. They are taken below the range from which the system itself hands out ports, at
 * random, so that several control planes starting at once hardly ever choose the same one; who loses that race after
 * all starts again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count; attempt++) {
      if (attempt > 1000) throw new Error("no free port between 20000 and 30000 on 127.0.0.1");
      const port = 20_000 + Math.floor(Math.random() * 10_000);
      const server = await listen(port);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => {
      done(undefined);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      done(server);
    });
  });
}
