import { namespaces } from "../../../components/names.ts";
import { apiName } from "../../../components/portal/permissions.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, passed, type Step, warning } from "../step.ts";
import type { Pod } from "../../../checks/kubectl/pods.ts";

const hour = 3600;
/** What every line of the launcher begins with. */
const prefix = "launcher:";

export const launcherLogs = `Look at \`kubectl --namespace ${namespaces.portal} logs deployment/${apiName} --since=1h | grep ${prefix}\``;

/** Failed launches, which Onyxia tells nobody of: people see "500", or an empty list. */
export const launcherLogStep: Step = {
  id: "launcher-log",
  title: "launches of the last hour",
  hop: "portal's launcher",
  needs: ["cluster"],
  run: async (context) => {
    const lines = await launcherLines(context, hour);
    if (typeof lines === "string") {
      return warning({
        problem: `It cannot be told whether launches failed: ${lines}`,
        cause: "logs may not be read with this kubeconfig, or no pod of the portal's API has begun",
        cure: "Ask for the right to read logs in the portal's namespace",
      });
    }
    const last = lines.at(-1);
    if (last === undefined) return passed("none failed");
    return warning({
      problem: `${lines.length === 1 ? "Something" : `${lines.length} things`} failed in the launcher, last: ${last.slice(0, 300)}`,
      ...meaningOf(last),
    });
  },
};

/** Its lines in the logs of all pods of the API, oldest first; or why they cannot be read. @param age in seconds */
export async function launcherLines({ kubectl }: Context, age: number): Promise<readonly string[] | string> {
  const pods = `/api/v1/namespaces/${namespaces.portal}/pods`;
  const selector = encodeURIComponent(`app.kubernetes.io/name=${apiName}`);
  const { items } = await kubectl.get<{ items: readonly Pod[] }>(`${pods}?labelSelector=${selector}`);
  const lines: string[] = [];
  let unread = items.length === 0 ? "there is no pod" : undefined;
  let read = false;
  for (const { metadata } of items) {
    try {
      const query = `container=api&sinceSeconds=${age}&timestamps=true`;
      const text = await kubectl.text(`${pods}/${metadata.name}/log?${query}`);
      lines.push(...text.split("\n").filter((line) => line.includes(` ${prefix}`)));
      read = true;
    } catch (error) {
      // A container that has not begun has no log.
      if (!(error instanceof KubectlError)) throw error;
      unread = error.message;
    }
  }
  if (!read) return unread ?? "";
  // What begins with the time is in order.
  return lines.toSorted().map((line) => line.slice(line.indexOf(prefix)));
}

/** Why the launcher says such a line, and what to do. */
export function meaningOf(line: string): { readonly cause: string; readonly cure: string } {
  if (/launcher: (PATCH|GET) /.test(line)) {
    return {
      cause: "the API server was not reached, or refuses what the launcher puts into a workspace",
      cure: `Run \`pulumi up --refresh\`; if it stays, ${launcherLogs.replace("Look", "look")}`,
    };
  }
  if (/launcher: (not |without |two |no )/.test(line)) {
    return {
      cause:
        "Onyxia calls helm in a way that the launcher does not know: another version of it, or somebody in its pod",
      cure: launcherLogs,
    };
  }
  return {
    cause: "the launch asked for what workspaces may not hold, or rights of the launcher are missing there",
    cure: launcherLogs,
  };
}
