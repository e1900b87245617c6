/** The stand-in page: fields and buttons that tell the outcome of each step. See testbed/docs/stand-ins.md. */
import type { OpenBucket, PortalPage, Visit } from "./portal-page.ts";

/** How a step of the page went, as it tells it. */
export interface Outcome {
  readonly step: string;
  readonly outcome: "ok" | "refused" | "failed";
  /** Step inside it that did not go well; empty if all did. */
  readonly hop: string;
  /** HTTP status, "0" if there was no answer, empty if all went well. */
  readonly status: string;
  /** The other side's own word. */
  readonly code: string;
  readonly text: string;
}

export class StandInPortal implements PortalPage {
  readonly kind = "stand-in";
  readonly #visit: Visit;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  /** Fills in fields of the page and presses one of its buttons. */
  async press(button: string, fields: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const { page, told, noted } = this.#visit;
    return told(`pressing ${button}`, async () => {
      for (const [id, value] of Object.entries(fields)) await page.fill(`#${id}`, value);
      const lines = page.locator("#steps li");
      const before = await lines.count();
      await page.click(`#${button}`);
      await lines.nth(before).waitFor({ state: "attached" });
      await noted();
      return outcomeOf(await page.locator("#message").evaluate(readMessage));
    });
  }

  async owner() {
    const username = await this.#visit.page.locator("#user-name").getAttribute("data-username");
    return { username: username ?? "", bucket: await this.read("own-bucket") };
  }

  async createBucket(bucket: string): Promise<void> {
    await this.#succeed("create-bucket", { bucket });
  }

  async open(bucket: string): Promise<OpenBucket> {
    const { outcome, code, text } = await this.press("open-bucket", { bucket });
    if (outcome === "failed") await this.#fail("open-bucket", text);
    if (outcome === "refused") return { keys: [], refusal: code };
    const rows = this.#visit.page.locator("#objects tr");
    const keys = await rows.evaluateAll((all) =>
      all.map((row) => (row as unknown as { dataset: { key: string } }).dataset.key),
    );
    return { keys: keys.toSorted(), refusal: "" };
  }

  async upload(bucket: string, key: string, content: string): Promise<void> {
    await this.#succeed("upload", { bucket, key, content });
  }

  async download(bucket: string, key: string): Promise<string> {
    await this.#succeed("download", { bucket, key });
    return this.read("preview");
  }

  async remove(bucket: string, key: string): Promise<void> {
    await this.#succeed("delete", { bucket, key });
  }

  async renewTokens(): Promise<boolean> {
    return (await this.press("refresh-tokens")).outcome === "ok";
  }

  async logOut(): Promise<void> {
    const { page, told } = this.#visit;
    await told("logging out", async () => {
      await Promise.all([page.waitForEvent("domcontentloaded"), page.click("#logout")]);
    });
  }

  /** Text of an element of the page. */
  async read(id: string): Promise<string> {
    return (await this.#visit.page.textContent(`#${id}`)) ?? "";
  }

  async #succeed(button: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const { outcome, text } = await this.press(button, fields);
    if (outcome !== "ok") await this.#fail(button, text);
  }

  #fail(button: string, text: string): Promise<never> {
    return this.#visit.told(`pressing ${button}`, () => Promise.reject(new Error(text)));
  }
}

/** Runs in the page. */
function readMessage(element: unknown): { dataset: Record<string, string>; text: string } {
  const { dataset, textContent } = element as { dataset: Record<string, string>; textContent: string };
  return { dataset: { ...dataset }, text: textContent };
}

function outcomeOf({ dataset, text }: ReturnType<typeof readMessage>): Outcome {
  const { step = "", outcome = "failed", hop = "", status = "", code = "" } = dataset;
  return { step, outcome: outcome as Outcome["outcome"], hop, status, code, text };
}
