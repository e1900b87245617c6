/** Rules between settings of different components. Each runs as soon as the keys that it reads are valid. */
import { setCommand, type Path, type Problem } from "./problems.ts";
import type { Settings, SettingsKey } from "./settings.ts";

interface Rule<Keys extends SettingsKey = SettingsKey> {
  readonly reads: readonly Keys[];
  readonly check: (settings: Pick<Settings, Keys>, secretKeys: readonly string[]) => readonly Problem[];
}

// Keeps the type of `reads` while the rules stand in one list.
function rule<Keys extends SettingsKey>(reads: readonly Keys[], check: Rule<Keys>["check"]): Rule {
  return { reads, check: check as Rule["check"] };
}

const problem = (path: Path, message: string, cure: string): Problem => ({ path, message, cure });

const rules: readonly Rule[] = [
  rule(["cluster"], ({ cluster }) => {
    const given = [cluster.kubeconfig, cluster.kubeconfigPath].filter((value) => value !== undefined).length;
    const path = ["cluster", "kubeconfigPath"];
    if (given === 1) return [];
    return given === 0
      ? [
          problem(
            path,
            "is missing, and so is `kubeconfig`: one of them says where the cluster is",
            setCommand(path, "<path>"),
          ),
        ]
      : [
          problem(
            path,
            "stands beside `kubeconfig`: give one of them",
            `pulumi config rm --path 'datalab:cluster.kubeconfigPath'`,
          ),
        ];
  }),
  rule(["cluster"], ({ cluster }, secretKeys) => {
    const path = ["cluster", "kubeconfig"];
    return cluster.kubeconfig === undefined || secretKeys.includes("cluster")
      ? []
      : [problem(path, "stands in clear and may hold credentials", setCommand(path, "<content>", true))];
  }),
];

/** Problems of all rules whose keys are there. */
export function ruleProblems(settings: Partial<Settings>, secretKeys: readonly string[]): Problem[] {
  return rules
    .filter(({ reads }) => reads.every((key) => settings[key] !== undefined))
    .flatMap(({ check }) => check(settings as Settings, secretKeys));
}
