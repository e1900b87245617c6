import { apiPath } from "../../../components/portal/environment.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, fact, failed, passed, type Step } from "../step.ts";
import { launcherLines, launcherLogs, meaningOf } from "./launcher-log.ts";
import { excerpt, jsonIn } from "./unavailable.ts";

/**
 * Whether the portal can list the user's services: it does that with helm, through the launcher, which puts the walls
 * of the workspace in place before. So it is what opening "My services" does, and changes what that changes.
 */
export const servicesStep: Step = {
  id: "portal-services",
  title: "portal lists the user's services",
  hop: "portal's launcher",
  needs: ["cluster", "portal-login"],
  unless: ({ options }) => (options.write ? undefined : "--write was not given"),
  run: async (context) => {
    const { expected, web, now } = context;
    const workspace = workspaceOf(context);
    if (!(await isThere(context, workspace)))
      return passed(`${workspace} is made when its owner first opens the portal`);
    const address = `${expected.addresses.portal}${apiPath}/my-lab/services`;
    const begin = now().getTime();
    const answer = await web.request(address, {
      headers: { authorization: `Bearer ${fact(context, "portalToken")}`, "onyxia-region": expected.region.id },
    });
    const { apps } = (jsonIn(answer) ?? {}) as { apps?: readonly unknown[] };
    if (answer.status !== 200 || apps === undefined) {
      return failed({
        problem: `${address} answers ${answer.status}: ${excerpt(answer.text)}`,
        cause: "the portal's account lacks a right in the workspace, because the launcher could not give it",
        cure: launcherLogs,
      });
    }
    // A list that failed is an empty one.
    const age = Math.ceil((now().getTime() - begin) / 1000) + moment;
    const lines = await launcherLines(context, age);
    const line = typeof lines === "string" ? undefined : lines.findLast((text) => concerns(context, text, workspace));
    if (line !== undefined) {
      return failed({ problem: `The launcher fails in ${workspace}: ${line.slice(0, 300)}`, ...meaningOf(line) });
    }
    return passed(`${apps.length} in ${workspace}`, { workspace });
  },
};

/** Clocks count whole seconds, and the log of a container comes a moment later. In seconds. */
const moment = 2;

/** The user's namespace. */
export function workspaceOf({ expected, options }: Context): string {
  return `${expected.access.namespacePrefix}${options.user ?? ""}`;
}

async function isThere({ kubectl }: Context, namespace: string): Promise<boolean> {
  try {
    await kubectl.get(`/api/v1/namespaces/${namespace}`);
    return true;
  } catch (error) {
    if (error instanceof KubectlError && error.kind === "not found") return false;
    throw error;
  }
}

/** Lines of other workspaces are not this user's. */
function concerns({ expected: { access } }: Context, line: string, workspace: string): boolean {
  const words = line.split(/[^a-z0-9-]/);
  const isWorkspace = (word: string) =>
    word.startsWith(access.namespacePrefix) || word.startsWith(access.groupNamespacePrefix);
  return words.includes(workspace) || !words.some(isWorkspace);
}
