import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import { ensureToolchain, ToolchainError } from "../toolchain/toolchain.ts";
import type { Session } from "./alternate.ts";
import { parseArguments, usage, UsageError } from "./arguments.ts";
import { installation } from "./installation.ts";
import { firstPreview } from "./previews.ts";
import { programStart } from "./program-start.ts";
import { reportOf, type Measurements } from "./report.ts";
import type { Surroundings } from "./stacks.ts";
import { tableOf } from "./table.ts";

async function main(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { runs, json, help } = parseArguments(args);
  if (help) {
    console.log(usage);
    return;
  }
  const report = reportOf(await measure(runs, signal));
  console.log(json ? JSON.stringify(report, null, 2) : tableOf(report));
}

async function measure(runs: number, signal: AbortSignal): Promise<Measurements> {
  const toolchain = await ensureToolchain({ signal });
  const folder = await mkdtemp(join(tmpdir(), "datalab-bench-"));
  const begin = Date.now();
  const say = (line: string): void => {
    process.stderr.write(`[${String(Math.round((Date.now() - begin) / 1000)).padStart(3)} s] ${line}\n`);
  };
  const session: Session = { runs, signal, say, reference: [] };
  const around: Surroundings = { toolchain, folder, signal };
  try {
    const nowhere = join(folder, "unreachable-kubeconfig");
    await writeFile(nowhere, unreachableKubeconfig);
    const comparisons = [
      ...(await programStart(session, folder)),
      await firstPreview(session, around, nowhere),
      ...(await installation(session, around)),
    ];
    return { machine: machine(), runs, reference: session.reference, comparisons };
  } finally {
    if (signal.aborted) say("Interrupted; cleaning up …");
    await rm(folder, { recursive: true, force: true });
  }
}

function machine(): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${processors.length} × ${processors[0]?.model ?? "?"}, ${memory}, ${process.platform} ${process.arch}, Node ${process.version}`;
}

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // A terminal's Ctrl-C may arrive more than once, from the terminal and from who has started us.
  process.on(name, () => {
    interrupt.abort();
  });
}
try {
  await main(process.argv.slice(2), interrupt.signal);
} catch (error) {
  if (interrupt.signal.aborted) process.exitCode = 130;
  else if (error instanceof UsageError) process.exitCode = 2;
  else process.exitCode = 1;
  const known = error instanceof ToolchainError || error instanceof UsageError;
  if (!interrupt.signal.aborted) console.error(known ? error.message : error);
}
