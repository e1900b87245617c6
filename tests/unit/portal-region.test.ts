import { describe, expect, it } from "@jest/globals";

import { catalogsOf } from "../../components/portal/catalogs.ts";
import { apiEnvironment, webEnvironment } from "../../components/portal/environment.ts";
import { ownerAnnotation, regionOf } from "../../components/portal/region.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { springJson } from "../../components/portal/spring-json.ts";
import { access, objectStore, realm, regionInputs } from "../support/portal.ts";

const platform = { domain: "example.test", privateCa: true };
const catalog = { id: "b", name: "B", location: "https://charts.example.org/b" };

describe("the portal's region", () => {
  it("gives each user and each group a namespace, instead of one for all", () => {
    expect(regionOf(regionInputs()).services).toMatchObject({
      singleNamespace: false,
      allowNamespaceCreation: true,
      namespacePrefix: access.namespacePrefix,
      groupNamespacePrefix: access.groupNamespacePrefix,
    });
  });

  it("launches with the portal's own account: the other ways log users' tokens or lock groups out", () => {
    expect(regionOf(regionInputs()).services.authenticationMode).toBe("serviceAccount");
  });

  it("never binds a portal user under the bare name, which may be a user of the cluster", () => {
    const { usernamePrefix, groupPrefix } = regionOf(regionInputs()).services;
    expect([usernamePrefix, groupPrefix]).toEqual(["oidc-", "oidc-"]);
  });

  it("exposes services: without `expose` the page hangs", () => {
    const region = regionOf({ ...regionInputs(), ingressClassName: "edge" });
    expect(region.services.expose).toEqual({
      domain: "lab.example.test",
      ingress: true,
      route: false,
      ingressClassName: "edge",
    });
  });

  it("has S3 with a role and a bookmark: chart 11 shows a blank page without them, and no working directory", () => {
    const { S3 } = regionOf(regionInputs()).data;
    expect(S3).not.toHaveProperty("workingDirectory");
    expect(S3).toMatchObject({
      URL: objectStore.endpoint,
      region: objectStore.region,
      pathStyleAccess: true,
      sts: {
        URL: objectStore.sts.url,
        durationSeconds: 43200,
        role: { profileName: "default", roleARN: "arn:role", roleSessionName: "session" },
        oidcConfiguration: { clientID: realm.clients.objectStore },
      },
    });
  });

  it("points its bookmark at the bucket that the store's policy opens", () => {
    const [bookmark] = regionOf(regionInputs()).data.S3.bookmarks;
    const pattern = new RegExp(bookmark?.includedClaimPattern ?? "");
    expect("alice".replace(pattern, bookmark?.s3Uri ?? "")).toBe("s3://user-alice/");
    expect(bookmark?.claimName).toBe(access.claims.username);
  });

  it("takes quotas from the settings, on requests alone: one on limits refuses pods without limits", () => {
    const quotas = {
      user: { cpu: "3", memory: "5Gi", storage: "7Gi", pods: 9 },
      group: { enabled: false },
    };
    expect(regionOf(regionInputs({ quotas })).services.quotas).toMatchObject({
      userEnabled: true,
      user: { "requests.cpu": "3", "requests.memory": "5Gi", "requests.storage": "7Gi", "count/pods": "9" },
      groupEnabled: false,
    });
  });

  it("uses only keys that the API keeps: it drops the others without a word, and ends at `defaultConfiguration`", () => {
    const { services, ...top } = regionOf(regionInputs());
    expect(Object.keys(top).toSorted()).toEqual(["data", "description", "id", "name"]);
    // Those of Region.java in v4.12.0.
    const known = [
      ...["type", "singleNamespace", "allowNamespaceCreation", "userNamespace", "namespacePrefix"],
      ...["groupNamespacePrefix", "usernamePrefix", "groupPrefix", "namespaceLabels", "namespaceAnnotations"],
      ...["namespaceAnnotationsDynamic", "authenticationMode", "expose", "server", "monitoring", "allowedURIPattern"],
      ...["quotas", "k8sPublicEndpoint"],
    ];
    expect(Object.keys(services).filter((key) => !known.includes(key))).toEqual([]);
  });

  it("notes whose login it was under the name that admission holds on to", () => {
    const { enabled, userAttributes } = regionOf(regionInputs()).services.namespaceAnnotationsDynamic;
    // `sub`: the account's id. @see OIDCConfiguration.java, which puts it among the attributes
    expect({ enabled, userAttributes }).toEqual({ enabled: true, userAttributes: ["sub"] });
    expect(ownerAnnotation).toBe("onyxia_sub");
  });

  it("labels workspaces with the Pod Security level of the settings", () => {
    expect(regionOf(regionInputs({ services: { podSecurity: "restricted" } })).services.namespaceLabels).toEqual({
      "datalab.dev/workspace": "true",
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });
});

describe("JSON for Spring", () => {
  it("is what was given", () => {
    expect(JSON.parse(springJson("regions", [{ a: "$1" }]))).toEqual([{ a: "$1" }]);
  });

  it("refuses `${`: Spring silently turns ${jwt:x} into x", () => {
    expect(() => springJson("regions", [{ policy: "user-${jwt:x}" }])).toThrow(/regions/);
    const home = { bucket: "${jwt:preferred_username}", prefix: "" };
    expect(() => apiEnvironment({ ...regionInputs(), access: { ...access, home } }, [])).toThrow();
  });
});

describe("the portal's catalogues", () => {
  it("are INSEE's three unless the settings say otherwise, the interactive services first", () => {
    expect(catalogsOf(portalSettings.parse({}).catalogs, platform)).toMatchObject([
      { id: "ide", type: "helm", status: "PROD", highlightedCharts: ["jupyter-python", "rstudio", "vscode-python"] },
      { id: "insee-automation", excludedCharts: expect.arrayContaining(["mlflow", "langfuse"]) },
      { id: "insee-databases", excludedCharts: expect.arrayContaining(["postgresql", "postgresql-cnpg"]) },
    ]);
  });

  it("do not depend on the order of the stack file", () => {
    const other = { ...catalog, id: "a" };
    const of = (...catalogs: unknown[]) => catalogsOf(portalSettings.parse({ catalogs }).catalogs, platform);
    expect(of(catalog, other)).toEqual(of(other, catalog));
    expect(of(catalog, other).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("are refused when two have one id", () => {
    const parsed = portalSettings.parse({ catalogs: [catalog] }).catalogs;
    expect(() => catalogsOf([...parsed, ...parsed], platform)).toThrow(/"b"/);
  });

  it("name the CA's file where the platform serves them: helm does not read the JVM's trust store", () => {
    const own = { ...catalog, location: "https://charts.example.test" };
    const { catalogs } = portalSettings.parse({ catalogs: [catalog, { ...own, id: "own" }] });
    expect(catalogsOf(catalogs, platform).map(({ caFile }) => caFile)).toEqual([undefined, "ca.crt"]);
    expect(catalogsOf(catalogs, { ...platform, privateCa: false }).map(({ caFile }) => caFile)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("may be none", () => {
    expect(catalogsOf(portalSettings.parse({ catalogs: [] }).catalogs, platform)).toEqual([]);
  });
});

describe("the API's environment", () => {
  const environment = apiEnvironment(regionInputs(), []);

  it("checks the audience: without it a token of any client of the realm is accepted", () => {
    expect(environment["oidc.audience"]).toBe(access.portal.audience);
  });

  it("logs in at the realm, by the claims that the realm fills", () => {
    expect(environment).toMatchObject({
      "authentication.mode": "openidconnect",
      "oidc.issuer-uri": "https://auth.example.test/realms/datalab",
      "oidc.clientID": "onyxia",
      "oidc.username-claim": access.claims.username,
      "oidc.groups-claim": access.claims.projects,
      "oidc.roles-claim": access.claims.roles,
      "oidc.scope": "openid profile email",
    });
  });

  it("refuses an issuer with a trailing slash: the API would end at once", () => {
    const slash = { ...realm, issuerUrl: `${realm.issuerUrl}/` };
    expect(() => apiEnvironment({ ...regionInputs(), realm: slash }, [])).toThrow(/slash/);
  });

  it("lets no other site call it", () => {
    expect(environment["security.cors.allowed_origins"]).toBe("");
  });

  it("holds one region and the catalogues as JSON", () => {
    expect(JSON.parse(environment["regions"] ?? "")).toEqual([JSON.parse(JSON.stringify(regionOf(regionInputs())))]);
    expect(environment["catalogs"]).toBe("[]");
  });
});

describe("the web application's environment", () => {
  const of = (input: unknown) => webEnvironment(portalSettings.parse(input));

  it("is safe by default: login first, no launch by link, no DPoP that the ingress would break", () => {
    expect(of({})).toMatchObject({
      AUTHENTICATION_GLOBALLY_REQUIRED: "true",
      DISABLE_AUTO_LAUNCH: "true",
      OIDC_DISABLE_DPOP: "true",
      ONYXIA_API_URL: "/api",
    });
  });

  it("leads from the home page to the catalogue, and to nobody else's chat or manual", () => {
    const { HOMEPAGE_CARDS, HOMEPAGE_HERO_TEXT_AUTHENTICATED, HOMEPAGE_CALL_TO_ACTION_BUTTON_AUTHENTICATED } = of({
      title: 'The "Lab"',
    });
    expect(HOMEPAGE_CARDS).toBe("[]");
    expect(JSON.parse(HOMEPAGE_HERO_TEXT_AUTHENTICATED ?? "")).toMatchObject({ en: 'Welcome to The "Lab"' });
    expect(JSON.parse(HOMEPAGE_CALL_TO_ACTION_BUTTON_AUTHENTICATED ?? "")).toMatchObject({ url: "/catalog" });
  });

  it("follows the settings", () => {
    const environment = of({
      title: "Lab",
      language: "fr",
      otherLanguages: ["nl", "en", "fr"],
      anonymousVisitors: true,
      longRunningAfter: "90m",
    });
    expect(environment).toMatchObject({
      HEADER_TEXT_FOCUS: "Lab",
      TAB_TITLE: "Lab",
      ENABLED_LANGUAGES: "fr,en,nl",
      AUTHENTICATION_GLOBALLY_REQUIRED: "false",
      RUNNING_TIME_THRESHOLD_HOURS: "2",
    });
  });
});
