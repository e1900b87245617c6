/** The part of Onyxia's own page that has the catalogue and the running services. */
import type { Page } from "playwright-core";

import type { Visit } from "./portal-page.ts";

/** Milliseconds until a launched service runs. */
const patience = 5 * 60_000;

export class OnyxiaServices {
  readonly #visit: Visit;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  /** Launches the first chart of a name with what its form proposes. @returns the service's page, in a tab of its own */
  async launch(chart: string): Promise<Page> {
    const { page, told } = this.#visit;
    return told(`launching ${chart}`, async () => {
      await page.getByRole("link", { name: "Service catalog" }).click();
      await page.getByRole("heading", { name: chart, exact: true }).first().waitFor();
      await page.getByRole("button", { name: "Launch", exact: true }).first().click();
      await page.getByLabel("Friendly name").waitFor();
      await page.getByRole("button", { name: "Launch", exact: true }).click();
      // The list of running services opens with a dialog, which offers the page once the service runs.
      const way = page.getByRole("dialog").getByText("Open the service");
      await way.waitFor({ timeout: patience });
      const [opened] = await Promise.all([page.context().waitForEvent("page"), way.click()]);
      return opened;
    });
  }

  /** Deletes all services of the person. */
  async remove(): Promise<void> {
    const { page, told } = this.#visit;
    await told("deleting all services", async () => {
      await page.goto(new URL("my-services", this.#visit.url).href);
      await page.getByRole("button", { name: "Delete all" }).click();
      await page.getByRole("button", { name: "Yes, delete" }).click();
      await page.getByText("You don't have any service running").waitFor();
    });
  }
}
