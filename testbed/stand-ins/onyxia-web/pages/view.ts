/** What people and tests see: every element has an id, every outcome is in attributes. */
import { create, element, page } from "./dom.ts";
import { Failure } from "./failure.ts";
import type { StoredObject } from "./object-store.ts";

/** `loading` becomes one of the others, or the page is left for a login. */
export type State = "loading" | "anonymous" | "ready" | "failed";

export function showState(state: State): void {
  page.body.dataset["state"] = state;
}

/** How a step went. `hop` is the step inside it that failed. */
interface Outcome {
  readonly step: string;
  readonly outcome: "running" | "ok" | "refused" | "failed";
  readonly hop: string;
  readonly status: string;
  readonly code: string;
}

/** Does a step, and tells how it went. Returns its failure, if it is one that a page has to live with. */
export async function attempt(
  step: string,
  what: string,
  action: () => Promise<string | undefined>,
): Promise<Failure | undefined> {
  const well = { step, hop: "", status: "", code: "" };
  tell({ ...well, outcome: "running" }, `${what} …`);
  try {
    tell({ ...well, outcome: "ok" }, (await action()) ?? what);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) {
      tell({ ...well, outcome: "failed" }, `${what}: ${String(error)}`);
      throw error;
    }
    const { step: hop, status, code } = error;
    const outcome = status >= 400 && status < 500 ? "refused" : "failed";
    tell({ step, outcome, hop, status: String(status), code }, `${what}: ${sentence(error)}`);
    return error;
  }
}

function sentence({ step, status, code, message }: Failure): string {
  const place = [step, ...(status === 0 ? [] : [String(status)]), ...(code === "" ? [] : [code])].join(" ");
  return `${place}. ${message}`;
}

/** The message area, and one line in the log. */
function tell(outcome: Outcome, text: string): void {
  const message = element("message");
  Object.assign(message.dataset, outcome);
  message.textContent = text;
  if (outcome.outcome === "running") return;
  const line = create("li", { textContent: text });
  Object.assign(line.dataset, outcome);
  element("steps").append(line);
}

export function showObjects(
  objects: readonly StoredObject[],
  actions: { readonly download: (key: string) => void; readonly remove: (key: string) => void },
): void {
  element("objects").replaceChildren(
    ...objects.map(({ key, size, lastModified }) => {
      const button = (textContent: string, className: string, action: (key: string) => void) => {
        const made = create("button", { type: "button", textContent, className });
        made.addEventListener("click", () => {
          action(key);
        });
        return made;
      };
      const row = create(
        "tr",
        {},
        create("td", { textContent: key, className: "key" }),
        create("td", { textContent: sizeText(size), className: "size" }),
        create("td", { textContent: lastModified.slice(0, 16).replace("T", " ") }),
        create(
          "td",
          { className: "actions" },
          button("Download", "download", actions.download),
          button("Delete", "remove", actions.remove),
        ),
      );
      row.dataset["key"] = key;
      row.dataset["size"] = String(size);
      return row;
    }),
  );
  element("count").textContent = objects.length === 1 ? "1 object" : `${objects.length} objects`;
}

function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = bytes === 0 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ""}`;
}
