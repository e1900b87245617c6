/** Which forge a pipeline runs on, from the variables that it sets. */
import { UsageError } from "../usage-error.ts";
import type { Issues, Items } from "./forge.ts";
import { githubComments, githubIssues } from "./github.ts";
import { gitlabComments, gitlabIssues } from "./gitlab.ts";
import { restAt } from "./rest.ts";

export interface PipelinePlace {
  /** Comments of the change that is proposed; a pull request or a merge request must be at hand. */
  comments(): Items;
  /** @param title of a new issue */
  issues(title: string): Issues;
}

/**
 * Reads `GITHUB_API_URL`, `GITHUB_REPOSITORY`, `GITHUB_TOKEN` and `PULL_REQUEST`; or `CI_API_V4_URL`, `CI_PROJECT_ID`,
 * `GITLAB_TOKEN` and `CI_MERGE_REQUEST_IID`.
 *
 * @throws UsageError with the variable that is missing
 */
export function pipelinePlace(environment: NodeJS.ProcessEnv): PipelinePlace {
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") throw new UsageError(`${name} is not set`);
    return value;
  };
  if (environment["CI_API_V4_URL"] !== undefined) {
    const rest = restAt(need("CI_API_V4_URL"), { "private-token": need("GITLAB_TOKEN") });
    const project = need("CI_PROJECT_ID");
    return {
      comments: () => gitlabComments(rest, project, numbered(need("CI_MERGE_REQUEST_IID"))),
      issues: (title) => gitlabIssues(rest, project, title),
    };
  }
  const rest = restAt(need("GITHUB_API_URL"), { authorization: `Bearer ${need("GITHUB_TOKEN")}` });
  const repository = need("GITHUB_REPOSITORY");
  return {
    comments: () => githubComments(rest, repository, numbered(need("PULL_REQUEST"))),
    issues: (title) => githubIssues(rest, repository, title),
  };
}

/** It becomes part of an address. */
function numbered(text: string): string {
  if (!/^\d+$/.test(text)) throw new UsageError(`${text} is no number of a pull request or merge request`);
  return text;
}
