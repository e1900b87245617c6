/** Loads the catalogues; the API is not ready before each has loaded once. */
import { join } from "node:path";

import type { Catalog } from "./catalogs.ts";
import { chartFiles } from "./chart-archive.ts";
import { addRepositoryCommand } from "./helm-commands.ts";
import { type Chart, chartsOf, InvalidIndex, type Release } from "./helm-index.ts";
import type { Helm } from "./helm.ts";
import { type Answer, NoAnswer, send } from "./http.ts";
import { Refusal } from "./refusal.ts";

/** A release that can be launched. */
export interface Package {
  readonly catalog: Catalog;
  readonly name: string;
  readonly version: string;
  /** Undefined where the archive holds none, or could not be had: the values are not checked then. */
  readonly schema: unknown;
  /** Its `values.yaml`. The portal's form begins with it, and breaks without it. */
  readonly defaultValues: string | undefined;
}

export interface LoaderOptions {
  readonly catalogs: readonly Catalog[];
  readonly helm: Helm;
  /** PEM certificates that the API's own client trusts. */
  readonly trusted: readonly string[];
  /** Folder of the catalogues' `caFile`s. */
  readonly caFolder: string;
  readonly log: (line: string) => void;
}

interface Loaded {
  readonly charts: readonly Chart[];
  readonly packages: readonly Package[];
}

/** Loads all catalogues, at once and every so often; one that fails later keeps what it had. */
export class CatalogLoader {
  readonly #options: LoaderOptions;
  readonly #loaded = new Map<string, Loaded>();

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#loaded.size === this.#options.catalogs.length;
  }

  /** One after the other, like the API: helm's file of repositories has room for one writer. */
  async refresh(): Promise<void> {
    const { catalogs, helm, log } = this.#options;
    // Without a repository this fails, and nobody minds.
    await helm.run("helm repo update");
    for (const catalog of catalogs) {
      try {
        this.#loaded.set(catalog.id, await this.#load(catalog));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        log(error.message);
      }
    }
  }

  /** As `/public/catalogs` has them. */
  published(): object[] {
    return this.#options.catalogs.map((catalog) => {
      const charts = this.charts(catalog.id).filter(({ type }) => type !== "library");
      const latestPackages = Object.fromEntries(
        charts.map(({ name, type, releases: [newest] }) => {
          const { defaultValues } = this.package(catalog.id, name, newest?.version ?? "") ?? {};
          return [name, { name, type, ...newest, defaultValues }];
        }),
      );
      return { ...catalog.published, visible: { user: true, project: true }, catalog: { latestPackages } };
    });
  }

  ids(): readonly string[] {
    return this.#options.catalogs.map(({ id }) => id);
  }

  charts(catalogId: string): readonly Chart[] {
    return this.#loaded.get(catalogId)?.charts ?? [];
  }

  catalog(id: string): Catalog | undefined {
    return this.#options.catalogs.find((catalog) => catalog.id === id);
  }

  package(catalogId: string, name: string, version: string): Package | undefined {
    const packages = this.#loaded.get(catalogId)?.packages ?? [];
    return packages.find((each) => each.name === name && each.version.toLowerCase() === version.toLowerCase());
  }

  /** Path of a catalogue's `caFile`. */
  caFile({ caFile }: Catalog): string | undefined {
    return caFile === undefined ? undefined : join(this.#options.caFolder, caFile);
  }

  /** Twice: helm keeps a copy in its home, and the API's own client reads the index and every archive. */
  async #load(catalog: Catalog): Promise<Loaded> {
    const { id, location, excludedCharts, kept } = catalog;
    const added = await this.#options.helm.run(addRepositoryCommand(id, location, this.caFile(catalog)));
    // The real one does not look: it would be ready, and no service could be launched.
    if (added.code !== 0) throw new Refusal(hopOf(added.errors), `catalogue ${id}: helm says ${added.errors}`);
    const excluded = new Set(excludedCharts.map((name) => name.toLowerCase()));
    const index = await this.#fetch(catalog, `${location.replace(/\/$/, "")}/index.yaml`);
    const charts = readIndex(catalog, index.body, kept).filter(({ name }) => !excluded.has(name.toLowerCase()));
    const packages = charts.flatMap(({ name, releases }) => releases.map((release) => ({ name, release })));
    return {
      charts,
      packages: await Promise.all(packages.map(({ name, release }) => this.#package(catalog, name, release))),
    };
  }

  /** An archive that cannot be had is only a line of the log, as in the real one. */
  async #package(catalog: Catalog, name: string, { version, urls }: Release): Promise<Package> {
    const [url] = urls;
    try {
      if (url === undefined) throw new Error("it has no address");
      const absolute = url.startsWith("http") ? url : `${catalog.location}/${url}`;
      return { catalog, name, version, ...chartFiles(name, (await this.#fetch(catalog, absolute)).bytes) };
    } catch (error) {
      this.#options.log(`catalogue ${catalog.id}: ${name} ${version} cannot be read, ${String(error)}`);
      return { catalog, name, version, schema: undefined, defaultValues: undefined };
    }
  }

  async #fetch({ id }: Catalog, url: string): Promise<Answer> {
    try {
      const answer = await send(url, { ca: this.#options.trusted });
      if (answer.status === 200) return answer;
      throw new Refusal("catalogue", `${id}: ${url} answers ${answer.status}`);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const { untrusted, message } = error;
      throw new Refusal(untrusted ? "trust" : "catalogue", `catalogue ${id}, asked by the API: ${message}`, {
        cause: error,
      });
    }
  }
}

function readIndex({ id }: Catalog, index: string, kept: Catalog["kept"]): Chart[] {
  try {
    return chartsOf(index, kept);
  } catch (error) {
    if (!(error instanceof InvalidIndex)) throw error;
    throw new Refusal("catalogue", `${id}: its index.yaml cannot be read, ${error.message}`, { cause: error });
  }
}

/** The part of the wiring that helm complains of. */
function hopOf(errors: string): "trust" | "files" | "catalogue" {
  if (/x509|tls:|certificate/i.test(errors)) return "trust";
  return /permission denied|read-only|not a directory|mkdir/i.test(errors) ? "files" : "catalogue";
}
