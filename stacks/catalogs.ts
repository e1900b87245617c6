/** What the portal offers. */
import { catalogueId, catalogueLocation } from "../components/catalogue/names.ts";
import type { CatalogSettings } from "../components/portal/settings.ts";
import type { Settings } from "./settings/schemas.ts";

/** Catalogues of the portal: those of the settings, and the platform's own. */
export function catalogsOf({ catalogue, portal }: Pick<Settings, "catalogue" | "portal">): readonly CatalogSettings[] {
  return catalogue === undefined ? portal.catalogs : [...portal.catalogs, home];
}

const home: CatalogSettings = {
  id: catalogueId,
  name: { en: "Our own services", fr: "Nos services" },
  description: {
    en: "Services of this platform, small enough to be read.",
    fr: "Services de cette plateforme, assez petits pour être lus.",
  },
  location: catalogueLocation,
  status: "PROD",
  highlightedCharts: [],
  excludedCharts: [],
  versions: "latest",
};
