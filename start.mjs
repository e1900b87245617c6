// The entry of what `entries` names, by `npm run`. Runs on the Node that is at hand, with nothing installed; what it starts
// runs on the Node of node_modules, which executes TypeScript. Where an operator has installed without the development
// dependencies (`npm ci --omit=dev`), the commands run on the Node at hand.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const entries = {
  demo: "testbed/demo/demo.ts",
  toolchain: "testbed/toolchain/install.ts",
  bench: "testbed/benchmark/benchmark.ts",
  doctor: "commands/doctor/main.ts",
  flip: "commands/flip/main.ts",
  preflight: "commands/preflight/main.ts",
  "take-back": "commands/take-back/main.ts",
  digest: "commands/digest/main.ts",
  explain: "commands/explain/main.ts",
  pipeline: "commands/pipeline/main.ts",
  soak: "tests/soak.ts",
  "newest-provider": "tests/newest-provider.ts",
  test: "tests/run.ts",
  "test:node": "tests/run.ts",
  engine: "tests/run.ts",
};

const checkout = dirname(fileURLToPath(import.meta.url));
const modules = join(checkout, "node_modules");
const node = join(modules, ".bin/node");

async function main([name, ...args]) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Error(`Node ${process.versions.node} is too old: version 20 or newer is needed.`);
  const entry = entries[name];
  if (entry === undefined) throw new Error(`usage: node start.mjs ${Object.keys(entries).join("|")} [options]`);
  const ready = () => installed(entry);
  if (!ready()) await withLock(async () => ready() || (await install(entry)));
  // These three are one program, which is told its part by name.
  const given = entry === entries.test ? [name, ...args] : args;
  return run(existsSync(node) ? node : process.execPath, [join(checkout, entry), ...given], {
    PATH: [join(modules, ".bin"), process.env.PATH].join(delimiter),
  });
}

/** Whether what was installed without the development dependencies is enough: an operator's command, on a Node that runs TypeScript. */
function needsNoMore(entry) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return entry.startsWith("commands/") && (major > 22 || (major === 22 && minor >= 18));
}

/** npm writes the hidden lock file at the very end of an installation. */
function installed(entry) {
  const written = join(modules, ".package-lock.json");
  const wanted = join(checkout, "package-lock.json");
  if (!existsSync(node) && !needsNoMore(entry)) return false;
  return existsSync(written) && statSync(written).mtimeMs >= statSync(wanted).mtimeMs;
}

async function install(entry) {
  // npm would empty the folder behind a link, which is somebody else's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(`${modules} is a link, and does not hold what package-lock.json asks for.`);
  }
  const parts = needsNoMore(entry) && !existsSync(node) ? ["--omit=dev"] : [];
  process.stderr.write(`Installing dependencies with \`${["npm ci", ...parts].join(" ")}\` …\n`);
  const begin = Date.now();
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith(".js") ? [process.execPath, npm] : ["npm"];
  const [program, ...first] = command;
  // Standard output belongs to what is started afterwards.
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const { code } = await run(program, [...first, "ci", ...parts, ...quiet], {}, ["ignore", 2, 2]);
  if (code !== 0) throw new Error("`npm ci` failed; its messages are above.");
  process.stderr.write(`Dependencies installed in ${Math.round((Date.now() - begin) / 1000)} s.\n`);
}

/** One installation at a time per checkout. The lock of a process that is gone is taken over. */
async function withLock(work) {
  const key = createHash("sha256").update(checkout).digest("hex").slice(0, 12);
  const lock = join(tmpdir(), `datalab-install-${key}-${homedir().replaceAll(/\W/g, "_")}.lock`);
  for (let told = false; !take(lock); told = true) {
    if (!told) process.stderr.write("Waiting for another process that is installing the dependencies …\n");
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function take(lock) {
  try {
    mkdirSync(lock, { mode: 0o700 });
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  // Between its two steps a living holder has no pid yet.
  const old = Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs > 5000;
  if (old && !alive(lock)) rmSync(lock, { recursive: true, force: true });
  return false;
}

function alive(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs a program to its end; signals go on to it, and it decides what they mean. */
function run(program, args, environment, stdio = "inherit") {
  const child = spawn(program, args, { stdio, env: { ...process.env, ...environment } });
  // On a terminal Ctrl-C reaches it anyway.
  const forwarded = process.stdin.isTTY ? ["SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  if (process.stdin.isTTY) process.on("SIGINT", () => undefined);
  return new Promise((done, fail) => {
    child.once("error", fail).once("exit", (code, signal) => done({ code, signal }));
  });
}

try {
  const { code, signal } = await main(process.argv.slice(2));
  if (signal === null) process.exitCode = code;
  else {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
