/** The Helm repositories that services are launched from, as the API's settings name them. */
import { Fields, jsonList } from "./fields.ts";
import type { Kept } from "./helm-index.ts";
import { Refusal } from "./refusal.ts";

export interface Catalog {
  readonly id: string;
  readonly location: string;
  readonly caFile: string | undefined;
  /** How long helm may wait, for launches. */
  readonly timeout: string | undefined;
  readonly excludedCharts: readonly string[];
  readonly kept: Kept;
  /** What browsers are given, but for the charts. */
  readonly published: object;
}

const modes = ["all", "latest", "skipPatches", "maxNumber"] as const;

/** @throws Refusal for what the API could never load. */
export function readCatalogs(text: string | undefined): Catalog[] {
  if (text === undefined) throw new Refusal("catalogue", "catalogs is missing: the API would load INSEE's own");
  return jsonList("catalogue", "catalogs", text).map((value, index) => {
    const fields = new Fields("catalogue", `catalogs[${index}]`, value);
    for (const key of ["username", "password", "skipTlsVerify"]) {
      if (fields.any(key) !== undefined) fields.refuse(key, "is not imitated by this stand-in");
    }
    const catalog: Catalog = {
      id: fields.string("id", /^[a-z0-9][-a-z0-9]*$/),
      location: fields.string("location", /^https?:\/\//),
      caFile: fields.optionalString("caFile", /^[^/]+$/),
      timeout: fields.optionalString("timeout", /^\S+$/),
      excludedCharts: fields.textList("excludedCharts"),
      kept: keptOf(fields),
      published: value as object,
    };
    fields.oneOf("type", ["helm"], "helm");
    fields.oneOf("status", ["PROD", "TEST", "INTERNAL"]);
    fields.textList("highlightedCharts");
    fields.ignore("name", "description", "maintainer", "scm", "allowSharing", "visible", "restrictions");
    fields.ignore("includeKeywords", "excludeKeywords", "includeAnnotations", "excludeAnnotations");
    fields.done();
    return catalog;
  });
}

function keptOf(fields: Fields): Kept {
  const mode = fields.oneOf("multipleServicesMode", modes, "latest");
  const most = fields.any("maxNumberOfVersions") ?? 5;
  if (mode !== "maxNumber") return { mode };
  if (typeof most !== "number") fields.refuse("maxNumberOfVersions", "is no number");
  return { mode, maxNumberOfVersions: most };
}
