import type { AccessModel } from "../../components/access/access-model.ts";
import { nameRules, obeys } from "../../components/access/names.ts";
import { workspaceLabel, workspaceMark } from "../../components/workspaces/names.ts";
import { setCommand } from "../../stacks/problems.ts";
import { passed, type Step, warning } from "../step.ts";

/**
 * Workspaces whose owners' names the rule refuses. Keycloak goes on letting such people in. Accounts that have never
 * opened the portal are not seen: the doctor has no login to the realm's administration.
 */
export const workspaceNamesStep: Step = {
  id: "workspace-names",
  title: "workspaces' names keep to the rule",
  hop: "Keycloak → portal",
  needs: ["cluster"],
  run: async ({ expected: { access }, kubectl }) => {
    const selector = encodeURIComponent(`${workspaceLabel}=${workspaceMark}`);
    const path = `/api/v1/namespaces?labelSelector=${selector}`;
    const { items } = await kubectl.get<{ items: { metadata: { name: string } }[] }>(path);
    const names = items.map(({ metadata }) => metadata.name).toSorted();
    const refused = names.filter((name) => !keeps(access, name));
    if (refused.length === 0) return passed(`${names.length} workspaces`);
    const helps = !access.hyphenatedNames && refused.every((name) => keeps({ ...access, ...nameRules(true) }, name));
    return warning({
      problem: `${refused.length} workspaces have names that the rule refuses: ${some(refused)}`,
      cause: "they are older than the rule; names of their services can be a neighbour's",
      cure: helps
        ? `Run \`${setCommand(["identity", "hyphenatedNames"], "true")}\` and \`pulumi up\`, or give the owners accounts under other names`
        : "Give the owners accounts under other names, and move what they need",
    });
  },
};

type Names = Pick<AccessModel, "namespacePrefix" | "groupNamespacePrefix" | "username" | "group">;

function keeps({ namespacePrefix, groupNamespacePrefix, username, group }: Names, namespace: string): boolean {
  if (namespace.startsWith(namespacePrefix)) return obeys(username, namespace.slice(namespacePrefix.length));
  return namespace.startsWith(groupNamespacePrefix) && obeys(group, namespace.slice(groupNamespacePrefix.length));
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
