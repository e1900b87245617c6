/** Which page a browser shows: Keycloak's form, Onyxia's own page or the stand-in for it. */
import { OnyxiaPortal } from "./onyxia-portal.ts";
import type { PortalPage, Visit } from "./portal-page.ts";
import { StandInPortal } from "./stand-in-portal.ts";

/** The portal's page, ready; undefined where Keycloak asks for something. @throws Error if the page says that it failed */
export async function shownPortal(visit: Visit): Promise<PortalPage | undefined> {
  const { page } = visit;
  const form = page.locator('form[action*="login-actions"]');
  const standIn = page.locator("body[data-state]:not([data-state='loading'])");
  const onyxia = page.getByRole("button", { name: "Logout", exact: true });
  await form.or(standIn).or(onyxia).first().waitFor({ state: "attached" });
  if ((await standIn.count()) > 0) {
    const state = await standIn.getAttribute("data-state");
    if (state !== "ready") throw new Error(`the portal is ${String(state)}`);
    return new StandInPortal(visit);
  }
  if ((await form.count()) > 0) return undefined;
  const portal = new OnyxiaPortal(visit);
  await portal.ready();
  return portal;
}
