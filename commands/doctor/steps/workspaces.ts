import { type AccessModel } from "../../../components/access/access-model.ts";
import { obeys } from "../../../components/access/names.ts";
import { namespaces } from "../../../components/names.ts";
import { apiName } from "../../../components/portal/permissions.ts";
import { type Context, failed, type Finding, passed, type Step, warning } from "../step.ts";
import { openingPolicies } from "./foreign-policies.ts";
import { configMapDeviation } from "./launcher.ts";
import { clusterFacts, expectedIn, lacks, objectsIn, workspacesIn } from "./workspace-objects.ts";

/** Whether every workspace in which something runs has its walls, as the stack file wants them today. */
export const workspacesStep: Step = {
  id: "workspaces",
  title: "walls of the workspaces",
  hop: "workspaces",
  needs: ["cluster"],
  run: async (context) => {
    const { access, walls } = context.expected;
    const template = await configMapDeviation(context, walls.templates);
    if (template !== undefined) return failed(template);
    const workspaces = await workspacesIn(context);
    if (workspaces.length === 0) return passed("none yet");
    const [facts, found] = [await clusterFacts(context), await objectsIn(context)];
    const unwalled: string[] = [];
    const doubts: Finding[] = [];
    let empty = 0;
    for (const workspace of workspaces) {
      if (!isName(access, workspace)) {
        doubts.push(wrongName(access, workspace));
        continue;
      }
      const wanted = expectedIn(workspace, context, facts);
      const missing = lacks(wanted, found, workspace);
      // Nothing starts there before the launcher has put them in place.
      if (missing.length > 0 && !(await holdsPods(context, workspace))) empty += 1;
      else if (missing.length > 0) unwalled.push(`${workspace} (${missing.slice(0, 2).join("; ")})`);
      const own = new Set(wanted.flatMap(({ kind, name }) => (kind === "NetworkPolicy" ? [name] : [])));
      const more = walls.networkIsolation ? openingPolicies(found, workspace, { ...walls, own }) : [];
      doubts.push(...more.map((name) => opens(workspace, name)));
    }
    const [first] = unwalled;
    if (first !== undefined) return failed(withoutWalls(first, unwalled.length - 1));
    const [doubt, ...others] = doubts;
    if (doubt !== undefined) {
      const problem = `${doubt.problem}${others.length === 0 ? "" : `; and ${others.length} more: ${others.map((other) => other.problem).join("; ")}`}`;
      return warning({ ...doubt, problem });
    }
    const waiting = empty === 0 ? "" : `, ${empty} of them empty and without walls until their next launch`;
    return passed(`${workspaces.length}${waiting}`);
  },
};

function isName({ namespacePrefix, groupNamespacePrefix, username, group }: AccessModel, workspace: string): boolean {
  const rest = (prefix: string) => (workspace.startsWith(prefix) ? workspace.slice(prefix.length) : "");
  return obeys(username, rest(namespacePrefix)) || obeys(group, rest(groupNamespacePrefix));
}

function wrongName({ hyphenatedNames }: AccessModel, workspace: string): Finding {
  const canAllow = !hyphenatedNames && /^[a-z0-9]+(-[a-z0-9]+)+$/.test(workspace);
  return {
    problem: `${workspace} has a name that the rule for names forbids: the portal refuses its launches`,
    cause: canAllow
      ? "it is from a time when names could hold hyphens"
      : "it was made by hand, or for a user or group of another rule",
    cure: canAllow
      ? "Run `pulumi config set --path 'datalab:identity.hyphenatedNames' true` and `pulumi up`, or give that user or group another name"
      : "Give that user or group another name, and delete the namespace when its data is saved",
  };
}

async function holdsPods({ kubectl }: Context, namespace: string): Promise<boolean> {
  const alive = encodeURIComponent("status.phase!=Succeeded,status.phase!=Failed");
  const path = `/api/v1/namespaces/${namespace}/pods?limit=1&fieldSelector=${alive}`;
  return (await kubectl.get<{ items: readonly unknown[] }>(path)).items.length > 0;
}

function withoutWalls(first: string, others: number): Finding {
  const workspace = first.replace(/ .*/s, "");
  return {
    problem: `Services run without the platform's walls in ${first}${others === 0 ? "" : ` and ${others} more workspaces`}`,
    cause: "its owner has not opened the portal since the upgrade or the last change of the settings",
    cure: `Let its owner open "My services" once, or run \`kubectl --namespace ${namespaces.portal} exec deployment/${apiName} -- sh -c 'rm -f /tmp/workspaces/${workspace}; helm ls --namespace ${workspace}'\`, which puts them in place too`,
  };
}

function opens(workspace: string, name: string): Finding {
  return {
    problem: `The NetworkPolicy ${name} in ${workspace} opens more than the platform's walls`,
    cause: "it is a chart's, from a time before the rule that forbids it",
    cure: `Run \`kubectl --namespace ${workspace} delete networkpolicy ${name}\`, or let its owner pause and resume the service`,
  };
}
