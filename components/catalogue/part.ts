import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { catalogueName } from "./names.ts";
import { catalogueSettings } from "./settings.ts";

export const catalogue = part({
  key: "catalogue",
  settings: catalogueSettings.optional(),
  declares: (settings) => {
    if (settings === undefined) return {};
    return {
      running: [
        {
          key: "catalogue",
          name: "catalogue",
          namespace: namespaces.catalogue,
          workloads: [deployment(catalogueName, settings.replicas)],
        },
      ],
    };
  },
});
