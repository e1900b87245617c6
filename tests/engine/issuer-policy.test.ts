/** Whom the platform's own issuer vouches for, on a real API server. cert-manager itself: tests/engine/platform.test.ts. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { issuerPolicy, issuerPolicyName } from "../../components/certificates/issuer-policy.ts";
import { enforced } from "../../components/workspaces/policy.ts";
import { AdmissionBench } from "../support/admission-bench.ts";

jest.setTimeout(60_000);

const issuerName = "datalab-ca";
const own = "datalab-ingress";
const workspace = "user-mallory";
const apiVersion = "cert-manager.io/v1";
const kinds = { Certificate: "certificates", CertificateRequest: "certificaterequests" } as const;
type Kind = keyof typeof kinds;

let bench: AdmissionBench;

beforeAll(async () => {
  bench = await AdmissionBench.start();
  for (const name of [own, workspace]) bench.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const kind of Object.keys(kinds) as Kind[]) bench.apply(definition(kind));
  for (const kind of Object.values(kinds)) {
    const { status, stderr } = bench.run(["wait", "--for=condition=Established", `crd/${kind}.cert-manager.io`]);
    if (status !== 0) throw new Error(stderr);
  }
  // Somebody with rights over certificates, not over issuers.
  const metadata = { name: "team" };
  const rbac = { apiGroup: "rbac.authorization.k8s.io" };
  const rules = [{ apiGroups: ["cert-manager.io"], resources: ["*"], verbs: ["create"] }];
  bench.apply({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules });
  bench.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { ...rbac, kind: "ClusterRole", name: "team" },
    subjects: [{ ...rbac, kind: "User", name: "team" }],
  });
  const args = { issuerName, namespace: own, domains: ["example.org", "lab.example.net"] };
  bench.apply({ ...kindOf("ValidatingAdmissionPolicy"), ...issuerPolicy(args) });
  bench.apply({ ...kindOf("ValidatingAdmissionPolicyBinding"), ...enforced(issuerPolicyName) });
  // Its own words: a right that is not there yet refuses too.
  await bench.inForce(() => verdict("Certificate", workspace, wildcard).includes(issuerPolicyName));
}, 300_000);

afterAll(async () => {
  await bench.stop();
}, 60_000);

const wildcard = { dnsNames: ["*.example.org"] };
const request = { request: "YmxvYg==" };

describe("the platform's own issuer", () => {
  it.each<[string, Kind, object]>([
    ["the platform's wildcards", "Certificate", wildcard],
    ["the services' wildcard, below another domain", "Certificate", { dnsNames: ["*.lab.example.net"] }],
    ["the domain itself", "Certificate", { dnsNames: ["example.org", "auth.example.org"] }],
    ["what cert-manager asks for in between", "CertificateRequest", { ...request, isCA: false }],
  ])("issues %s, in its own namespace", (_, kind, spec) => {
    expect(verdict(kind, own, spec)).toBe("admitted");
  });

  it.each<[string, Kind, string, object, string]>([
    [
      "a workspace's certificate for Keycloak's host",
      "Certificate",
      workspace,
      { dnsNames: ["auth.example.org"] },
      "alone",
    ],
    ["a workspace's request", "CertificateRequest", workspace, request, "alone"],
    ["an authority of one's own", "Certificate", own, { ...wildcard, isCA: true }, "no authorities"],
    ["a request for an authority", "CertificateRequest", own, { ...request, isCA: true }, "no authorities"],
    ["a foreign name", "Certificate", own, { dnsNames: ["*.example.org", "github.com"] }, "below"],
    ["a name that only ends alike", "Certificate", own, { dnsNames: ["notexample.org"] }, "below"],
    ["no name", "Certificate", own, {}, "below"],
    ["a foreign name beside its own", "Certificate", own, { ...wildcard, commonName: "github.com" }, "dnsNames alone"],
    ["an address", "Certificate", own, { ...wildcard, ipAddresses: ["192.0.2.1"] }, "dnsNames alone"],
  ])("refuses %s", (_, kind, namespace, spec, reason) => {
    expect(verdict(kind, namespace, spec)).toContain(reason);
  });
});

it.each<[string, object]>([
  ["another ClusterIssuer", { issuerRef: { name: "other", kind: "ClusterIssuer" } }],
  ["a namespace's own issuer of the same name", { issuerRef: { name: issuerName } }],
])("has no say over %s", (_, issuer) => {
  expect(verdict("Certificate", workspace, { dnsNames: ["github.com"], isCA: true, ...issuer })).toBe("admitted");
});

/** What the API server says to an object that names the platform's issuer. */
function verdict(kind: Kind, namespace: string, spec: object): string {
  const issuerRef = { name: issuerName, kind: "ClusterIssuer", group: "cert-manager.io" };
  const object = { apiVersion, kind, metadata: { name: "a", namespace }, spec: { issuerRef, ...spec } };
  const { status, stderr } = bench.run(["create", "--dry-run=server", "-f", "-", "--as=team"], object);
  return status === 0 ? "admitted" : stderr;
}

/** As much of cert-manager's definition as a policy looks at. */
function definition(kind: Kind): object {
  const plural = kinds[kind];
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.cert-manager.io` },
    spec: {
      group: "cert-manager.io",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

function kindOf(kind: string): { apiVersion: string; kind: string } {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind };
}
