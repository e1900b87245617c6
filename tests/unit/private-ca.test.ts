import { describe, expect, it } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";

import { existingIssuer } from "../../components/certificates/existing-issuer.ts";
import { PrivateCa } from "../../components/certificates/private-ca.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";

function build(protectData = false) {
  return runGraph(() => new PrivateCa("private-ca", { namespace: "pki", domain: "d.test", protectData }));
}

/** Value of an output, in a program that has ended. */
function valueOf<T>(output: pulumi.Output<T> | undefined): Promise<T> {
  return new Promise((done) => output?.apply(done));
}

describe("PrivateCa", () => {
  it("is a key, its certificate, a Secret and an issuer that waits until it is ready", async () => {
    const graph = await build();
    expect(summary(graph)).toEqual([
      "datalab:certificates:PrivateCa private-ca",
      "tls:index/privateKey:PrivateKey private-ca-key",
      "tls:index/selfSignedCert:SelfSignedCert private-ca-certificate",
      "kubernetes:core/v1:Secret private-ca-secret",
      "kubernetes:cert-manager.io/v1:ClusterIssuer private-ca-issuer",
    ]);
    expect(graph.resources.slice(1).map(({ parent }) => parent)).toEqual(Array(4).fill("private-ca"));
    const issuer = find(graph, "kubernetes:cert-manager.io/v1:ClusterIssuer", "private-ca-issuer");
    expect(issuer.inputs).toMatchObject({
      metadata: { name: "datalab-ca", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: { ca: { secretName: "datalab-ca" } },
    });
    expect(issuer.dependencies).toEqual(["private-ca-secret"]);
  });

  it("fits together, and is marked as the platform's", async () => {
    expect(looseEnds(await build())).toEqual([]);
  });

  it("is an authority for ten years, on P-256", async () => {
    const graph = await build();
    expect(find(graph, "tls:index/privateKey:PrivateKey", "private-ca-key").inputs).toMatchObject({
      algorithm: "ECDSA",
      ecdsaCurve: "P256",
    });
    expect(find(graph, "tls:index/selfSignedCert:SelfSignedCert", "private-ca-certificate").inputs).toMatchObject({
      isCaCertificate: true,
      validityPeriodHours: 87600,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      subject: { commonName: "datalab CA of d.test" },
    });
  });

  it("keeps the key in one Secret, where issuers find it", async () => {
    const graph = await build();
    const secret = find(graph, "kubernetes:core/v1:Secret", "private-ca-secret");
    expect(secret.inputs).toMatchObject({
      metadata: { name: "datalab-ca", namespace: "pki" },
      type: "kubernetes.io/tls",
      stringData: {
        "tls.crt": "certificate-of-private-ca-certificate",
        "tls.key": `${secretMarker}-private-ca-key`,
      },
    });
    const inClear = graph.resources.filter(({ serialized }) => serialized.includes(secretMarker));
    expect(inClear.map(({ name }) => name)).toEqual([]);
  });

  it.each([true, false])("protects what nobody could make again: %s", async (protectData) => {
    const graph = await build(protectData);
    expect(graph.resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual(
      protectData ? ["private-ca-key", "private-ca-certificate", "private-ca-secret"] : [],
    );
  });

  it("is what others need to be issued and to trust", async () => {
    const { result } = await build();
    expect(result.issuerName).toBe("datalab-ca");
    expect(await valueOf(result.caBundle)).toBe("certificate-of-private-ca-certificate");
  });
});

describe("existingIssuer", () => {
  it("passes on the name and the authority, and creates nothing", async () => {
    const graph = await runGraph(() => existingIssuer({ issuerName: "inner", caBundle: "PEM" }));
    expect(graph.resources).toEqual([]);
    expect(graph.result.issuerName).toBe("inner");
    expect(await valueOf(graph.result.caBundle)).toBe("PEM");
  });

  it("has no authority where a public one issues", () => {
    expect(existingIssuer({ issuerName: "public" }).caBundle).toBeUndefined();
  });
});
