import { byEnvironmentProxy } from "../../components/charts/environment-proxy.ts";

/** The hosts that serve the downloads; all of them are needed. */
export const downloadHosts = ["get.pulumi.com", "dl.k8s.io", "github.com"] as const;

const patience = 5_000;

/** Whether all download hosts answer, found out within five seconds. */
export async function canDownload(signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const answers = downloadHosts.map(async (host) => {
    const { status } = await byEnvironmentProxy(() =>
      fetch(`https://${host}/`, { method: "HEAD", redirect: "manual", signal: limit }),
    );
    // A proxy that forbids the way out answers too.
    if (status === 403 || status === 407 || status >= 500) throw new Error(`${host} answers ${status}`);
  });
  try {
    await Promise.all(answers);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
