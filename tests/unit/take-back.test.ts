import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "@jest/globals";

import { awsObstacles, clusterObstacles, stateObstacles, unsupported } from "../../commands/take-back/obstacles.ts";
import { belongTogether, canBeMade, madeOf, secret } from "../../commands/take-back/outputs.ts";
import { foundIn, type LiveSecret } from "../../commands/take-back/secrets.ts";
import { stateResources } from "../../commands/take-back/state.ts";
import type { Step } from "../../commands/flip/engine-events.ts";
import { ownerLabel, ownerOf } from "../../components/kubernetes/owner.ts";
import type { KeptValue } from "../../components/kept-value.ts";
import { wildcard, wildcardKey } from "../support/certificates.ts";
import { stackSettings } from "../support/stack-file.ts";

const owner = ownerOf("home", "lab");
const password = "random:index/randomPassword:RandomPassword";

const database: KeptValue = {
  resource: "database-password",
  entry: { namespace: "datalab-identity", name: "keycloak-database", key: "password" },
  irreplaceable: true,
};
const key = { namespace: "cert-manager", name: "ca", key: "tls.key" };
const certificate: KeptValue = {
  resource: "ca-certificate",
  entry: { ...key, key: "tls.crt" },
  irreplaceable: false,
  inputs: { privateKeyPem: key },
};

function liveSecret(name: string, data: Record<string, string>, label: string | undefined = owner.label): LiveSecret {
  const namespace = name === "ca" ? "cert-manager" : "datalab-identity";
  return {
    metadata: { namespace, name, labels: label === "" ? {} : { [ownerLabel]: label } },
    data: Object.fromEntries(Object.entries(data).map(([entry, value]) => [entry, btoa(value)])),
  };
}

function step(type: string, name: string, more: Partial<Step> = {}): Step {
  const urn = `urn:pulumi:home::datalab::${type}::${name}`;
  const empty = { op: "create", oldUrn: undefined, protected: false, changed: [], oldInputs: {}, newInputs: {} };
  return { ...empty, urn, type, custom: !type.startsWith("datalab:"), parent: undefined, ...more };
}

describe("the Secrets of a cluster", () => {
  it("give back what is this stack's own", () => {
    const { values, missing, foreign } = foundIn(
      [liveSecret("keycloak-database", { password: "s3cret" })],
      [database],
      owner,
    );
    expect([[...values], missing, foreign]).toEqual([
      [["datalab-identity/keycloak-database password", "s3cret"]],
      [],
      [],
    ]);
  });

  it("give nothing of another stack's, nor of nobody's, and say so", () => {
    for (const label of ["other.lab", ""]) {
      const found = foundIn([liveSecret("keycloak-database", { password: "theirs" }, label)], [database], owner);
      expect([found.values.size, found.missing, found.foreign]).toEqual([
        0,
        [database],
        ["datalab-identity/keycloak-database"],
      ]);
    }
  });

  it("miss a certificate whose key has gone", () => {
    const found = foundIn([liveSecret("ca", { "tls.crt": "c" })], [certificate], owner);
    expect(found.missing).toEqual([certificate]);
  });
});

