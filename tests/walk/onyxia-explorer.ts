/** The part of Onyxia's own page that shows the places of the object store. A place is a bucket and a prefix, as `user-ada/notes/`. */
import type { Locator, Page } from "playwright-core";

/** What the page says where the store refuses a list, and the store's word for it. */
const refusals: Readonly<Record<string, string>> = {
  "Access denied": "AccessDenied",
  "Bucket not found": "NoSuchBucket",
};

export class OnyxiaExplorer {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /**
   * Opens a place in the page's own bar, from its list of places. Not by its address in the browser: a page that is
   * loaded there may miss the store's answer, and waits for it without an end. See testbed/docs/images.md.
   */
  async go(place: string): Promise<void> {
    const bar = this.#page.getByRole("textbox", { name: "S3 URI" });
    const inPlace = this.#page.getByRole("button", { name: "Edit from S3 root" });
    const atPlaces = this.#page.getByText("Explore..", { exact: true });
    const shown = bar.or(inPlace).or(atPlaces).first();
    if (!(await shown.isVisible())) await this.#page.getByRole("link", { name: "Data Storage" }).click();
    await shown.waitFor();
    if (await bar.isVisible()) await this.#page.keyboard.press("Escape");
    await inPlace.or(atPlaces).first().click();
    // By then, what was listed before has gone.
    await this.#page.getByRole("heading", { name: "Storage locations" }).waitFor();
    await bar.fill(`s3://${place}`);
  }

  /** Opens a place and waits for what is in it. @returns the store's word if it refuses */
  async list(place: string): Promise<string> {
    await this.go(place);
    const rows = this.#page.getByRole("checkbox", { name: "Select all items" });
    const empty = this.#page.getByText(/^(This prefix is empty|No objects found)$/);
    const refused = this.#page.getByText(new RegExp(`^(${Object.keys(refusals).join("|")})$`));
    await rows.or(empty).or(refused).first().waitFor();
    // What the bar proposes would lie above it.
    await this.#page.keyboard.press("Escape");
    return (await refused.count()) === 0 ? "" : (refusals[await refused.first().innerText()] ?? "");
  }

  /** Opens the folder of an object. @returns the object's name in it */
  async listAround(bucket: string, key: string): Promise<string> {
    const name = key.split("/").at(-1) ?? key;
    await this.list(`${bucket}/${key.slice(0, -name.length)}`);
    return name;
  }

  /** Keys below the open place. */
  async keys(place: string): Promise<string[]> {
    const rows = await this.#page
      .getByRole("row")
      .filter({ has: this.#box(/^Select (?!all items$)/) })
      .all();
    const items = await Promise.all(
      rows.map(async (row) => ({
        name: ((await row.getByRole("checkbox").getAttribute("aria-label")) ?? "").replace(/^Select /, ""),
        folder: (await row.getByRole("img", { name: /^Folder/ }).count()) > 0,
      })),
    );
    const keys: string[] = [];
    for (const { name, folder } of items) {
      if (folder) await this.list(`${place}${name}/`);
      keys.push(...(folder ? (await this.keys(`${place}${name}/`)).map((key) => `${name}/${key}`) : [name]));
    }
    return keys;
  }

  /** Line of an object in the open place. */
  row(name: string): Locator {
    return this.#page.getByRole("row").filter({ has: this.#box(`Select ${name}`) });
  }

  #box(name: string | RegExp): Locator {
    return this.#page.getByRole("checkbox", { name, exact: true });
  }
}
