/** The launcher's files as the API's pod has them, in a folder of a test. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { launcherConfig, workspaceIndex } from "../../components/portal/launcher.ts";
import type { LauncherPlaces } from "../../components/portal/launcher-options.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { workspaceObjects } from "../../components/workspaces/objects.ts";
import { access } from "./portal.ts";

/** The launcher's places below a folder. Not made: `helm`, and `account` with its files. */
export function launcherPlaces(folder: string, apiServer: string, helm = join(folder, "real-helm")): LauncherPlaces {
  return {
    helm,
    objects: join(folder, "objects"),
    kubeconfig: join(folder, "launcher/kubeconfig"),
    account: join(folder, "account"),
    apiServer,
    plugins: join(folder, "launcher/plugins"),
    marks: join(folder, "marks"),
    log: join(folder, "log"),
  };
}

/** Writes the files, and returns the launcher's path. @param input settings of the portal */
export function installLauncher(folder: string, places: LauncherPlaces, input: unknown = {}): string {
  const settings = portalSettings.parse(input);
  const ingress = { namespace: "datalab-ingress", podHttpsPort: 8443 };
  const { objects, files } = workspaceObjects({ ...settings, ingress, privateCa: false });
  write(places.objects, { ...files, index: workspaceIndex(objects) });

  const { helm = "", kubeconfig = "", ...plugin } = launcherConfig(access, settings.services, places);
  write(join(folder, "launcher"), { kubeconfig });
  // In a mounted ConfigMap a folder is a link.
  write(join(folder, "launcher/..data/plugins/datalab-walls"), plugin);
  const link = join(folder, "launcher/plugins");
  try {
    symlinkSync("..data/plugins", link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  write(join(folder, "sbin"), { helm });
  return join(folder, "sbin/helm");
}

/** Executable, as the volumes' mode makes them. */
function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
}

/** Command lines of Onyxia's API 4.12.0, which it splits at spaces. */
export const commandLines = {
  version: "version --template={{.Version}}",
  addRepository: "repo add ide https://charts.example.test",
  addRepositoryWithCa: "repo add --ca-file /usr/local/share/ca-certificates/ca.crt ide https://charts.example.test",
  updateRepositories: "repo update",
  searchRepositories: "search repo --output json",
  launch: (name: string, chart: string, namespace: string, values: string, options = "") =>
    `upgrade --install --history-max 0 ${options}${name} ${chart} -n ${namespace} --version 1.0.0 -f ${values} --output json`,
  suspend: (name: string, chart: string, namespace: string, suspended: boolean) =>
    `upgrade --install --history-max 0 ${name} ${chart} -n ${namespace} --version 1.0.0 --set global.suspend=${String(suspended)} --reuse-values --output json`,
  list: (namespace: string) => `ls -n ${namespace} --output json`,
  find: (name: string, namespace: string) => `list --filter ${name} -n ${namespace} --output json`,
  getAll: (name: string, namespace: string) => `get all ${name} --namespace ${namespace}`,
  getManifest: (name: string, namespace: string) => `get manifest ${name} --namespace ${namespace}`,
  getValues: (name: string, namespace: string) => `get values ${name} --namespace ${namespace} --output json`,
  getNotes: (name: string, namespace: string) => `get notes ${name} --namespace ${namespace}`,
  uninstall: (name: string, namespace: string) => `uninstall ${name} -n ${namespace}`,
} as const;
