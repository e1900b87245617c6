import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { cacheDirectory } from "../toolchain/store.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { readEvents, type OperationEvents } from "./events.ts";
import { execute } from "./execute.ts";
import { removeStaleLocks } from "./stale-locks.ts";

export type { Diagnostic, Step } from "./events.ts";

/**
 * The passphrase of every state that the test bed makes. Such a state holds the secrets of a platform that is thrown
 * away, and lies in a folder which only its user can read; so it is no secret, and lets anybody open the state of his
 * own demo.
 */
export const passphrase = "datalab-bench";

export interface EngineOptions {
  readonly toolchain: Toolchain;
  /** A folder for what the engine writes: its home, its state, the stack file. An existing one is continued. */
  readonly state: string;
  /** Folder of the project, that of Pulumi.yaml. */
  readonly project: string;
  readonly stack: string;
  /**
   * The stack file. Default: a copy of the project's, made when the state is, so that operations never change the
   * original.
   */
  readonly stackFile?: string;
  /** Folders of plugins beside the toolchain's, by the name that the CLI looks for, such as `resource-aws-v7.48.0`. */
  readonly plugins?: Readonly<Record<string, string>>;
  /** A folder that comes first on the PATH of each operation. */
  readonly programs?: string;
  /** Added to the environment of each operation, such as KUBECONFIG. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Whether the state is written after each step, as people's is, so that an operation that is killed leaves what it has
   * done. Each time it is the whole state: for the platform that is most of what the CLI does (testbed/docs/benchmark.md).
   * @default true
   */
  readonly checkpoints?: boolean;
  /** A program with its arguments that starts each operation, such as `nsenter` into another network. @default none */
  readonly prefix?: readonly string[];
  /** Cancels the operation that runs when it is given. */
  readonly signal?: AbortSignal;
}

/** The real Pulumi CLI on one stack, with everything that it reads and writes in a folder of its own. */
export interface Engine {
  readonly stackFile: string;
  /** What a shell needs to continue with the same stack, beside what it has. */
  readonly environment: Readonly<Record<string, string>>;
  preview(options?: OperationOptions): Promise<OperationResult>;
  up(options?: OperationOptions): Promise<OperationResult>;
  refresh(options?: OperationOptions): Promise<OperationResult>;
  destroy(options?: OperationOptions): Promise<OperationResult>;
  /** The stack's outputs, secrets included. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** Changes the stack file: `configure(["datalab:portal", "title"], "…")`; undefined removes the value. */
  configure(path: readonly (string | number)[], value: unknown): Promise<void>;
  /** Any other command; its standard output. */
  run(args: readonly string[]): Promise<string>;
}

export interface OperationOptions {
  /** Flags of the CLI, such as `--expect-no-changes`. */
  readonly flags?: readonly string[];
  /** True: the CLI writes to the terminal, in its own interactive way, and `text` stays empty. */
  readonly terminal?: boolean;
}

export interface OperationResult extends OperationEvents {
  readonly exitCode: number;
  /** What the CLI has printed, on both streams. */
  readonly text: string;
  readonly milliseconds: number;
}

