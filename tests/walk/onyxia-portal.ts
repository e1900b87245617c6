/** Onyxia's own page: found by the roles and texts that people find it by, in English. */
import { readFile } from "node:fs/promises";

import { OnyxiaExplorer } from "./onyxia-explorer.ts";
import { OnyxiaServices } from "./onyxia-services.ts";
import type { OpenBucket, PortalPage, Visit } from "./portal-page.ts";

/** Milliseconds that a page may take until it has its tokens. */
const patience = 60_000;

/** The clients that the page logs in to. */
const clients = ["onyxia", "onyxia-minio"];

export class OnyxiaPortal implements PortalPage {
  readonly kind = "onyxia";
  readonly services: OnyxiaServices;
  readonly #explorer: OnyxiaExplorer;
  readonly #visit: Visit;

  constructor(visit: Visit) {
    this.#visit = visit;
    this.#explorer = new OnyxiaExplorer(visit.page);
    this.services = new OnyxiaServices(visit);
  }

  async owner() {
    const { page, told } = this.#visit;
    return told("reading whose portal it is", async () => {
      await page.getByRole("link", { name: "My account" }).click();
      const field = page.getByText("User ID", { exact: true }).locator("xpath=../following-sibling::*[1]");
      // The page hides what it has until all of it is there.
      await field.waitFor();
      const username = await field.innerText();
      await page.getByRole("link", { name: "Data Storage" }).click();
      const place = page.getByRole("link").filter({ hasText: "My files" }).first();
      const address = (await place.getAttribute("href")) ?? "";
      return { username: username.trim(), bucket: /^\/s3\/([^/]+)\//.exec(address)?.[1] ?? "" };
    });
  }

  async createBucket(bucket: string): Promise<void> {
    const { page, told } = this.#visit;
    await told(`creating ${bucket}`, async () => {
      await this.#explorer.go(`${bucket}/`);
      await page.getByText(`The ${bucket} bucket does not exist`).waitFor();
      await page.getByRole("button", { name: "Yes", exact: true }).click();
      await page.getByText(`Bucket ${bucket} successfully created.`).waitFor();
      await page.getByRole("button", { name: "Ok", exact: true }).click();
    });
  }

  async open(bucket: string): Promise<OpenBucket> {
    return this.#visit.told(`opening ${bucket}`, async () => {
      const refusal = await this.#explorer.list(`${bucket}/`);
      return { keys: refusal === "" ? (await this.#explorer.keys(`${bucket}/`)).toSorted() : [], refusal };
    });
  }

  async upload(bucket: string, key: string, content: string): Promise<void> {
    const { page, told } = this.#visit;
    await told(`uploading ${key}`, async () => {
      const name = await this.#explorer.listAround(bucket, key);
      const row = this.#explorer.row(name);
      const again = (await row.count()) > 0;
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Upload", exact: true }).click();
      const sent = page.waitForResponse((response) => response.request().method() === "PUT");
      await (await chooser).setFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
      if (again) await page.getByRole("button", { name: "Yes, overwrite" }).click();
      const status = (await sent).status();
      if (status !== 200) throw new Error(`the store answers ${status}`);
      await row.waitFor();
    });
  }

  async download(bucket: string, key: string): Promise<string> {
    const { page, told } = this.#visit;
    return told(`downloading ${key}`, async () => {
      const row = this.#explorer.row(await this.#explorer.listAround(bucket, key));
      await row.hover();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        row.getByRole("button", { name: "Download" }).click(),
      ]);
      return readFile(await download.path(), "utf8");
    });
  }

  async remove(bucket: string, key: string): Promise<void> {
    const { page, told } = this.#visit;
    await told(`deleting ${key}`, async () => {
      const row = this.#explorer.row(await this.#explorer.listAround(bucket, key));
      await row.hover();
      await row.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
      await row.waitFor({ state: "detached" });
    });
  }

  /** By loading the page anew: it keeps no tokens between loads. */
  async renewTokens(): Promise<boolean> {
    const { page, url, tokenTime } = this.#visit;
    const before = Date.now();
    try {
      await page.goto(new URL("s3", url).href);
      await this.ready();
    } catch {
      return false;
    }
    return clients.every((clientId) => tokenTime(clientId) >= before);
  }

  /** Waits until the page has both tokens. */
  async ready(): Promise<void> {
    const { page, noted, tokenTime } = this.#visit;
    const end = Date.now() + patience;
    await page.getByRole("link", { name: "Data Storage" }).waitFor({ timeout: patience });
    while (!clients.every((clientId) => tokenTime(clientId) > 0)) {
      if (Date.now() > end) throw new Error("the page has no token for the store");
      await page.waitForTimeout(100);
      await noted();
    }
  }

  async logOut(): Promise<void> {
    const { page, told } = this.#visit;
    await told("logging out", async () => {
      await Promise.all([
        page.waitForEvent("domcontentloaded"),
        page.getByRole("button", { name: "Logout", exact: true }).click(),
      ]);
    });
  }
}
