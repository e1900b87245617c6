/** GitHub's comments and issues. @see https://docs.github.com/en/rest/issues */
import type { Issues, Items } from "./forge.ts";
import { allOf, type Rest } from "./rest.ts";

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly user?: { readonly type?: string } | null;
}

interface Issue extends Comment {
  readonly number: number;
  readonly pull_request?: object;
}

/** @param repository @example "example/datalab" */
export function githubComments(rest: Rest, repository: string, pullRequest: string): Items {
  const comments = `/repos/${repository}/issues/${pullRequest}/comments`;
  return {
    // A person who writes the mark does not get the digest into a comment of their own.
    list: async () =>
      ((await allOf(rest, comments)) as Comment[])
        .filter(({ user }) => user?.type === "Bot")
        .map(({ id, body = "" }) => ({ id: String(id), text: body })),
    create: (text) => rest.send("POST", comments, { body: text }),
    change: (id, text) => rest.send("PATCH", `/repos/${repository}/issues/comments/${id}`, { body: text }),
  };
}

/** @param title of a new one */
export function githubIssues(rest: Rest, repository: string, title: string): Issues {
  const issues = `/repos/${repository}/issues`;
  return {
    list: async () =>
      ((await allOf(rest, `${issues}?state=open`)) as Issue[])
        .filter((issue) => issue.pull_request === undefined && issue.user?.type === "Bot")
        .map((issue) => ({ id: String(issue.number), text: issue.body ?? "" })),
    create: (text) => rest.send("POST", issues, { title, body: text }),
    change: (id, text) => rest.send("PATCH", `${issues}/${id}`, { body: text }),
    close: (id) => rest.send("PATCH", `${issues}/${id}`, { state: "closed" }),
  };
}
