/** The command line of `npm run pipeline`. */
import { readCommandLine } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

export type Arguments =
  | { readonly task: "comment"; readonly stack: string; readonly file: string }
  | { readonly task: "drift"; readonly stack: string }
  | { readonly task: "role"; readonly stack: string; readonly repository: string; readonly environment: string };

/** How the command ends. */
export const exitCodes = { fine: 0, failed: 1, notUnderstood: 2, drifted: 3 } as const;

export const usage = `npm run pipeline -- comment -s <stack> --file <digest.md>     puts a digest under a pull request or merge request
npm run pipeline -- drift -s <stack>                          looks for drift, and keeps one issue about it
npm run pipeline -- role -s <stack> --repository <owner/name> --environment <name>
                                                              prints the AWS role of a deployment from GitHub, as JSON

The first two are for pipelines: where they write, and as whom, is read from the variables of GitHub Actions (GITHUB_API_URL,
GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST) or GitLab (CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, GITLAB_TOKEN).

Exit code: 0 done, 1 the preview failed or the forge refused, 2 this was not understood, 3 done, and there is drift.`;

/**
 * Reads the command line.
 *
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { text, has, positionals, problems } = readCommandLine(args, known, { positionals: true });
  if (has("help")) return undefined;
  const [task, ...others] = positionals;
  const [stack, file, repository, environment] = (["stack", "file", "repository", "environment"] as const).map(text);
  if (stack === undefined) problems.push("which stack? --stack is missing");
  if (others.length > 0 || !isTask(task)) problems.push(`one of ${tasks.join(", ")}?`);
  if (task === "comment" && file === undefined) problems.push("which file? --file is missing");
  if (task === "role") {
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? "")) problems.push("--repository is <owner>/<name>");
    if (!/^[\w.-]+$/.test(environment ?? "")) problems.push("--environment is the name of one");
  }
  if (stack === undefined || !isTask(task) || problems.length > 0) throw new UsageError(problems);
  switch (task) {
    case "comment":
      return { task, stack, file: file ?? "" };
    case "drift":
      return { task, stack };
    case "role":
      return { task, stack, repository: repository ?? "", environment: environment ?? "" };
  }
}

const tasks = ["comment", "drift", "role"] as const;

function isTask(word: string | undefined): word is (typeof tasks)[number] {
  return tasks.some((task) => task === word);
}

const known = {
  stack: { type: "string", short: "s" },
  file: { type: "string" },
  repository: { type: "string" },
  environment: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