describe("the state that is written", () => {
  const provider = { version: "4.21.2" };
  const steps = [
    step("pulumi:pulumi:Stack", "datalab-home", { custom: false }),
    step("datalab:portal:Onyxia", "portal"),
    step("datalab:database:PostgresDatabase", "database", {
      parent: "urn:pulumi:home::datalab::pulumi:pulumi:Stack::datalab-home",
    }),
    step("pulumi:providers:random", "default_4_21_2", { newInputs: provider }),
    step(password, "database-password", {
      parent: "urn:pulumi:home::datalab::datalab:database:PostgresDatabase::database",
      newInputs: { length: 32, special: false },
    }),
    step(password, "new-password"),
    step("kubernetes:core/v1:Secret", "database-secret"),
  ];

  it("holds the values with their parents and their provider, and leaves the rest to up", () => {
    const values = new Map([["datalab-identity/keycloak-database password", "s3cret"]]);
    const resources = stateResources(steps, [database], values, () => "id-of-provider");
    expect(resources.map(({ urn }) => urn.split("::").at(-1))).toEqual([
      "datalab-home",
      "database",
      "default_4_21_2",
      "database-password",
    ]);
    expect(resources.at(-1)).toEqual({
      urn: `urn:pulumi:home::datalab::${password}::database-password`,
      type: password,
      custom: true,
      id: "none",
      parent: "urn:pulumi:home::datalab::datalab:database:PostgresDatabase::database",
      provider: "urn:pulumi:home::datalab::pulumi:providers:random::default_4_21_2::id-of-provider",
      inputs: { length: 32, special: false },
      outputs: { length: 32, special: false, id: "none", result: secret("s3cret") },
    });
    expect(resources[2]).toMatchObject({ id: "id-of-provider", inputs: provider, outputs: provider });
  });

  it("holds an authority as its provider knows it", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = String(privateKey.export({ type: "sec1", format: "pem" }));
    const made = madeOf("tls:index/privateKey:PrivateKey", pem, { algorithm: "ECDSA", ecdsaCurve: "P256" });
    expect(made.id).toMatch(/^[0-9a-f]{40}$/);
    expect(made.outputs).toMatchObject({ algorithm: "ECDSA", rsaBits: 2048, privateKeyPem: secret(pem) });
    expect(made.outputs["publicKeyPem"]).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    const inputs = { isCaCertificate: true, privateKeyPem: secret(wildcardKey) };
    const self = madeOf("tls:index/selfSignedCert:SelfSignedCert", wildcard, inputs);
    expect(self.id).toMatch(/^[1-9]\d+$/);
    expect(self.outputs).toMatchObject({
      ...inputs,
      certPem: wildcard,
      setAuthorityKeyId: false,
      readyForRenewal: false,
    });
    expect(Date.parse(String(self.outputs["validityEndTime"]))).toBeGreaterThan(
      Date.parse(String(self.outputs["validityStartTime"])),
    );
    expect(belongTogether(wildcard, wildcardKey)).toBe(true);
    expect(belongTogether(wildcard, pem)).toBe(false);
  });

  it("makes nothing of a type that no value tells", () => {
    expect(canBeMade("random:index/randomId:RandomId")).toBe(false);
    expect(() => madeOf("random:index/randomId:RandomId", "a", {})).toThrow("no value makes");
  });
});

describe("what stands in the way", () => {
  const evidence = { owner, values: new Map(), taken: [database], missing: [], foreign: [] };

  it("is nothing where the Secrets are there", () => {
    expect(clusterObstacles("home", evidence)).toEqual([]);
  });

  it("is a cluster or parts that lie on AWS", () => {
    const eks = { cluster: { kind: "eks" } } as Parameters<typeof unsupported>[0];
    expect(unsupported(eks)).toHaveLength(1);
    expect(unsupported(stackSettings("dev"))).toEqual([]);
    expect(awsObstacles([step("aws:route53/zone:Zone", "zone")])[0]?.message).toContain("Zone zone");
    expect(awsObstacles([step("kubernetes:core/v1:Secret", "s"), step("pulumi:providers:aws", "aws")])).toEqual([]);
  });

  it("is a stack that is not there, or that knows its resources", () => {
    expect(stateObstacles("home", false)[0]?.cures).toEqual(["pulumi stack init home"]);
    const resource = { urn: "a::b::c::secret", type: "kubernetes:core/v1:Secret", custom: true };
    const provider = { ...resource, type: "pulumi:providers:kubernetes" };
    expect(stateObstacles("home", true, [provider, { ...resource, custom: false }])).toEqual([]);
    expect(stateObstacles("home", true, [resource])[0]?.message).toContain("knows a resource, secret among them");
  });

  it("is another owner, no Secret at all, and one that opens a volume and is gone", () => {
    const message = (changed: Partial<typeof evidence>) =>
      clusterObstacles("home", { ...evidence, ...changed }).map((obstacle) => obstacle.message);
    expect(message({ foreign: ["a/b"] as never })).toEqual([expect.stringContaining("a/b: not marked")]);
    expect(message({ taken: [] })).toEqual([expect.stringContaining("nothing to take back")]);
    const missing = [database, certificate] as never;
    expect(message({ missing })).toEqual([
      "Secret datalab-identity/keycloak-database has no password, and what is there opens to that alone.",
    ]);
  });

  it("is a certificate beside another one's key", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = String(privateKey.export({ type: "sec1", format: "pem" }));
    const values = (pem: string) =>
      new Map([
        ["cert-manager/ca tls.crt", wildcard],
        ["cert-manager/ca tls.key", pem],
      ]);
    const taken = [certificate];
    expect(clusterObstacles("home", { ...evidence, taken, values: values(wildcardKey) })).toEqual([]);
    expect(clusterObstacles("home", { ...evidence, taken, values: values(other) })).toHaveLength(1);
  });
});
