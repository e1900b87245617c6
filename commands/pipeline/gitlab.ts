/** GitLab's comments and issues. @see https://docs.gitlab.com/api/notes/ */
import type { Issues, Items } from "./forge.ts";
import { allOf, type Rest } from "./rest.ts";

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author?: { readonly id: number };
}

interface Issue {
  readonly iid: number;
  readonly description: string | null;
  readonly author?: { readonly id: number };
}

/** Who the token belongs to: only what is its own is changed. */
async function ownId(rest: Rest): Promise<number> {
  return ((await rest.get("/user")) as { readonly id: number }).id;
}

export function gitlabComments(rest: Rest, project: string, mergeRequest: string): Items {
  const notes = `/projects/${project}/merge_requests/${mergeRequest}/notes`;
  return {
    list: async () => {
      const own = await ownId(rest);
      const all = (await allOf(rest, notes)) as Note[];
      return all.filter(({ author }) => author?.id === own).map(({ id, body }) => ({ id: String(id), text: body }));
    },
    create: (text) => rest.send("POST", notes, { body: text }),
    change: (id, text) => rest.send("PUT", `${notes}/${id}`, { body: text }),
  };
}

/** @param title of a new one */
export function gitlabIssues(rest: Rest, project: string, title: string): Issues {
  const issues = `/projects/${project}/issues`;
  return {
    list: async () => {
      const own = await ownId(rest);
      const all = (await allOf(rest, `${issues}?state=opened`)) as Issue[];
      return all
        .filter(({ author }) => author?.id === own)
        .map(({ iid, description }) => ({ id: String(iid), text: description ?? "" }));
    },
    create: (text) => rest.send("POST", issues, { title, description: text }),
    change: (id, text) => rest.send("PUT", `${issues}/${id}`, { description: text }),
    close: (id) => rest.send("PUT", `${issues}/${id}`, { state_event: "close" }),
  };
}
