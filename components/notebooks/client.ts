import type { ConfidentialClient } from "../access/access-model.ts";
import { callbackPath, notebooksClient } from "./names.ts";
import type { NotebooksSettings } from "./settings.ts";

/** Client of the realm that the hub logs people in with, where it does. @param address of the hub's host */
export function notebooksClientOf(
  settings: NotebooksSettings | undefined,
  address: string,
): ConfidentialClient | undefined {
  if (settings?.login !== "realm") return undefined;
  return { clientId: notebooksClient, rootUrl: `${address}/hub/`, redirectUri: `${address}${callbackPath}` };
}
