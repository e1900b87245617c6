import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { endProgramsIn } from "../control-plane/processes.ts";

/**
 * `guard.ts <pulumi> <arguments>`: runs the CLI no longer than its own standard input stays open, that is, no longer
 * than the process lives that started it. An operation of a test run that was killed would otherwise go on for
 * minutes.
 */
const [program, ...args] = process.argv.slice(2);
const home = process.env["PULUMI_HOME"];
if (program === undefined || home === undefined)
  throw new Error("usage: PULUMI_HOME=<folder> guard.ts <pulumi> <arguments>");
const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
const exited = new Promise<number>((done, fail) => {
  child.once("error", fail).once("exit", (code) => {
    done(code ?? 1);
  });
});

/** An interrupt cancels the operation. A CLI that does not get so far leaves its plugins behind, waiting for objects. */
const end = async (): Promise<void> => {
  child.kill("SIGINT");
  await Promise.race([exited, sleep(3000)]);
  child.kill("SIGKILL");
  await exited;
  await endProgramsIn(home);
  process.exit(1);
};
process.stdin.on("close", () => void end()).resume();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGINT"));
const code = await exited;
if (!process.stdin.destroyed) process.exit(code);
