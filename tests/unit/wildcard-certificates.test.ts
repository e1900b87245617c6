import { describe, expect, it } from "@jest/globals";

import {
  WildcardCertificates,
  type WildcardCertificatesArgs,
} from "../../components/certificates/wildcard-certificates.ts";
import { hostsOf } from "../../components/names.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";

function build(from: WildcardCertificatesArgs["from"]) {
  return runGraph(
    () => new WildcardCertificates("wildcards", { hosts: hostsOf({ domain: "d.test" }), namespace: "ingress", from }),
  );
}

const issued = { kind: "issuer", issuer: { issuerName: "inner" } } as const;
const provided = { kind: "provided", certificate: "PEM", privateKey: secretMarker } as const;

describe("WildcardCertificates", () => {
  it("asks the issuer for two certificates and waits for them", async () => {
    const graph = await build(issued);
    expect(summary(graph).toSorted()).toEqual([
      "datalab:certificates:WildcardCertificates wildcards",
      "kubernetes:cert-manager.io/v1:Certificate wildcards-platform-certificate",
      "kubernetes:cert-manager.io/v1:Certificate wildcards-services-certificate",
    ]);
    for (const [use, wildcard] of [
      ["platform", "*.d.test"],
      ["services", "*.lab.d.test"],
    ] as const) {
      const certificate = find(graph, "kubernetes:cert-manager.io/v1:Certificate", `wildcards-${use}-certificate`);
      expect(certificate.parent).toBe("wildcards");
      expect(certificate.inputs).toMatchObject({
        metadata: {
          name: `wildcard-${use}-tls`,
          namespace: "ingress",
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        },
        spec: {
          secretName: `wildcard-${use}-tls`,
          dnsNames: [wildcard],
          issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "inner" },
          privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        },
      });
    }
  });

  it("puts a certificate that a person brings into two Secrets, its key hidden", async () => {
    const graph = await build(provided);
    expect(summary(graph).toSorted()).toEqual([
      "datalab:certificates:WildcardCertificates wildcards",
      "kubernetes:core/v1:Secret wildcards-platform-secret",
      "kubernetes:core/v1:Secret wildcards-services-secret",
    ]);
    for (const { inputs, serialized } of graph.resources) {
      expect(serialized).not.toContain(secretMarker);
      if ("type" in inputs) {
        expect(inputs).toMatchObject({
          metadata: { namespace: "ingress" },
          type: "kubernetes.io/tls",
          stringData: { "tls.crt": "PEM", "tls.key": secretMarker },
        });
      }
    }
  });

  it("never gives both sources the same Secret: cert-manager would take it back during a change of the source", async () => {
    const names = async (from: WildcardCertificatesArgs["from"]) =>
      (await build(from)).resources.slice(1).map(({ inputs }) => (inputs["metadata"] as { name: string }).name);
    const all = [...(await names(issued)), ...(await names(provided))];
    expect(new Set(all).size).toBe(4);
  });
});
