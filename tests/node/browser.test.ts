/** The browser of the walk, where its files lie somewhere else than in the temporary folder. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { type Chromium, chromiumUnavailable, ensureChromium } from "../../testbed/browser/chromium.ts";
import { type Launcher, prepareLauncher } from "../../testbed/browser/launcher.ts";
import { cacheDirectory } from "../../testbed/toolchain/store.ts";

const unavailable = chromiumUnavailable();
const describeBrowser = unavailable === undefined ? describe : describe.skip;

describeBrowser(`the browser${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let folder: string;
  let chromium: Chromium;
  let launcher: Launcher;

  beforeAll(async () => {
    chromium = await ensureChromium();
    // Often in a home that only its owner may enter.
    mkdirSync(cacheDirectory(process.env), { recursive: true });
    folder = mkdtempSync(join(cacheDirectory(process.env), "it's a browser-"));
    launcher = await prepareLauncher(chromium, { folder });
  }, 900_000);

  afterAll(async () => {
    await launcher.close();
    rmSync(folder, { recursive: true });
  });

  it("sees the shared folder under its own path, and leaves nothing in the installed root", async () => {
    const page = join(launcher.shared, "page.html");
    writeFileSync(page, "<p>shared</p>", { mode: 0o644 });
    const args = ["--headless", "--disable-gpu", "--dump-dom", new URL(`file://${page}`).href];
    const { stdout } = await promisify(execFile)(launcher.executable, args, { timeout: 60_000 });
    expect(stdout).toContain("<p>shared</p>");
    expect(existsSync(join(chromium.root, folder))).toBe(false);
  }, 90_000);
});