/** Prepares the folder, and creates the stack if the folder holds none. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const state = resolve(options.state);
  const stackFile = options.stackFile ?? join(state, `Pulumi.${options.stack}.yaml`);
  const environment = await prepare(state, stackFile, options);
  const cli = options.toolchain.path("pulumi");
  // The Kubernetes plugin leaves a file in the temporary folder each time it starts: here it goes with the state.
  const inherited = { ...process.env, ...environment, TMPDIR: join(state, "tmp") };
  const project = ["--cwd", options.project];

  const run = async (args: readonly string[]): Promise<string> => {
    const { exitCode, output, errors } = await execute(cli, args, inherited, false, options.signal);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}: exit code ${exitCode}\n${errors}`);
    return output;
  };
  const operate = async (operation: string, fixed: readonly string[], given: OperationOptions = {}) => {
    const eventLog = join(state, `events-${process.pid}-${++operations}.jsonl`);
    const begin = performance.now();
    const args = [operation, ...project, "--stack", options.stack, "--config-file", stackFile, "--event-log", eventLog];
    const interactive = given.terminal === true;
    const all = [
      ...args,
      ...fixed,
      ...(interactive ? [] : ["--non-interactive", "--color", "never"]),
      ...(given.flags ?? []),
    ];
    // The event log is one of the CLI's options for its own developers.
    const [program, ...first] = [...(options.prefix ?? []), cli];
    const { exitCode, output, errors } = await execute(
      program,
      [...first, ...all],
      { ...inherited, PULUMI_DEBUG_COMMANDS: "true" },
      interactive,
      options.signal,
    );
    const milliseconds = performance.now() - begin;
    const events = await readEvents(eventLog);
    await rm(eventLog, { force: true });
    return { ...events, exitCode, text: output + errors, milliseconds };
  };

  await removeStaleLocks(join(state, "backend"));
  if (!existsSync(join(state, "backend/.pulumi/stacks", await projectName(options.project), `${options.stack}.json`))) {
    await createStack(state, options, stackFile, run);
  }
  return {
    stackFile,
    environment,
    preview: (given) => operate("preview", ["--diff"], given),
    up: (given) => operate("up", ["--yes", "--skip-preview"], given),
    refresh: (given) => operate("refresh", ["--yes", "--skip-preview"], given),
    destroy: (given) => operate("destroy", ["--yes", "--skip-preview"], given),
    outputs: async () => {
      const text = await run(["stack", "output", "--json", "--show-secrets", ...project, "--stack", options.stack]);
      return JSON.parse(text) as Record<string, unknown>;
    },
    configure: async (path, value) => {
      const document = parseDocument(await readFile(stackFile, "utf8"));
      if (value === undefined) document.deleteIn(["config", ...path]);
      else document.setIn(["config", ...path], value);
      await writeFile(stackFile, document.toString());
    },
    run: (args) => run([...args, ...project]),
  };
}

let operations = 0;

async function prepare(state: string, stackFile: string, options: EngineOptions): Promise<Record<string, string>> {
  const { environment: tools } = options.toolchain;
  const home = join(state, "home");
  await mkdir(join(state, "backend"), { recursive: true, mode: 0o700 });
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir(join(state, "tmp"), { recursive: true, mode: 0o700 });
  // Where a folder for its logs cannot be made, the CLI keeps none. Nobody reads these, and for a platform with large
  // schemas they cost more than the preview itself (docs/adr/0004-charts.md).
  if (!existsSync(join(home, "logs"))) await writeFile(join(home, "logs"), "");
  await linkPlugins(join(tools["PULUMI_HOME"] ?? "", "plugins"), join(home, "plugins"), options.plugins ?? {});
  const given = join(options.project, `Pulumi.${options.stack}.yaml`);
  if (!existsSync(stackFile) && existsSync(given)) await cp(given, stackFile);
  const checkout = resolve(import.meta.dirname, "../..");
  return {
    ...tools,
    // The official language host takes `node` from there, ours is told which one to use.
    PATH: [
      ...(options.programs === undefined ? [] : [options.programs]),
      dirname(options.toolchain.path("pulumi")),
      join(checkout, "node_modules/.bin"),
      process.env["PATH"] ?? "",
    ].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${join(state, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    // Whatever plugins lie on the user's PATH: these are the ones that are tested.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    ...(options.checkpoints === false ? { PULUMI_SKIP_CHECKPOINTS: "true" } : {}),
    NODE_COMPILE_CACHE: join(cacheDirectory(process.env), "node-compile-cache"),
    ...options.environment,
  };
}

/** The toolchain's plugins, and others. */
async function linkPlugins(toolchain: string, folder: string, others: Readonly<Record<string, string>>): Promise<void> {
  // A toolchain that was renewed lies elsewhere.
  await rm(folder, { recursive: true, force: true });
  if (Object.keys(others).length === 0) return symlink(toolchain, folder);
  // The CLI takes a plugin's folder only if it is no link.
  for (const entry of await readdir(toolchain, { withFileTypes: true })) {
    if (entry.isDirectory()) await cp(join(toolchain, entry.name), join(folder, entry.name), { recursive: true });
  }
  for (const [name, plugin] of Object.entries(others)) await cp(plugin, join(folder, name), { recursive: true });
}

/**
 * `stack init` writes into the stack file of the folder it runs in: so it runs in one of ours, and not in the
 * project.
 */
async function createStack(
  state: string,
  options: EngineOptions,
  stackFile: string,
  run: (args: readonly string[]) => Promise<string>,
): Promise<void> {
  const folder = join(state, "new-stack");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "Pulumi.yaml"), `name: ${await projectName(options.project)}\nruntime: nodejs\n`);
  if (existsSync(stackFile)) await cp(stackFile, join(folder, `Pulumi.${options.stack}.yaml`));
  await run(["stack", "init", options.stack, "--no-select", "--cwd", folder]);
  await rm(folder, { recursive: true });
}

async function projectName(project: string): Promise<string> {
  const name = /^name: *(\S+)/m.exec(await readFile(join(project, "Pulumi.yaml"), "utf8"))?.[1];
  if (name === undefined) throw new Error(`${join(project, "Pulumi.yaml")} has no name`);
  return name;
}
