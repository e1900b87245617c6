/** The portal, its catalogues, the package index. */
import { catalogueHost, domain, hosts } from "../../support/doctor-servers.ts";
import { type Break, type Breaks, nobodyListens, otherRoute } from "./break.ts";

function changedPortal(change: (environment: Record<string, string>) => Record<string, string>): Break {
  return (bench) => {
    bench.servePortal({ ...bench.portalEnvironment, ...change({ ...bench.portalEnvironment }) });
    return Promise.resolve({
      mend: () => {
        bench.servePortal(bench.portalEnvironment);
      },
    });
  };
}

export const portal: Breaks = {
  "a portal that is down": {
    step: "portal",
    hop: "ingress controller → portal",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(hosts.portal, () => Promise.resolve(nobodyListens)),
  },
  "a portal of another region": {
    step: "portal-configuration",
    hop: "portal's API",
    says: /regions\[0\]\.data\.S3\.URL is "https:\/\/s3\.elsewhere\.test", not "https:\/\/s3\.demo\.test"/,
    cause: /without `pulumi up`/,
    breaks: changedPortal(({ regions = "" }) => ({ regions: regions.replaceAll("s3.demo.test", "s3.elsewhere.test") })),
  },
  "a portal with another issuer": {
    step: "portal-configuration",
    hop: "portal's API",
    says: /oidcConfiguration\.issuerURI is "https:\/\/old\.test"/,
    cause: /without `pulumi up`/,
    breaks: changedPortal(() => ({ "oidc.issuer-uri": "https://old.test" })),
  },
  "a catalogue that is down": {
    step: "catalogue:own",
    hop: "catalogue",
    says: /no chart of catalogue own.*answer 502/,
    cause: /repository itself/,
    breaks: otherRoute(catalogueHost, () => Promise.resolve(nobodyListens)),
  },
  "a catalogue that the portal's pods cannot reach": {
    step: "catalogue:own",
    hop: "portal's API → catalogue",
    says: /this machine sees an index/,
    cause: /pods cannot reach/,
    breaks: changedPortal(({ catalogs = "" }) => ({
      catalogs: catalogs.replaceAll(catalogueHost, `nowhere.${hosts.services}`),
    })),
  },
  "a package index that is down": {
    step: "packages",
    hop: "ingress controller → package index",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(`packages.${domain}`, () => Promise.resolve(nobodyListens)),
  },
  "a portal that expects another audience": {
    step: "portal-login",
    hop: "portal's API → Keycloak",
    says: /answers 401 to a fresh token/,
    cause: /another issuer or audience/,
    breaks: changedPortal(() => ({ "oidc.audience": "another" })),
  },
};
