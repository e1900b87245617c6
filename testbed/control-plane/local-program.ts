import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiAccess, ApiClient } from "./api-client.ts";
import { notePid } from "./pids.ts";
import { freePorts } from "./ports.ts";
import { serviceAccountKubeconfig } from "./service-account.ts";
import type { CertManagerWorkload } from "./workload.ts";

/** Where a program runs, and what it needs for that. */
export interface ProgramSurroundings {
  readonly folder: string;
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly api: Pick<ApiClient, "create" | "allows">;
  readonly access: ApiAccess;
  readonly onAnswering: () => void;
}

/** One program of cert-manager, run on this machine in place of its pods, started again whenever it ends. */
export class LocalProgram {
  readonly workload: CertManagerWorkload;
  /** Whether its health endpoint has answered since it was last started. */
  answering = false;
  /** Where the webhook serves on loopback; undefined until it is started. */
  servingPort: number | undefined;
  readonly #stopping = new AbortController();
  readonly #around: ProgramSurroundings;
  readonly #name: string;
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(workload: CertManagerWorkload, around: ProgramSurroundings) {
    this.workload = workload;
    this.#around = around;
    this.#name = `${workload.namespace}.${workload.name}`;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill("SIGKILL");
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const attempt = new AbortController();
      try {
        await this.#once(AbortSignal.any([signal, attempt.signal]));
      } catch (error) {
        // Among others: its ServiceAccount is not there yet.
        if (!stopped()) console.error(`${this.#name}: ${String(error)}`);
      } finally {
        attempt.abort();
      }
      this.answering = false;
      this.#child = undefined;
      if (!stopped()) await sleep(300);
    }
  }

  /** Returns when the program has ended. */
  async #once(signal: AbortSignal): Promise<void> {
    const { folder, api, access, executable, environment } = this.#around;
    const home = join(folder, "programs");
    await mkdir(home, { recursive: true });
    const { namespace, serviceAccount, role, args } = this.workload;
    const kubeconfig = await serviceAccountKubeconfig(api, access, home, { namespace, name: serviceAccount }, signal);
    await this.#awaitRights(signal);
    const [health = 0, serving = 0] = await freePorts(2);
    signal.throwIfAborted();
    // From here on nothing is waited for until `stop` can see the child.
    const log = openSync(join(home, `${this.#name}.log`), "a");
    const child = spawn(executable, [role, ...args, ...localArguments(role, kubeconfig, health, serving)], {
      cwd: home,
      stdio: ["ignore", log, log],
      env: { ...environment, HOME: home, TMPDIR: home, POD_NAMESPACE: namespace },
    });
    closeSync(log);
    this.#child = child;
    this.servingPort = role === "webhook" ? serving : undefined;
    const exit = new Promise<void>((done, fail) => {
      child.once("error", fail).once("exit", (code, reason) => {
        if (!signal.aborted) console.error(`${this.#name} ended (${String(code ?? reason)}), see its log`);
        done();
      });
    });
    if (child.pid !== undefined) await notePid(folder, this.#name, child.pid);
    const url = `http://127.0.0.1:${health}/${role === "controller" ? "livez" : "healthz"}`;
    this.#waitForHealth(url, child, signal).catch((error: unknown) => {
      console.error(`${this.#name}: ${String(error)}`);
    });
    await exit;
  }

  /**
   * In a cluster a pod starts after its image has been pulled; by then the chart is complete. A controller that is
   * there before the rest of its chart would wait for longer and longer before it tries again.
   */
  async #awaitRights(signal: AbortSignal): Promise<void> {
    if (this.workload.role !== "controller") return;
    const user = `system:serviceaccount:${this.workload.namespace}:${this.workload.serviceAccount}`;
    const deadline = Date.now() + 20_000;
    for (const path of controllerLists) {
      while (!(await this.#around.api.allows(user, `${path}?limit=1`)) && Date.now() < deadline) {
        await sleep(200, undefined, { signal });
      }
    }
  }

  async #waitForHealth(url: string, child: ChildProcess, signal: AbortSignal): Promise<void> {
    const begin = Date.now();
    while (!signal.aborted && child.exitCode === null && child.signalCode === null) {
      const healthy = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
        (answer) => answer.ok,
        () => false,
      );
      if (healthy) {
        console.log(`${this.#name} answers after ${Date.now() - begin} ms`);
        this.answering = true;
        this.#around.onAnswering();
        return;
      }
      await sleep(100);
    }
  }
}

const controllerLists = [
  ...["certificates", "certificaterequests", "clusterissuers", "issuers"].map(
    (kind) => `/apis/cert-manager.io/v1/${kind}`,
  ),
  ...["challenges", "orders"].map((kind) => `/apis/acme.cert-manager.io/v1/${kind}`),
];

/**
 * Appended to the container's arguments, of which the last one counts: its ports belong to a pod, ours to this
 * machine.
 */
function localArguments(
  role: CertManagerWorkload["role"],
  kubeconfig: string,
  health: number,
  serving: number,
): string[] {
  const common = ["--kubeconfig", kubeconfig, "--metrics-listen-address=0"];
  if (role === "webhook") return [...common, `--secure-port=${serving}`, `--healthz-port=${health}`];
  return [...common, `--healthz-listen-address=127.0.0.1:${health}`];
}
