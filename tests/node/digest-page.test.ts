/** The digest's HTML page as people see it: light, dark, on a phone, and by those who cannot see it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

import { html } from "../../commands/digest/print/html.ts";
import { chromiumUnavailable, ensureChromium } from "../../testbed/browser/chromium.ts";
import { type Launcher, prepareLauncher } from "../../testbed/browser/launcher.ts";
import { digested, recordedChanges } from "../support/digest.ts";

const unavailable = chromiumUnavailable();
const describeBrowser = unavailable === undefined ? describe : describe.skip;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = join(import.meta.dirname, "..", "..", "docs", "images");
/** Set to write pictures for the documents; without it test runs leave the checkout as it is. */
const areKept = (process.env["DATALAB_PICTURES"] ?? "") !== "";

/** How a page is looked at. */
const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
};

interface Finding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

describeBrowser(`the digest's page${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let folder: string;
  let launcher: Launcher;
  let browser: Browser;
  const files: Record<string, string> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "datalab-digest-page-"));
    launcher = await prepareLauncher(await ensureChromium(), { folder });
    // A large one and a small one: each kind of block is in one of them.
    for (const name of ["existing to eks", "a removed part with data"]) {
      const file = join(launcher.shared, `${name.replaceAll(" ", "-")}.html`);
      writeFileSync(file, html((await digested(recordedChanges[name]!)).page), { mode: 0o644 });
      files[name] = new URL(`file://${file}`).href;
    }
    browser = await chromium.launch({ executablePath: launcher.executable, downloadsPath: launcher.shared });
  }, 900_000);

  afterAll(async () => {
    await browser.close();
    await launcher.close();
    rmSync(folder, { recursive: true });
  });

  async function opened(name: string, look: string): Promise<Page> {
    const page = await (await browser.newContext(looks[look])).newPage();
    await page.goto(files[name]!);
    // What is folded is looked at too.
    await fold(page, false);
    return page;
  }

  async function fold(page: Page, closed: boolean): Promise<void> {
    await page.evaluate(`for (const one of document.querySelectorAll("details")) one.open = ${String(!closed)};`);
  }

  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<{ readonly violations: readonly Finding[] }>("axe.run()");
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html: text }) => text.slice(0, 120))
            .slice(0, 3)
            .join(" | ")}`,
      );
  }

  const cases = Object.keys(looks).flatMap((look) =>
    ["existing to eks", "a removed part with data"].map((name) => [look, name] as const),
  );

  it.each(cases)(
    "%s: %s has nothing that shuts somebody out, and scrolls in one direction alone",
    async (look, name) => {
      const page = await opened(name, look);
      expect(await findings(page)).toEqual([]);
      const width = (of: string) => page.evaluate<number>(`document.documentElement.${of}`);
      expect(await width("scrollWidth")).toBeLessThanOrEqual(await width("clientWidth"));
      if (areKept && look === "light" && name === "a removed part with data") {
        await page.locator("#picture").screenshot({ path: join(pictures, "digest-graph.png") });
      }
      await page.context().close();
    },
    180_000,
  );

  it("notices what would shut somebody out", async () => {
    const page = await opened("a removed part with data", "light");
    await page.evaluate(`for (const one of document.querySelectorAll("p, li")) one.style.color = "#eee";`);
    expect(JSON.stringify(await findings(page))).toContain("color-contrast");
    await page.context().close();
  }, 120_000);

  it("fetches nothing", async () => {
    const page = await (await browser.newContext()).newPage();
    const asked: string[] = [];
    page.on("request", (request) => {
      asked.push(request.url());
    });
    await page.goto(files["existing to eks"]!);
    expect(asked).toEqual([files["existing to eks"]]);
    await page.context().close();
  }, 60_000);
});
