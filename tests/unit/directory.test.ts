import { beforeAll, describe, expect, it } from "@jest/globals";

import { nameRules } from "../../components/access/names.ts";
import { directoryFactsOf } from "../../components/directory/directory-facts.ts";
import { OpenLdap } from "../../components/directory/open-ldap.ts";
import { directorySettings, existingDirectorySettings, openLdapSettings } from "../../components/directory/settings.ts";
import { federationOf } from "../../components/identity/federation.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, type Graph, type Registration, runGraph } from "../support/graph.ts";
import { stackFile } from "../support/stack-file.ts";

const settings = openLdapSettings.parse({ kind: "openldap" });

const elsewhere = {
  kind: "existing",
  url: "ldaps://ldap.example.org:3269",
  baseDn: "dc=example,dc=org",
  usersDn: "ou=people,dc=example,dc=org",
  bindDn: "cn=lab,dc=example,dc=org",
  bindPassword: "s3cret",
};

const messages = (given: object) =>
  directorySettings
    .safeParse({ ...elsewhere, ...given })
    .error?.issues.map(({ path, message }) => [path.join("."), message]) ?? [];

const outline = ({ type, name, parent, dependencies }: Registration) =>
  `${type.split(":").at(-1) ?? ""} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;

let graph: Graph<OpenLdap>;

beforeAll(async () => {
  graph = await runGraph(
    () =>
      new OpenLdap("directory", {
        domain: "example.org",
        username: nameRules(false).username,
        groups: ["team"],
        passwordLength: 14,
        clients: [{ namespace: "datalab-identity", workload: "keycloak" }],
        settings,
        protectData: true,
      }),
  );
});

const inputsOf = (type: string, name: string) => find(graph, `kubernetes:${type}`, name).inputs;

describe("OpenLdap", () => {
  it("is these objects, and fills the server when it is there", () => {
    const all = graph.resources.map(outline);
    expect(all).toContainEqual(expect.stringMatching(/^Job directory-seed < directory \| .*directory-stateful-set/));
    expect(all).toContainEqual(expect.stringMatching(/^StatefulSet directory-stateful-set .*directory-network-policy/));
    expect(graph.resources.map(({ name }) => name).toSorted()).toMatchInlineSnapshot(`
      [
        "directory",
        "directory-accounts-secret",
        "directory-certificate",
        "directory-certificate-secret",
        "directory-configuration",
        "directory-deny-all",
        "directory-key",
        "directory-keycloak-password",
        "directory-namespace",
        "directory-network-policy",
        "directory-reader-password",
        "directory-root-password",
        "directory-seed",
        "directory-seed-files",
        "directory-seed-network-policy",
        "directory-seed-service-account",
        "directory-service",
        "directory-service-account",
        "directory-stateful-set",
      ]
    `);
  });

  it("lets in Keycloak and its own Job, and calls nobody", () => {
    const { ingress, egress } = inputsOf("networking.k8s.io/v1:NetworkPolicy", "directory-network-policy")[
      "spec"
    ] as Record<string, unknown>;
    const pods = (namespace: string, name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "datalab" } },
    });
    expect(egress).toEqual([]);
    expect(ingress).toEqual([
      {
        from: [pods("datalab-directory", "directory-seed"), pods("datalab-identity", "keycloak")],
        ports: [{ port: 1636, protocol: "TCP" }],
      },
    ]);
  });

  it("keeps passwords out of its configuration", () => {
    const texts = ["directory-configuration", "directory-seed-files"].map((name) =>
      JSON.stringify(inputsOf("core/v1:ConfigMap", name)),
    );
    expect(texts[0]).toContain("include /directory/secrets/root-password.conf");
    expect(texts[1]).toContain("pwdMinLength: 14");
    expect(texts[1]).toContain("cn=team,ou=groups,dc=example,dc=org");
    for (const text of texts) expect(text).not.toMatch(/rootpw |userPassword: /);
  });
});

describe("a directory that is there", () => {
  it("is refused where it is not encrypted, or where entries lie elsewhere", () => {
    expect(messages({})).toEqual([]);
    expect(messages({ url: "ldap://ldap.example.org" })).toEqual([["url", expect.stringContaining("ldaps://")]]);
    expect(messages({ usersDn: "ou=people,dc=example,dc=com" })).toEqual([
      ["usersDn", "does not lie below baseDn: dc=example,dc=org"],
    ]);
    expect(messages({ userFilter: "uid=*" })).toEqual([["userFilter", expect.stringContaining("in parentheses")]]);
    expect(messages({ bindDn: "${env}=a" })).toEqual([["bindDn", expect.stringContaining("distinguished name")]]);
  });

  it("is only read, unless it is asked for, and called by its vendor's names", () => {
    const federation = (given: object) =>
      federationOf(directoryFactsOf(existingDirectorySettings.parse({ ...elsewhere, ...given }), "example.org"));
    const config = (given: object) => federation(given).provider.config;
    expect(config({})).toMatchObject({ editMode: ["READ_ONLY"], syncRegistrations: ["false"], pagination: ["true"] });
    expect(config({ editMode: "WRITABLE" })).toMatchObject({ editMode: ["WRITABLE"], syncRegistrations: ["true"] });
    expect(config({ vendor: "ad" })).toMatchObject({
      usernameLDAPAttribute: ["sAMAccountName"],
      uuidLDAPAttribute: ["objectGUID"],
      userObjectClasses: ["person, organizationalPerson, user"],
    });
    expect(federation({}).mappers.map(({ name }) => name)).not.toContain("groups");
    const groups = federation({ groupsDn: "ou=groups,dc=example,dc=org" }).mappers.find(
      ({ name }) => name === "groups",
    );
    expect(groups?.config).toMatchObject({ mode: ["READ_ONLY"], "groups.dn": ["ou=groups,dc=example,dc=org"] });
  });

  it("has the port of its address, or the usual one", () => {
    const port = (url: string) =>
      directoryFactsOf(existingDirectorySettings.parse({ ...elsewhere, url }), "example.org").port;
    expect(["", ":3269", ":443"].map((end) => port(`ldaps://ldap.example.org${end}`))).toEqual([636, 3269, 443]);
  });

  it("has its password as a secret of the stack file", () => {
    const { values, ...file } = stackFile("dev");
    expect(() => parseSettings({ ...file, values: { ...values, directory: elsewhere } })).toThrow(
      /directory\.bindPassword.*stands in clear/,
    );
  });
});
