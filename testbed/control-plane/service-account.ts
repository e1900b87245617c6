import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApiAccess, ApiClient } from "./api-client.ts";

/** Long enough that a renewal which fails once does no harm. */
const lifetimeSeconds = 3600;

/**
 * A kubeconfig by which a local program is what its pod would be: the ServiceAccount, with that account's rights and
 * no others. Its token lies in a file of its own, which clients read again every minute, and is renewed until the
 * signal is given.
 */
export async function serviceAccountKubeconfig(
  api: Pick<ApiClient, "create">,
  access: ApiAccess,
  folder: string,
  account: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<string> {
  const file = join(folder, `${account.namespace}.${account.name}`);
  const renew = async () => {
    const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
    const answer = await api.create(path, { spec: { expirationSeconds: lifetimeSeconds } });
    await writeFile(`${file}.token`, (answer as { status: { token: string } }).status.token, { mode: 0o600 });
  };
  await renew();
  signal.throwIfAborted();
  const timer = setInterval(
    () => {
      renew().catch((error: unknown) => {
        console.error(`token of ${account.name}: ${String(error)}`);
      });
    },
    (lifetimeSeconds / 3) * 1000,
  );
  signal.addEventListener("abort", () => {
    clearInterval(timer);
  });
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "local",
    contexts: [{ name: "local", context: { cluster: "local", user: "pod", namespace: account.namespace } }],
    clusters: [{ name: "local", cluster: { server: access.server, "certificate-authority": access.caFile } }],
    users: [{ name: "pod", user: { tokenFile: `${file}.token` } }],
  };
  await writeFile(`${file}.kubeconfig`, JSON.stringify(kubeconfig), { mode: 0o600 });
  return `${file}.kubeconfig`;
}
