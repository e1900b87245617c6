import type { PackageIndex } from "../contracts.ts";
import type { PackagesSettings } from "./settings.ts";

/** What an index offers, known before it is there. @param address of its host, where the platform makes it */
export function packageIndexOf(settings: PackagesSettings | undefined, address: string): PackageIndex | undefined {
  if (settings === undefined) return undefined;
  // The portal's configuration is read without a login: a password cannot be in it.
  const isOpen = settings.reads === "open";
  switch (settings.engine) {
    case "pypiron":
      return {
        indexUrl: `${address}/simple/`,
        uploadUrl: `${address}/legacy/`,
        replacesPublicIndex: settings.mirror !== undefined && isOpen,
      };
    case "external":
      return {
        indexUrl: `${settings.indexUrl}/`,
        uploadUrl: settings.uploadUrl === undefined ? undefined : `${settings.uploadUrl}/`,
        replacesPublicIndex: settings.mirrorsPublicIndex && isOpen,
      };
  }
}
