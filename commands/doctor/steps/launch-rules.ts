import { launcherName } from "../../../components/workspaces/names.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, failed, passed, type Step, warning } from "../step.ts";
import { type ForbiddenObject, forbiddenIn, type Trial } from "./forbidden-objects.ts";
import { workspaceOf } from "./services.ts";
import { objectsIn, workspacesIn } from "./workspace-objects.ts";

/**
 * Whether the API server refuses what the rules forbid, to the very accounts that launch: a rule that is there, as it was
 * declared, says nothing of whether it holds. Asked as a dry run, so that nothing is made whatever it answers.
 */
export const launchRulesStep: Step = {
  id: "launch-rules",
  title: "launches are refused what workspaces may not hold",
  hop: "Kubernetes API",
  needs: ["cluster"],
  run: async (context) => {
    const workspace = await walledWorkspace(context);
    if (workspace === undefined) return passed("no workspace yet in which anything was launched");
    const trials = forbiddenIn(workspace, context);
    let answers: readonly Answer[];
    try {
      answers = (await Promise.all(trials.map((trial) => tried(context, trial)))).flat();
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      return warning(cannotTell(workspace, error.message));
    }
    const letIn = answers.filter(({ became }) => became === "accepted").map(({ what }) => what);
    if (letIn.length > 0) {
      return failed({
        problem: `In ${workspace} the API server lets in ${letIn.join("; ")}`,
        cause: "a rule of admission is missing, another one or not in force, or the rules of the program have a hole",
        cure: "Run `pulumi up --refresh`; if it stays, nobody should launch anything before the rule is mended",
      });
    }
    const unclear = answers.flatMap(({ what, became }) => (became === "refused" ? [] : [`${what}: ${became}`]));
    if (unclear.length > 0) return warning(cannotTell(workspace, unclear.join("; ")));
    return passed(`${answers.length} attempts refused in ${workspace}`);
  },
};

interface Answer {
  readonly what: string;
  /** Or what the API server says that means neither. */
  readonly became: "accepted" | "refused" | (string & {});
}

/** Where the launcher has its rights, before all in the user's own: elsewhere it is refused everything. */
async function walledWorkspace(context: Context): Promise<string | undefined> {
  const [all, found] = [await workspacesIn(context), await objectsIn(context)];
  const walled = all.filter((workspace) => found.get(workspace)?.has(`RoleBinding ${launcherName}`));
  return walled.find((workspace) => workspace === workspaceOf(context)) ?? walled[0];
}

async function tried({ kubectl }: Context, { account, objects }: Trial): Promise<Answer[]> {
  const { accepted, refusals } = await kubectl.wouldMake(
    account,
    objects.map(({ object }) => object),
  );
  return objects.map((one) => {
    const { what, object } = one;
    const { name } = object.metadata;
    if (accepted.some((made) => made.endsWith(`/${name}`))) return { what, became: "accepted" };
    if (refusals.some((line) => isDue(line, one))) return { what, became: "refused" };
    const said = refusals.find((line) => line.includes(`"${name}"`)) ?? refusals.at(-1) ?? "no answer";
    return { what, became: said.slice(0, 300) };
  });
}

function isDue(line: string, { policy, withoutRight, object }: ForbiddenObject): boolean {
  if (withoutRight !== undefined && line.includes(withoutRight)) return true;
  return line.includes(`"${object.metadata.name}"`) && line.includes(`ValidatingAdmissionPolicy '${policy ?? ""}'`);
}

function cannotTell(workspace: string, reason: string) {
  return {
    problem: `It cannot be told whether launches in ${workspace} are refused what they may not have: ${reason}`,
    cause: "this kubeconfig may not act for others (`impersonate`), or something else refuses before the rules do",
    cure: "Run it with a kubeconfig of an administrator of the cluster",
  };
}
