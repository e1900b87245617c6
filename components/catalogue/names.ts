/** Fixed names of the platform's own catalogue. */
import { namespaces } from "../names.ts";

/** Its pods and their Service. */
export const catalogueName = "catalogue";

/** The portal's id of it, in addresses: no catalogue of `portal.catalogs` may have it. */
export const catalogueId = "home";

/** Address of the repository for the portal's API, inside the cluster: no certificate and no way out and back. */
export const catalogueLocation = `http://${catalogueName}.${namespaces.catalogue}.svc.cluster.local`;

/** Charts of the program itself. */
export const ownChartNames = ["static-site", "jupyter-basic"] as const;

export type OwnChartName = (typeof ownChartNames)[number];
