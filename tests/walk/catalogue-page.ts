/** A service as people have it by the portal's page: catalogue, form, its page at its own address, the end. */
import process from "node:process";

import { describe, expect, it } from "@jest/globals";

import { until } from "../../testbed/node/until.ts";
import { Lab } from "./lab.ts";
import { OnyxiaPortal } from "./onyxia-portal.ts";
import { minutes, type Walk } from "./walk.ts";

export function launchesByPage(walk: () => Walk): void {
  describe("a service, by the portal's page", () => {
    it(
      "is launched from the catalogue, shows its page at an address of its own, and ends",
      async () => {
        const alice = await walk().person("alice");
        const { portal } = alice;
        if (!(portal instanceof OnyxiaPortal)) {
          process.stderr.write(
            "Not tried: the stand-in page has no catalogue and no form. See testbed/docs/images.md.\n",
          );
          return;
        }
        const lab = await Lab.of(walk(), "alice");
        const page = await portal.services.launch("Hello");
        const [service] = await lab.services();
        const { hosts } = walk().platform;
        expect(service?.urls).toEqual([expect.stringMatching(/^https:\/\/user-alice-[0-9]+-hello\.[^/]+\/$/)]);
        expect(new URL(page.url()).host).toBe(new URL(service?.urls[0] ?? "").host);
        expect(page.url()).toContain(hosts.services);
        // The ingress controller may learn of it a moment later.
        await until(
          "the service's page",
          AbortSignal.timeout(minutes),
          async () => (await page.reload())?.status() === 200,
        );
        await page.getByRole("heading", { name: /^Hello from hello-/ }).waitFor();
        await page.close();
        await portal.services.remove();
        await until("its end", AbortSignal.timeout(minutes), async () => (await lab.services()).length === 0);
      },
      10 * minutes,
    );
  });
}
