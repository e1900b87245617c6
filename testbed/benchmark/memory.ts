import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * Does some work and returns, beside its result, how much memory the Pulumi CLIs started by it took together with their plugins and programs:
 * the peaks of all their processes added up, in MiB. Undefined where the system does not tell.
 *
 * @param interval Milliseconds between two looks; looking takes time from the work.
 */
export async function withPeakMemory<T>(
  interval: number,
  work: () => Promise<T>,
): Promise<{ result: T; memory: number | undefined }> {
  const peaks = new Map<number, number>();
  // The system keeps each process's peak: looking now and then is nearly enough.
  const timer = setInterval(() => {
    // One that is ending has none any more.
    for (const [pid, peak] of pulumiProcesses()) peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0));
  }, interval);
  try {
    const result = await work();
    const sum = [...peaks.values()].reduce((total, peak) => total + peak, 0);
    return { result, memory: sum === 0 ? undefined : sum / 1024 };
  } finally {
    clearInterval(timer);
  }
}

interface Process {
  readonly parent: number;
  readonly name: string;
  /** In KiB. */
  readonly peak: number;
}

/** The CLIs that this process has started, and everything below them, with their peaks. */
function pulumiProcesses(): [pid: number, peak: number][] {
  const processes = new Map<number, Process>();
  for (const entry of existsSync("/proc/self/status") ? readdirSync("/proc") : []) {
    const found = /^\d+$/.test(entry) ? readProcess(entry) : undefined;
    if (found !== undefined) processes.set(Number(entry), found);
  }
  return [...processes].flatMap(([pid, { peak }]) => {
    const line = [...ancestry(pid, processes)];
    const cli = line.findIndex((id) => processes.get(id)?.name === "pulumi");
    return cli !== -1 && line.indexOf(process.pid) > cli ? [[pid, peak] as [number, number]] : [];
  });
}

function* ancestry(pid: number, processes: ReadonlyMap<number, Process>): Generator<number> {
  for (let id: number | undefined = pid; id !== undefined && id > 0; id = processes.get(id)?.parent) yield id;
}

function readProcess(pid: string): Process | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
    return { parent: Number(field("PPid")), name: field("Name"), peak: Number(field("VmHWM")) };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
