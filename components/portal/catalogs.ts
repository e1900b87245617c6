import { PlatformError } from "../errors.ts";
import { caBundleKey } from "../kubernetes/ca-bundle.ts";
import { isDirect, type Proxy } from "../kubernetes/proxy.ts";
import type { CatalogSettings, LocalizedText } from "./settings.ts";

/** One Helm repository, as Onyxia's API reads it. */
export interface Catalog {
  readonly id: string;
  readonly name: LocalizedText;
  readonly description?: LocalizedText;
  readonly maintainer?: string;
  readonly location: string;
  readonly status: string;
  readonly type: "helm";
  readonly highlightedCharts: readonly string[];
  readonly excludedCharts: readonly string[];
  readonly multipleServicesMode: string;
  /** File of the CA, for the helm command alone: it does not read the JVM's trust store. It trusts no other then. */
  readonly caFile?: string;
}

/**
 * The catalogues, by id, so that their order in a stack file means nothing.
 *
 * @param platform `privateCa`: whether its hosts need a CA that helm does not trust anyway
 */
export function catalogsOf(
  settings: readonly CatalogSettings[],
  platform: { readonly domain: string; readonly privateCa: boolean },
): Catalog[] {
  refuseDuplicates(settings.map(({ id }) => id));
  return settings
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((catalog) => ({
      id: catalog.id,
      name: catalog.name,
      ...(catalog.description === undefined ? {} : { description: catalog.description }),
      ...(catalog.maintainer === undefined ? {} : { maintainer: catalog.maintainer }),
      location: catalog.location,
      status: catalog.status,
      type: "helm",
      highlightedCharts: catalog.highlightedCharts,
      excludedCharts: catalog.excludedCharts.toSorted(),
      multipleServicesMode: catalog.versions,
      ...(platform.privateCa && isBelow(platform.domain, catalog) ? { caFile: caBundleKey } : {}),
    }));
}

/** Hosts of catalogues that the platform itself serves: pods reach them like its other public hosts. */
export function ownCatalogHosts(settings: readonly CatalogSettings[], domain: string): string[] {
  const hosts = settings
    .filter((catalog) => isBelow(domain, catalog))
    .map(({ location }) => new URL(location).hostname);
  return [...new Set(hosts)].toSorted();
}

/** What the API's pods must be able to reach for the catalogues, but the proxy: ports outside, namespaces inside. */
export function catalogDestinations(settings: readonly CatalogSettings[], domain: string, proxy?: Proxy) {
  const urls = settings.filter((catalog) => !isBelow(domain, catalog)).map(({ location }) => new URL(location));
  const outside = urls
    .filter(({ protocol, hostname }) => protocol === "https:" && (proxy === undefined || isDirect(proxy, hostname)))
    .map(({ port }) => Number(port || 443));
  const inside = urls
    .filter(({ protocol }) => protocol === "http:")
    .flatMap(({ hostname }) => hostname.split(".")[1] ?? []);
  return {
    ports: [...new Set(outside)].toSorted((a, b) => a - b),
    namespaces: [...new Set(inside)].toSorted(),
  };
}

/** Hosts of catalogues that are asked without the proxy, by an address or a name. */
export function directCatalogHosts(settings: readonly CatalogSettings[], proxy: Proxy): string[] {
  const hosts = settings.map(({ location }) => new URL(location).hostname).filter((host) => isDirect(proxy, host));
  return [...new Set(hosts)].toSorted();
}

function isBelow(domain: string, catalog: CatalogSettings): boolean {
  return new URL(catalog.location).hostname.endsWith(`.${domain}`);
}

function refuseDuplicates(ids: readonly string[]): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new PlatformError(
      `Two of the portal's catalogues have the id "${twice}".`,
      "Give each entry of datalab:portal.catalogs an id of its own.",
    );
  }
}
