/** What GitHub and GitLab have in common: comments on a proposed change, and issues. */

/** A comment or an open issue. */
export interface Item {
  /** As its address names it. */
  readonly id: string;
  readonly text: string;
}

export interface Items {
  list(): Promise<readonly Item[]>;
  create(text: string): Promise<void>;
  change(id: string, text: string): Promise<void>;
}

export interface Issues extends Items {
  close(id: string): Promise<void>;
}

/** A forge could not be asked, or refused. */
export class ForgeError extends Error {}

/** One that was written before is changed, so that there is never a second one. The mark is its first line. */
export async function writeOnce(items: Items, mark: string, text: string): Promise<"created" | "changed" | "kept"> {
  const present = await markedBy(items, mark);
  if (present === undefined) {
    await items.create(text);
    return "created";
  }
  if (present.text.trim() === text.trim()) return "kept";
  await items.change(present.id, text);
  return "changed";
}

/** The one with the mark, if there is one. */
export async function markedBy(items: Items, mark: string): Promise<Item | undefined> {
  return (await items.list()).find(({ text }) => text.startsWith(mark));
}
