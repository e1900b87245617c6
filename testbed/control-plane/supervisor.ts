import { join } from "node:path";
import { ApiClient, type ApiAccess } from "./api-client.ts";
import { furnishCluster, writeKubeconfig } from "./cluster-objects.ts";
import { serveEgress } from "./egress-proxy.ts";
import { clear, kubeconfigFile, writeRecord } from "./folder.ts";
import { createKwokCluster, egressSocket, kwokLogs, removeKwokCluster } from "./kwok-cluster.ts";
import { LocalPrograms } from "./local-programs.ts";
import { notePid } from "./pids.ts";
import type { ControlPlaneTools } from "./tools.ts";

/** What the process that starts a supervisor hands to it, as the JSON text of its second argument. */
export interface SupervisorOptions {
  readonly tools: ControlPlaneTools;
  /** True: the control plane ends as soon as the supervisor's standard input does, that is, with its owner. */
  readonly owned: boolean;
  /** Added to the environment of cert-manager's programs. */
  readonly environment: Readonly<Record<string, string>>;
  /** Minor version of Kubernetes to emulate. */
  readonly emulatedVersion: string | undefined;
}

/**
 * The one process that belongs to a control plane: starts it, runs cert-manager beside it, and ends and removes all
 * of it when told to (SIGTERM) or when its owner is gone.
 */
async function supervise(folder: string, options: SupervisorOptions): Promise<void> {
  const begin = Date.now();
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = () => {
    ending.abort();
    ended.reject(new Error("the control plane was told to end"));
  };
  ended.promise.catch(() => undefined);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, end);
  if (options.owned) process.stdin.on("close", end).on("error", end).resume();

  await notePid(folder, "supervisor", process.pid);
  let access: ApiAccess | undefined;
  const programs = new LocalPrograms(folder, options, ending.signal);
  try {
    await serveEgress(join(folder, egressSocket), (clusterIp, port) => programs.findPort(clusterIp, port));
    // A cluster in the making is never left half-way: kwokctl would go on starting processes that nobody knows of.
    access = await createCluster(folder, options, ending.signal);
    const api = new ApiClient(access);
    await furnishCluster(api, ending.signal);
    await writeKubeconfig(kubeconfigFile(folder), access);
    programs.start(api, access);
    const startedIn = Date.now() - begin;
    await writeRecord(folder, { phase: "ready", supervisor: process.pid, server: access.server, startedIn });
    console.log(`ready after ${startedIn} ms`);
    await ended.promise;
  } catch (error) {
    if (!ending.signal.aborted) {
      console.error(await kwokLogs(folder));
      await removeKwokCluster(folder);
      await writeRecord(folder, { phase: "failed", supervisor: process.pid, error: String(error) });
      // The starter reads the record and the log, and clears the folder. Should it be gone by then, its end of the
      // pipe is too.
      if (!options.owned) throw error;
      await ended.promise.catch(() => undefined);
    }
  }
  await programs.stop();
  await clear(folder);
}

/** Tries again where another process has taken a port meanwhile. */
async function createCluster(folder: string, options: SupervisorOptions, signal: AbortSignal): Promise<ApiAccess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await createKwokCluster(folder, options);
    } catch (error) {
      if (attempt === 3 || signal.aborted) throw error;
      console.error(`start ${attempt} failed: ${String(error)}\n${await kwokLogs(folder)}`);
      await removeKwokCluster(folder);
    }
  }
}

const [folder, options] = process.argv.slice(2);
if (folder === undefined || options === undefined) throw new Error("usage: supervisor.ts <folder>/ <options>");
await supervise(folder.replace(/\/$/, ""), JSON.parse(options) as SupervisorOptions);
process.exit();
