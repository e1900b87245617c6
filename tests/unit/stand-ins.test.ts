/** The rules of the stand-ins for Onyxia's images; tests/node/stand-ins.test.ts runs them against real parts. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { readCatalogs } from "../../testbed/stand-ins/onyxia-api/catalogs.ts";
import { chartsOf, InvalidIndex, type Kept } from "../../testbed/stand-ins/onyxia-api/helm-index.ts";
import { discover, type Issuer } from "../../testbed/stand-ins/onyxia-api/issuer.ts";
import { workspaceOf } from "../../testbed/stand-ins/onyxia-api/onboarding.ts";
import { readProperties } from "../../testbed/stand-ins/onyxia-api/properties.ts";
import { Refusal } from "../../testbed/stand-ins/onyxia-api/refusal.ts";
import { readRegions } from "../../testbed/stand-ins/onyxia-api/region.ts";
import { readSchemas } from "../../testbed/stand-ins/onyxia-api/schemas.ts";
import { InvalidToken, verifiedClaims } from "../../testbed/stand-ins/onyxia-api/tokens.ts";
import { projectsOf, userOf } from "../../testbed/stand-ins/onyxia-api/users.ts";
import { bookmarkedPlaces, placeOf, storageLogin } from "../../testbed/stand-ins/onyxia-web/pages/configuration.ts";
import { signedHeaders } from "../../testbed/stand-ins/onyxia-web/pages/signature.ts";
import { elements, textOf } from "../../testbed/stand-ins/onyxia-web/pages/xml.ts";
import { contentSecurityPolicy, layOut, withEnvironment } from "../../testbed/stand-ins/onyxia-web/server.ts";
import { catalogsOf } from "../../components/portal/catalogs.ts";
import { apiEnvironment, webEnvironment } from "../../components/portal/environment.ts";
import { regionOf } from "../../components/portal/region.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { access, regionInputs } from "../support/portal.ts";
import { TokenIssuer } from "../support/token-issuer.ts";

const settings = portalSettings.parse({});
const catalogs = catalogsOf(settings.catalogs, { domain: "example.test", privateCa: true });
const environment = apiEnvironment(regionInputs(), catalogs);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-stand-ins-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the API's properties", () => {
  it("are those of the platform's ConfigMap", () => {
    expect(readProperties(environment)).toMatchObject({
      contextPath: "/api",
      port: 8080,
      authentication: "openidconnect",
      oidc: { issuerUri: access.issuerUrl, clientId: "onyxia", audience: "onyxia", scope: "openid profile email" },
      catalogsRefreshMs: 300_000,
      schemaFolder: "/schemas/default/",
    });
  });

  it.each(["oidc.issuer-uri", "oidc_issuer-uri", "oidc_issuer_uri", "OIDC.ISSUER-URI", "OIDC_ISSUER_URI"])(
    "are found under Spring's spelling %s",
    (name) => {
      const spelt = { "authentication.mode": "openidconnect", [name]: "https://issuer.test" };
      expect(readProperties(spelt).oidc.issuerUri).toBe("https://issuer.test");
    },
  );

  it("come from SPRING_APPLICATION_JSON before variables", () => {
    const json = JSON.stringify({ oidc: { audience: "other" }, catalogs: [{ id: "a" }] });
    const properties = readProperties({ ...environment, SPRING_APPLICATION_JSON: json });
    expect(properties.oidc.audience).toBe("other");
    expect(properties.catalogs).toBe('[{"id":"a"}]');
  });

  it.each<[string, Record<string, string>]>([
    ["authentication.mode", { "authentication.mode": "oidc" }],
    ["oidc.issuer-uri is missing", { "oidc.issuer-uri": "" }],
    ["server.port", { "server.port": "http" }],
    ["placeholder", { regions: '[{"id":"${jwt:x}"}]' }],
    ["skip-tls-verify", { "oidc.skip-tls-verify": "true" }],
    ["SPRING_APPLICATION_JSON", { SPRING_APPLICATION_JSON: "{" }],
  ])("are refused for their %s", (reason, change) => {
    refused("settings", reason, () => readProperties({ ...environment, ...change }));
  });
});

type Tree = Record<string, unknown>;

describe("the region", () => {
  it("of the platform is accepted, and published as the real API publishes it", () => {
    const [region] = readRegions(environment["regions"], true);
    const { services } = regionOf(regionInputs());
    expect(region.published).toEqual({
      ...regionOf(regionInputs()),
      services: {
        ...services,
        type: undefined,
        quotas: {
          ...services.quotas,
          user: { ...services.quotas.user, "count/pods": 30 },
          group: { ...services.quotas.group, "count/pods": 60 },
        },
      },
    });
  });

  it.each<[string, string, unknown]>([
    ["id is missing", "id", undefined],
    ["expose is missing", "services.expose", undefined],
    ["domain", "services.expose.domain", "lab"],
    ["ingressClassName is missing", "services.expose.ingressClassName", undefined],
    ["services.type", "services.type", "MARATHON"],
    ["singleNamespace", "services.singleNamespace", undefined],
    ["namespacePrefix", "services.namespacePrefix", "User_"],
    ["could take a user's namespace", "services.groupNamespacePrefix", "user-"],
    ["defaultConfiguration", "services.defaultConfiguration", {}],
    ["initScript is a key that the API does not know", "services.initScript", "https://example.test"],
    ["no quota that the API knows", "services.quotas.user.pods", "3"],
    ["not a quantity", "services.quotas.user.requests~cpu", "many"],
    ["allowedURIPattern", "services.allowedURIPattern", "("],
    ["S3.URL is missing", "data.S3.URL", undefined],
    ["browsers refuse it", "data.S3.URL", "http://s3.example.test"],
    ["workingDirectory", "data.S3.workingDirectory", {}],
    ["role is missing", "data.S3.sts.role", undefined],
    ["roleSessionName", "data.S3.sts.role.roleSessionName", ""],
    ["durationSeconds", "data.S3.sts.durationSeconds", 60],
    ["clientId is a key that the API does not know", "data.S3.sts.oidcConfiguration.clientId", "onyxia-minio"],
    ["has $1, but there is no claimName", "data.S3.bookmarks.0.claimName", undefined],
    ["has no place for the claim", "data.S3.bookmarks.0.s3Uri", "s3://shared/"],
    ["captures nothing", "data.S3.bookmarks.0.includedClaimPattern", "^.+$"],
  ])("is refused: %s", (reason, path, value) => {
    const region = structuredClone(regionOf(regionInputs())) as unknown as Tree;
    const keys = path.split(".").map((key) => key.replace("~", "."));
    const last = keys.pop() ?? "";
    const parent = keys.reduce<Tree>((tree, key) => tree[key] as Tree, region);
    parent[last] = value;
    refused("region", reason, () => readRegions(JSON.stringify([region]), true));
  });

  it("needs a login for STS", () => {
    refused("region", "openidconnect", () => readRegions(environment["regions"], false));
  });

  it.each(["[]", "{}", "no JSON", undefined])("is refused as %s", (text) => {
    refused("region", "regions", () => readRegions(text, true));
  });
});

describe("catalogues", () => {
  it("of the platform are accepted", () => {
    expect(readCatalogs(environment["catalogs"]).map(({ id }) => id)).toEqual(settings.catalogs.map(({ id }) => id));
  });

  it.each([
    ["location", { location: "oci://charts.example.test" }],
    ["status", { status: "NEW" }],
    ["password", { password: "secret" }],
    ["a key that the API does not know", { folder: "charts" }],
  ])("are refused for their %s", (reason, change) => {
    refused("catalogue", reason, () => readCatalogs(JSON.stringify([{ ...catalogs[0], ...change }])));
  });

  it.each([
    ["by helm 3", "  "],
    ["with lists indented", "    "],
  ])("have an index as written %s", (_, dash) => {
    const field = `${dash}  `;
    const index = [
      "apiVersion: v1",
      "entries:",
      "  jupyter-python:",
      `${dash}- annotations:`,
      `${field}  name: not this one`,
      `${field}description: |-`,
      `${field}  Several lines`,
      `${field}  version: of text`,
      `${field}icon: https://charts.example.test/jupyter.svg`,
      `${field}name: jupyter-python`,
      `${field}urls:`,
      `${field}- https://charts.example.test/jupyter-python-2.0.0.tgz`,
      `${field}version: 2.0.0`,
      `${dash}- name: jupyter-python`,
      `${field}urls: [jupyter-python-1.10.1.tgz]`,
      `${field}version: "1.10.1"`,
      "  library-chart:",
      `${dash}- name: library-chart`,
      `${field}type: library`,
      `${field}urls: [library-chart-1.0.0.tgz]`,
      `${field}version: 1.0.0`,
      'generated: "2026-11-01T00:00:00Z"',
    ].join("\n");
    const older = { version: "1.10.1", urls: ["jupyter-python-1.10.1.tgz"] };
    const newer = {
      version: "2.0.0",
      urls: ["https://charts.example.test/jupyter-python-2.0.0.tgz"],
      // What the portal's page shows.
      description: "Several lines\nversion: of text",
      icon: "https://charts.example.test/jupyter.svg",
    };
    expect(chartsOf(index, { mode: "all" })).toEqual([
      { name: "jupyter-python", type: "application", releases: [newer, older] },
      {
        name: "library-chart",
        type: "library",
        releases: [{ version: "1.0.0", urls: ["library-chart-1.0.0.tgz"] }],
      },
    ]);
  });

  it("have an index in JSON, too, and may be empty", () => {
    const release = { version: "1.0.0", urls: ["a.tgz"] };
    const index = { apiVersion: "v1", entries: { a: [{ name: "a", ...release }] } };
    const charts = [{ name: "a", type: "application", releases: [release] }];
    expect(chartsOf(JSON.stringify(index), { mode: "latest" })).toEqual(charts);
    expect(chartsOf("apiVersion: v1\nentries: {}\n", { mode: "latest" })).toEqual([]);
  });

  it.each([
    "<html><body>Log in</body></html>",
    "apiVersion: v1\n",
    "apiVersion: v1\nentries:\n  a:\n  - name: b\n    version: 1.0.0\n    urls: [a.tgz]\n",
    "apiVersion: v1\nentries:\n  a:\n  - name: a\n    urls: [a.tgz]\n",
    "apiVersion: v1\nentries:\n  a: {name: a, version: 1.0.0, urls: [a.tgz]}\n",
  ])("have no index in %j", (text) => {
    expect(() => chartsOf(text, { mode: "all" })).toThrow(InvalidIndex);
  });

  it("have none with a single release without urls, which stops the real API", () => {
    const entry = (name: string, urls: unknown) => ({ [name]: [{ name, version: "1.0.0", urls }] });
    const index = { apiVersion: "v1", entries: { ...entry("a", ["a.tgz"]), ...entry("b", undefined) } };
    expect(() => chartsOf(JSON.stringify(index), { mode: "latest" })).toThrow("b 1.0.0 has no urls");
  });

  it.each<[Kept, string[]]>([
    [{ mode: "all" }, ["1.10.0", "1.9.1", "1.9.0", "1.9.0-rc.2"]],
    [{ mode: "latest" }, ["1.10.0"]],
    [{ mode: "skipPatches" }, ["1.10.0", "1.9.1"]],
    [{ mode: "maxNumber", maxNumberOfVersions: 2 }, ["1.10.0", "1.9.1"]],
  ])("keep versions by number: %j", (kept, versions) => {
    const releases = ["1.9.0", "1.9.0-rc.2", "1.10.0", "1.9.1"].map((version) => ({ name: "a", version, urls: [] }));
    const index = JSON.stringify({ apiVersion: "v1", entries: { a: releases } });
    expect(chartsOf(index, kept)[0]?.releases.map(({ version }) => version)).toEqual(versions);
  });
});

describe("a bearer token", () => {
  let realm: TokenIssuer;
  let other: TokenIssuer;
  let issuer: Issuer;
  const claims = { aud: ["account", "onyxia"], azp: "onyxia", preferred_username: "ada" };
  const now = () => Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    [realm, other] = await Promise.all([TokenIssuer.start(), TokenIssuer.start()]);
    realm.open();
    issuer = await discover(realm.url, []);
  });
  afterAll(async () => {
    await Promise.all([realm.stop(), other.stop()]);
  });

  it("opens the API", async () => {
    expect(await verifiedClaims(realm.token(claims), issuer, "onyxia")).toMatchObject(claims);
  });

  const bad: Record<string, () => string> = {
    "of another realm": () => other.token({ ...claims, iss: realm.url }),
    "that names another issuer": () => realm.token({ ...claims, iss: other.url }),
    "for another client": () => realm.token({ ...claims, aud: "onyxia-minio" }),
    "without an audience": () => realm.token({ ...claims, aud: undefined }),
    "that has expired": () => realm.token({ ...claims, exp: now() - 120 }),
    "that is not valid yet": () => realm.token({ ...claims, nbf: now() + 120 }),
    "whose content was changed": () => {
      const [header, , signature] = realm.token(claims).split(".");
      return [header, realm.token({ ...claims, preferred_username: "eve" }).split(".")[1], signature].join(".");
    },
    "that its bearer signed": () => realm.forgedToken(claims, "first", ""),
    "without a signature": () => realm.unsignedToken(claims),
    "that is no token": () => "token",
    "whose parts are no JSON": () => "a.b.c",
  };
  it.each(Object.keys(bad))("is refused: one %s", async (which) => {
    await expect(verifiedClaims(bad[which]!(), issuer, "onyxia")).rejects.toThrow(InvalidToken);
  });
});

describe("a user", () => {
  const [region] = readRegions(environment["regions"], true);
  const { oidc } = readProperties(environment);
  const projects = (claims: Tree) => projectsOf(userOf(claims, oidc), region).map(({ id }) => id);

  it("has a personal project and one for each group with a name that fits", () => {
    const claims = { preferred_username: "ada", projects: ["data", "/path", "Team"], groups: ["others"] };
    expect(projects(claims)).toEqual(["user-ada", "project-data"]);
  });

  it.each(["Jean.Dupont", "a@b", "ends-", undefined])("has no project as %s", (name) => {
    expect(projects({ preferred_username: name })).toEqual([]);
  });

  it("gets the namespace that the region asks for", () => {
    const user = userOf({ preferred_username: "ada" }, oidc);
    const [project] = projectsOf(user, region);
    const { namespace, binding, quota } = workspaceOf(region, user, project!, 17);
    const { services } = regionOf(regionInputs());
    expect(namespace.metadata).toEqual({
      name: "user-ada",
      labels: { onyxia_owner: "ada", ...services.namespaceLabels },
      annotations: { onyxia_last_login_timestamp: "17" },
    });
    expect(binding["subjects"]).toEqual([{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "oidc-ada" }]);
    expect(quota?.["spec"]).toEqual({ hard: services.quotas.user });
  });
});

describe("schema overrides", () => {
  it("are found as files, not behind links, and must be JSON", () => {
    const schemas = join(folder, "schemas");
    mkdirSync(join(schemas, "ide"), { recursive: true });
    writeFileSync(join(schemas, "ide/role.json"), '{"title":"Role"}');
    symlinkSync(join(schemas, "ide/role.json"), join(schemas, "link.json"));
    expect([...readSchemas(schemas).keys()]).toEqual(["ide/role.json"]);
    writeFileSync(join(schemas, "broken.json"), "{");
    refused("schemas", "broken.json", () => readSchemas(schemas));
    expect(readSchemas(join(folder, "missing")).size).toBe(0);
  });
});

describe("the web image's page", () => {
  it("gets the environment, whatever is in it, and nothing that it does not know", () => {
    const values = { ...webEnvironment(settings), HEADER_TEXT_FOCUS: "</script>$&é", HOME: "/tmp" };
    const page = withEnvironment('<title>%TAB_TITLE%</title><script id="environment">%ENVIRONMENT%</script>', values);
    const json = /<script id="environment">([^<]*)<\/script>$/.exec(page)?.[1] ?? "";
    const read = JSON.parse(Buffer.from(json, "base64").toString()) as Tree;
    expect(read).toMatchObject({ HEADER_TEXT_FOCUS: "</script>$&é", ONYXIA_API_URL: "/api" });
    expect(read).not.toHaveProperty("HOME");
    expect(page).toContain("<title>Datalab</title>");
  });

  it("replaces what an earlier start has left", () => {
    const html = join(folder, "html");
    mkdirSync(html);
    writeFileSync(join(html, "old.html"), "old");
    layOut(html, {});
    expect(() => {
      layOut(html, {});
    }).not.toThrow();
    const names = ["app.ts", "index.html"].map((name) => join(html, name));
    expect(names.every((name) => readFile(name) !== "")).toBe(true);
    expect(readFile(join(html, "oidc.ts"))).not.toContain("interface ");
    expect(() => readFile(join(html, "old.html"))).toThrow();
  });

  it("lets the silent login's frame be below its own domain", () => {
    expect(contentSecurityPolicy("datalab.example.test:8443")).toBe(
      "frame-src https://*.example.test https://*.example.test:* https://example.test https://example.test:*; frame-ancestors 'self'; worker-src 'self'; object-src 'none'",
    );
  });
});

describe("the portal's page", () => {
  it("does not open where a project's namespace is refused, and tells so", async () => {
    // What the modules use of a browser.
    const pageElement = () => ({ dataset: {} as Record<string, string>, textContent: "", append: jest.fn() });
    const message = pageElement();
    const page = { getElementById: () => message, createElement: pageElement };
    Object.assign(globalThis, { document: page, window: {} });
    const { onboard } = await import("../../testbed/stand-ins/onyxia-web/pages/onboarding.ts");
    const { Failure } = await import("../../testbed/stand-ins/onyxia-web/pages/failure.ts");
    const projects = ["user-ada", "project-data", "project-more"].map((id) => ({ id, namespace: id }));
    const asked: string[] = [];
    const api = {
      onboard: (region: string, { id }: { readonly id: string }) => {
        asked.push(`${region} ${id}`);
        const refused = new Failure("onboarding", 403, "", "Onboarding is disabled");
        return id === "project-data" ? Promise.reject(refused) : Promise.resolve();
      },
    };
    await expect(onboard(api, "kub", projects)).rejects.toMatchObject({ step: "onboarding", status: 403 });
    expect(asked).toEqual(["kub user-ada", "kub project-data"]);
    expect(message.dataset).toMatchObject({ step: "onboarding", outcome: "refused", status: "403" });
  });
});

describe("the portal's steps", () => {
  const { S3 } = regionOf(regionInputs()).data;

  it("log in to the storage with a client of its own", () => {
    const portal = { issuerURI: access.issuerUrl, clientID: "onyxia", scope: "openid profile" };
    expect(storageLogin(portal, S3.sts)).toEqual({ ...portal, clientID: "onyxia-minio" });
  });

  it("find the own bucket by the bookmark", () => {
    expect(bookmarkedPlaces(S3.bookmarks, { preferred_username: "ada" }).map(placeOf)).toEqual([
      { bucket: "user-ada", prefix: "" },
    ]);
    expect(placeOf("s3://shared/home/user-ada/")).toEqual({ bucket: "shared", prefix: "home/user-ada/" });
    expect(bookmarkedPlaces(S3.bookmarks, {})).toEqual([]);
    const groups = { s3Uri: "s3://project-$1/", claimName: "groups", includedClaimPattern: "^(.+)_data$" };
    const places = bookmarkedPlaces([{ ...groups, excludedClaimPattern: "^x" }], { groups: ["a_data", "b", "x_data"] });
    expect(places).toEqual(["s3://project-a/"]);
  });

  it("sign requests as AWS's own example has it", async () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "GET Bucket (List Objects)"
    const { authorization } = await signedHeaders(
      {
        method: "GET",
        url: new URL("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J"),
        payload: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      },
      {
        accessKeyId: "AKIAIOSFODNN7EXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        sessionToken: "",
      },
      "us-east-1",
      new Date("2013-05-24T00:00:00Z"),
    );
    expect(authorization).toContain("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  });

  it("read the store's answers", () => {
    const xml =
      '<R xmlns="a"><Contents><Key>a &amp; b&#34;</Key></Contents><Contents><Key>&lt;c&gt;</Key></Contents></R>';
    expect(elements(xml, "Contents").map((entry) => textOf(entry, "Key"))).toEqual(['a & b"', "<c>"]);
    expect(textOf(xml, "Code")).toBe("");
  });
});

function refused(hop: string, reason: string, action: () => unknown): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Refusal);
  expect((thrown as Refusal).message).toMatch(new RegExp(`^${hop}: .*${escaped(reason)}`));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function readFile(path: string): string {
  return readFileSync(path, "utf8");
}
