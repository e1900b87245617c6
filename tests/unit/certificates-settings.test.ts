import { describe, expect, it } from "@jest/globals";

import { hostsNotCovered } from "../../components/certificates/pem.ts";
import { certificatesSettings } from "../../components/certificates/settings.ts";
import { authority, otherKey, wildcard, wildcardKey } from "../support/certificates.ts";

/** Paths of what is wrong. */
function problems(settings: unknown): string[] {
  const result = certificatesSettings.safeParse(settings);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join("."));
}

describe("datalab:certificates", () => {
  it("is a private authority of the platform's own cert-manager in one word", () => {
    expect(certificatesSettings.parse({ issuer: "privateCa" })).toMatchObject({
      issuer: "privateCa",
      certManager: { install: true, chart: {}, resources: { cainjector: { memory: "256Mi" } } },
    });
  });

  it.each([
    ["a mirror", { issuer: "privateCa", certManager: { chart: { mirror: "oci://r.example.org/charts" } } }],
    ["a cert-manager that is there", { issuer: "privateCa", certManager: { install: false, namespace: "pki" } }],
    ["an issuer that is there", { issuer: "existing", issuerName: "public" }],
    ["a private issuer that is there", { issuer: "existing", issuerName: "inner", caBundle: authority }],
    ["two authorities", { issuer: "existing", issuerName: "inner", caBundle: authority + authority }],
    ["a certificate", { issuer: "provided", certificate: wildcard, privateKey: wildcardKey }],
    [
      "a chain",
      { issuer: "provided", certificate: wildcard + authority, privateKey: wildcardKey, caBundle: authority },
    ],
  ])("takes %s", (_, settings) => {
    expect(problems(settings)).toEqual([]);
  });

  it.each([
    ["no issuer", {}, ["issuer"]],
    ["another issuer", { issuer: "acme" }, ["issuer"]],
    ["an issuer without its name", { issuer: "existing" }, ["issuerName"]],
    [
      "a chart for a cert-manager that is there",
      { issuer: "privateCa", certManager: { install: false, chart: {} } },
      ["certManager"],
    ],
    ["a file name for an authority", { issuer: "existing", issuerName: "a", caBundle: "ca.crt" }, ["caBundle"]],
    [
      "a server's certificate for an authority",
      { issuer: "existing", issuerName: "a", caBundle: wildcard },
      ["caBundle"],
    ],
    [
      "one authority and one server",
      { issuer: "existing", issuerName: "a", caBundle: authority + wildcard },
      ["caBundle"],
    ],
    [
      "a key for a certificate",
      { issuer: "provided", certificate: wildcardKey, privateKey: wildcardKey },
      ["certificate"],
    ],
    [
      "the key of another certificate",
      { issuer: "provided", certificate: wildcard, privateKey: otherKey },
      ["privateKey"],
    ],
    ["a key that is none", { issuer: "provided", certificate: wildcard, privateKey: "secret" }, ["privateKey"]],
  ])("refuses %s", (_, settings, paths) => {
    expect(problems(settings)).toEqual(paths);
  });

  it("never repeats a key in a message", () => {
    const { error } = certificatesSettings.safeParse({
      issuer: "provided",
      certificate: wildcard,
      privateKey: otherKey,
    });
    expect(JSON.stringify(error?.issues)).not.toContain(otherKey.split("\n")[1]);
  });
});

describe("hostsNotCovered", () => {
  it("knows wildcards, one label deep, and does not look at the common name", () => {
    const hosts = ["auth.d.test", "any.lab.d.test", "d.test", "a.b.lab.d.test", "anything.other.test"];
    expect(hostsNotCovered(wildcard, hosts)).toEqual(["d.test", "a.b.lab.d.test", "anything.other.test"]);
  });
});
