import { readFile } from "node:fs/promises";
import { request } from "node:https";
import type { ControlPlaneRecord } from "./folder.ts";
import { kubeconfigFile } from "./folder.ts";
import { kwokProcesses } from "./kwok-cluster.ts";
import { belongsTo } from "./processes.ts";

/** Whether every process of a control plane still runs and its API server answers. */
export async function isHealthy(folder: string, record: ControlPlaneRecord): Promise<boolean> {
  if (record.phase !== "ready" || record.server === undefined || !belongsTo(folder, record.supervisor)) return false;
  const components = [...(await kwokProcesses(folder)).values()];
  if (components.length === 0 || !components.every((pid) => belongsTo(folder, pid))) return false;
  return answers(record.server, await certificateAuthority(folder));
}

function answers(server: string, ca: string): Promise<boolean> {
  return new Promise((done) => {
    // Anonymous clients may ask for this one; that the certificate is ours shows that the server is.
    const call = request(new URL("/livez", server), { ca, timeout: 15_000 }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    call.once("timeout", () => call.destroy());
    call.once("error", () => {
      done(false);
    });
    call.end();
  });
}

async function certificateAuthority(folder: string): Promise<string> {
  const kubeconfig = JSON.parse(await readFile(kubeconfigFile(folder), "utf8")) as {
    clusters: { cluster: Record<string, string> }[];
  };
  return Buffer.from(kubeconfig.clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64").toString();
}
