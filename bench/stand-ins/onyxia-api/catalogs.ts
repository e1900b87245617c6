/** The Helm repositories that services are launched from. The API is not ready before each has loaded once. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Fields, jsonList } from "./fields.ts";
import { type Chart, chartsOf, InvalidIndex } from "./helm-index.ts";
import { NoAnswer, send } from "./http.ts";
import { Refusal } from "./refusal.ts";

export interface Catalog {
  readonly id: string;
  readonly location: string;
  readonly caFile: string | undefined;
  readonly excludedCharts: readonly string[];
  /** What browsers are given, but for the charts. */
  readonly published: object;
}

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
      excludedCharts: fields.textList("excludedCharts"),
      published: value as object,
    };
    fields.oneOf("type", ["helm"], "helm");
    fields.oneOf("status", ["PROD", "TEST", "INTERNAL"]);
    fields.oneOf("multipleServicesMode", ["all", "latest", "skipPatches", "maxNumber"], "latest");
    fields.textList("highlightedCharts");
    fields.ignore("name", "description", "maintainer", "scm", "timeout", "allowSharing", "visible", "restrictions");
    fields.ignore("includeKeywords", "excludeKeywords", "includeAnnotations", "excludeAnnotations");
    fields.ignore("maxNumberOfVersions");
    fields.done();
    return catalog;
  });
}

export interface Trust {
  readonly java: readonly string[];
  readonly helm: (caFile: string | undefined) => readonly string[];
}

/** Loads all catalogues, at once and every so often; one that fails later keeps what it had. */
export class CatalogLoader {
  readonly #catalogs: readonly Catalog[];
  readonly #trust: Trust;
  readonly #home: string;
  readonly #log: (line: string) => void;
  readonly #charts = new Map<string, readonly Chart[]>();

  constructor(catalogs: readonly Catalog[], trust: Trust, home: string, log: (line: string) => void) {
    this.#catalogs = catalogs;
    this.#trust = trust;
    this.#home = home;
    this.#log = log;
  }

  get ready(): boolean {
    return this.#charts.size === this.#catalogs.length;
  }

  async refresh(): Promise<void> {
    await Promise.all(
      this.#catalogs.map(async (catalog) => {
        try {
          this.#charts.set(catalog.id, await this.#load(catalog));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          this.#log(error.message);
        }
      }),
    );
  }

  /** As `/public/catalogs` has them. */
  published(): object[] {
    return this.#catalogs.map((catalog) => {
      const charts = (this.#charts.get(catalog.id) ?? []).filter(
        ({ name, type }) => type !== "library" && !catalog.excludedCharts.includes(name),
      );
      const latestPackages = Object.fromEntries(
        charts.map(({ name, type, versions }) => [name, { name, type, version: versions[0] }]),
      );
      return { ...catalog.published, visible: { user: true, project: true }, catalog: { latestPackages } };
    });
  }

  versions(catalogId: string, chart: string): readonly string[] | undefined {
    return this.#charts.get(catalogId)?.find(({ name }) => name === chart)?.versions;
  }

  /** Twice, as the API does it: by helm, which keeps a copy in its home, and by the API's own client. */
  async #load(catalog: Catalog): Promise<Chart[]> {
    const { id } = catalog;
    const byHelm = await fetchIndex(catalog, "helm", this.#trust.helm(catalog.caFile));
    const folder = join(this.#home, ".cache/helm/repository");
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${id}-index.yaml`), byHelm);
    } catch (error) {
      throw new Refusal("files", `catalogue ${id}: helm cannot write into its home ${this.#home}`, { cause: error });
    }
    return readIndex(catalog, await fetchIndex(catalog, "the API", this.#trust.java));
  }
}

function readIndex({ id }: Catalog, index: string): Chart[] {
  try {
    return chartsOf(index);
  } catch (error) {
    if (!(error instanceof InvalidIndex)) throw error;
    throw new Refusal("catalogue", `${id}: its index.yaml cannot be read, ${error.message}`, { cause: error });
  }
}

async function fetchIndex({ id, location }: Catalog, who: string, ca: readonly string[]): Promise<string> {
  const url = `${location.replace(/\/$/, "")}/index.yaml`;
  try {
    const { status, body } = await send(url, { ca });
    if (status === 200) return body;
    throw new Refusal("catalogue", `${id}: ${url} answers ${who} ${status}`);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const { untrusted, message } = error;
    throw new Refusal(untrusted ? "trust" : "catalogue", `catalogue ${id}, asked by ${who}: ${message}`, {
      cause: error,
    });
  }
}
