import { existsSync, mkdirSync } from "node:fs";
import { cp, lstat, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { controlPlaneTools, startControlPlane } from "../control-plane/control-plane.ts";
import { endProgramsIn } from "../control-plane/processes.ts";
import { openEngine, type Engine } from "../engine/engine.ts";
import { withLock } from "../toolchain/lock.ts";
import { quoted } from "../shell.ts";
import { ensureToolchain, ToolchainError, ToolchainInterrupted, type Toolchain } from "../toolchain/toolchain.ts";
import { parseArguments, usage, UsageError, type Command } from "./arguments.ts";
import { assertOtherIsAbsent, type Cluster, clusters, OtherKindError } from "./kinds.ts";
import { demoPlaces, type Places } from "./places.ts";
import { assertOnlyOurs, ForeignStacksError, renewState, stack } from "./state.ts";
import { nextSteps, outputTable, realNextSteps } from "./summary.ts";

async function main(args: readonly string[]): Promise<number> {
  const command = parseArguments(args);
  const places = demoPlaces();
  const actions: Readonly<Record<Command, () => Promise<number>>> = {
    up: () => exclusively(places, () => bringUp(places)),
    real: () => exclusively(places, () => bringUpReal(places)),
    stop: () => exclusively(places, () => stop(places)),
    status: () => printStatus(places),
    environment: () => printEnvironment(places),
    help: () => {
      console.log(usage);
      return Promise.resolve(0);
    },
  };
  return actions[command]();
}

async function bringUp(places: Places): Promise<number> {
  const begin = Date.now();
  await assertOtherIsAbsent(places, "simulated");
  const toolchain = await ensureToolchain();
  const controlPlane = await startControlPlane({ folder: places.controlPlane, tools: controlPlaneTools(toolchain) });
  sayReady(clusters(places).simulated, controlPlane);
  await renew(places, controlPlane.kubeconfig, toolchain);
  return install(await open(places, toolchain, trackedStackFile(places)), begin, () => Promise.resolve(nextSteps));
}

async function bringUpReal(places: Places): Promise<number> {
  const begin = Date.now();
  await assertOtherIsAbsent(places, "real");
  // Loaded here alone: it brings what makes images, which the ordinary demo does not need.
  const { browserCommand, provideCatalogue, providedFolder, realStackFile, saveAuthority, startDemoNode } =
    await import("./real-node.ts");
  const toolchain = await ensureToolchain();
  const { node, entrance } = await startDemoNode(places, toolchain);
  sayReady(clusters(places).real, node);
  await renew(places, node.kubeconfig, toolchain);
  const { text, domain } = realStackFile(await readFile(trackedStackFile(places), "utf8"));
  await writeFile(places.stackFile, text);
  await provideCatalogue(places, toolchain, domain);
  return install(await open(places, toolchain, places.stackFile), begin, async () => {
    await saveAuthority(places, toolchain);
    const browser = await browserCommand(domain, entrance);
    return realNextSteps({ domain, entrance, browser, provided: providedFolder(process.env) });
  });
}

function sayReady({ name }: Cluster, started: { startedIn: number; reused: boolean; server: string }): void {
  const { startedIn, reused, server } = started;
  const state = reused ? "already running" : `ready in ${(startedIn / 1000).toFixed(1)} s`;
  console.log(`${name[0]?.toUpperCase() ?? ""}${name.slice(1)} ${state}: ${server}`);
}

/** Installs the stack, and says what can be done with it. */
async function install(engine: Engine, begin: number, steps: () => Promise<string>): Promise<number> {
  const { exitCode } = await engine.up({ terminal: true, flags: ["--suppress-outputs", "--suppress-permalink=true"] });
  if (exitCode !== 0) {
    console.error(
      '\nThe platform is not complete. See why with: eval "$(npm run --silent demo -- --env)"; kubectl get pods,events -A',
    );
    return exitCode;
  }
  console.log(`\nStack ${stack} is up after ${Math.round((Date.now() - begin) / 1000)} s.\n`);
  console.log([...outputTable(await engine.outputs()), "", await steps()].join("\n"));
  return 0;
}

/** Puts what stack files name where they look for it. */
async function renew(places: Places, kubeconfig: string, toolchain: Toolchain): Promise<void> {
  await renewState(places.state, await readFile(kubeconfig, "utf8"));
  await cp(kubeconfig, places.kubeconfig);
  await replaceLink(places.charts, toolchain.charts);
  await replaceLink(places.link, places.folder);
}

/** The tracked file itself, so that a `pulumi preview` typed by hand sees the same; see testbed/docs/control-plane.md. */
function trackedStackFile(places: Places): string {
  return join(places.checkout, `Pulumi.${stack}.yaml`);
}

function open(places: Places, toolchain: Toolchain, stackFile: string): Promise<Engine> {
  return openEngine({
    toolchain,
    state: places.state,
    project: places.checkout,
    stack,
    stackFile,
    environment: { KUBECONFIG: places.kubeconfig, KUBECACHEDIR: join(places.folder, "kubectl-cache") },
  });
}

async function stop(places: Places): Promise<number> {
  await assertOnlyOurs(places.state);
  let running = false;
  for (const cluster of Object.values(clusters(places))) running = (await cluster.stop()) || running;
  // Plugins of an update that was broken off go on waiting for its objects.
  await endProgramsIn(places.folder);
  await rm(places.folder, { recursive: true, force: true });
  if (await isLink(places.link)) await rm(places.link);
  console.log(running ? "Stopped. Nothing of it is left but the tools in the cache." : "Nothing was running.");
  return 0;
}

/** The kind that is there; the simulated one when there is none. */
async function present(places: Places) {
  const { simulated, real } = clusters(places);
  const status = await real.status();
  if (status.state !== "absent") return { cluster: real, status };
  return { cluster: simulated, status: await simulated.status() };
}

async function printStatus(places: Places): Promise<number> {
  const {
    cluster: { name, command },
    status: { state, server = "", error },
  } = await present(places);
  const texts = {
    absent: "Nothing is running. `npm run demo` starts it.",
    starting: `The ${name} is starting.`,
    running: `The ${name} is running: ${server}`,
    broken: `The ${name} has broken down${error === undefined ? "" : ` (${error})`}. \`${command}\` starts a new one, \`npm run demo -- --stop\` clears it away.`,
  };
  console.log(texts[state]);
  return state === "running" ? 0 : 1;
}

async function printEnvironment(places: Places): Promise<number> {
  const { cluster, status } = await present(places);
  if (status.state !== "running" || !existsSync(places.kubeconfig)) {
    console.error("The demo is not running. `npm run demo` starts it.");
    return 1;
  }
  const stackFile = cluster.kind === "real" ? places.stackFile : trackedStackFile(places);
  const { environment } = await open(places, await ensureToolchain(), stackFile);
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${shellValue(name, value)}`);
  return 0;
}

function exclusively(places: Places, work: () => Promise<number>): Promise<number> {
  mkdirSync(dirname(places.lock), { recursive: true });
  const onWait = ({ pid }: { readonly pid: number }) => {
    console.error(`Waiting for process ${pid}, which is working on the same demo.`);
  };
  return withLock(places.lock, { signal: new AbortController().signal, onWait }, work);
}

async function replaceLink(link: string, target: string): Promise<void> {
  if (existsSync(link) && !(await isLink(link))) throw new Error(`${link} is in the way; it should not exist`);
  await rm(link, { force: true });
  await symlink(target, link);
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** The shell's own PATH stays what it is, with our folders before it. */
function shellValue(name: string, value: string): string {
  const own = process.env["PATH"] ?? "";
  if (name === "PATH" && own !== "" && value.endsWith(own)) return `${quoted(value.slice(0, -own.length))}"$PATH"`;
  return quoted(value);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ToolchainInterrupted) process.exitCode = 130;
  else if (error instanceof UsageError) process.exitCode = 2;
  else process.exitCode = 1;
  const names = ["NoNodeError", "ImageError"];
  const known = [ToolchainError, ToolchainInterrupted, UsageError, ForeignStacksError, OtherKindError];
  console.error(
    error instanceof Error && (known.some((kind) => error instanceof kind) || names.includes(error.name))
      ? error.message
      : error,
  );
}
