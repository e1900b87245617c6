import { serve } from "./server.ts";

/** `pulumi-language-nodejs <engine address>`: prints the port on which it serves, as every Pulumi plugin does. */
const engine = process.argv.at(-1) ?? "";
const host = await serve(engine);
console.log(host.port);

// The engine holds the other end of our standard input for as long as it lives, and interrupts us when it is done.
const end = (): void => {
  host.stop();
  process.exit();
};
process.stdin.on("close", end).on("error", end).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
