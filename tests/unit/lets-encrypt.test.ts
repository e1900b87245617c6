import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";

import { acmePolicy } from "../../components/certificates/cert-manager-network.ts";
import { challengeNames, challengePolicy } from "../../components/certificates/challenge-policy.ts";
import { ChallengeRights } from "../../components/certificates/challenge-rights.ts";
import { LetsEncrypt } from "../../components/certificates/lets-encrypt.ts";
import { isAuthority } from "../../components/certificates/pem.ts";
import { certificatesSettings } from "../../components/certificates/settings.ts";
import { stagingRoots } from "../../components/certificates/staging-roots.ts";
import { WildcardCertificates } from "../../components/certificates/wildcard-certificates.ts";
import { hostsOf } from "../../components/names.ts";
import { find, runGraph, summary } from "../support/graph.ts";

const hosts = hostsOf({ domain: "d.test" });
const zoneId = "Z0123456789ABC";
const region = "eu-west-3";

type Environment = "staging" | "production";

function build(environment: Environment) {
  return runGraph(() => new LetsEncrypt("lets-encrypt", { environment, email: "ops@d.test", zoneId, region }));
}

function valueOf<T>(output: pulumi.Output<T> | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    if (output === undefined) resolve(undefined);
    else output.apply(resolve);
  });
}

describe("LetsEncrypt", () => {
  it("is one issuer, which proves the domain in its zone and is awaited", async () => {
    const graph = await build("staging");
    expect(summary(graph)).toEqual([
      "datalab:certificates:LetsEncrypt lets-encrypt",
      "kubernetes:cert-manager.io/v1:ClusterIssuer lets-encrypt-issuer",
    ]);
    const issuer = find(graph, "kubernetes:cert-manager.io/v1:ClusterIssuer", "lets-encrypt-issuer");
    expect(issuer.parent).toBe("lets-encrypt");
    expect(issuer.inputs).toMatchObject({
      metadata: { name: "letsencrypt-staging", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        acme: {
          server: "https://acme-staging-v02.api.letsencrypt.org/directory",
          email: "ops@d.test",
          solvers: [{ dns01: { route53: { region, hostedZoneID: zoneId } } }],
        },
      },
    });
  });

  it("proves a services' domain of its own in its own zone", async () => {
    const servicesZone = { domain: "e.test", id: "Z0SERVICES" };
    const args = { environment: "staging", email: "ops@d.test", zoneId, servicesZone, region } as const;
    const graph = await runGraph(() => new LetsEncrypt("lets-encrypt", args));
    const { inputs } = find(graph, "kubernetes:cert-manager.io/v1:ClusterIssuer", "lets-encrypt-issuer");
    expect(inputs).toMatchObject({
      spec: {
        acme: {
          solvers: [
            { dns01: { route53: { hostedZoneID: zoneId } } },
            { selector: { dnsZones: ["e.test"] }, dns01: { route53: { region, hostedZoneID: "Z0SERVICES" } } },
          ],
        },
      },
    });
  });

  it("shares neither server, nor account, nor name between its environments", async () => {
    const graphs = [await build("staging"), await build("production")];
    const issuers = graphs.map((graph) => {
      const { inputs } = find(graph, "kubernetes:cert-manager.io/v1:ClusterIssuer", "lets-encrypt-issuer");
      const { metadata, spec } = inputs as {
        metadata: { name: string };
        spec: { acme: { server: string; privateKeySecretRef: { name: string } } };
      };
      return [metadata.name, spec.acme.server, spec.acme.privateKeySecretRef.name];
    });
    expect(issuers[1]).toEqual([
      "letsencrypt-production",
      "https://acme-v02.api.letsencrypt.org/directory",
      "letsencrypt-production-account",
    ]);
    expect(new Set(issuers.flat()).size).toBe(6);
  });

  it("has certificates that pods must be told to trust in staging alone", async () => {
    const [staging, production] = [await build("staging"), await build("production")];
    expect(await valueOf(staging.result.caBundle)).toBe(stagingRoots);
    expect(production.result.caBundle).toBeUndefined();
  });

  it("has its certificates made again when the environment changes: they name the issuer", async () => {
    const issuersOf = async (environment: Environment) => {
      const { result: issuer } = await build(environment);
      const from = { kind: "issuer", issuer } as const;
      const graph = await runGraph(() => new WildcardCertificates("wildcards", { hosts, namespace: "ways-in", from }));
      const certificates = graph.resources.filter(({ type }) => type.endsWith(":Certificate"));
      return certificates.map(({ inputs }) => (inputs["spec"] as { issuerRef: { name: string } }).issuerRef.name);
    };
    expect(await issuersOf("staging")).toEqual(["letsencrypt-staging", "letsencrypt-staging"]);
    expect(await issuersOf("production")).toEqual(["letsencrypt-production", "letsencrypt-production"]);
  });
});

describe("the roots of the staging environment", () => {
  const pems = stagingRoots.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];

  // Fingerprints of the files that letsencrypt.org publishes.
  it.each([
    ["(STAGING) Pretend Pear X1", "E70570A989F8565AABDF7CAE27ABD1621872D6A3F811E3FEF27E3DBA02912198"],
    ["(STAGING) Bogus Broccoli X2", "9B2A339FE6A3E85585C4CD75536CB8C1CF7CD603B9A64BEC2521858AE48DA85D"],
    ["(STAGING) Yearning Yucca Root YE", "B59BFC0BA52DAF849853B7324A91E82F031DB3397F35644157352CDE6384B56C"],
    ["(STAGING) Yonder Yam Root YR", "EF115FB59E040FF39D15FD8F3EF54063C704321D83CB081213272F77D3091672"],
  ])("hold %s, signed by itself", (commonName, fingerprint) => {
    const roots = pems.map((pem) => new X509Certificate(pem));
    const root = roots.find(({ subject }) => subject.includes(`CN=${commonName}`));
    expect(root?.fingerprint256.replaceAll(":", "")).toBe(fingerprint);
    expect(root?.verify(root.publicKey)).toBe(true);
    expect(root?.ca).toBe(true);
  });

  it("hold nothing else", () => {
    expect(pems).toHaveLength(4);
    expect(pems.join("")).toBe(stagingRoots);
    expect(isAuthority(stagingRoots)).toBe(true);
  });
});

describe("ChallengeRights", () => {
  const build = (preview = false) =>
    runGraph(
      () =>
        new ChallengeRights("rights", {
          hosts,
          clusterName: "prod",
          accountId: "123456789012",
          region,
          zoneIds: [zoneId],
        }),
      { preview },
    );

  it("are a role of cert-manager's account in the cluster, there before its pods begin", async () => {
    const graph = await build();
    expect(summary(graph).toSorted()).toEqual([
      "aws:eks/podIdentityAssociation:PodIdentityAssociation rights-association",
      "aws:iam/role:Role rights-role",
      "aws:iam/rolePolicy:RolePolicy rights-role-policy",
      "datalab:certificates:ChallengeRights rights",
    ]);
    const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
    expect(find(graph, association, "rights-association")).toMatchObject({
      parent: "rights",
      inputs: { clusterName: "prod", namespace: "cert-manager", serviceAccount: "cert-manager" },
      // Neither nodes nor the zone: AWS heeds it some seconds later, and a pod that began before stays without.
      dependencies: ["rights-role"],
    });
    expect(find(graph, "aws:iam/rolePolicy:RolePolicy", "rights-role-policy")).toMatchObject({
      parent: "rights",
      inputs: { role: "rights-role-id" },
      dependencies: ["rights-role"],
    });
    const { inputs } = find(graph, "aws:iam/role:Role", "rights-role");
    expect(JSON.parse(String(inputs["assumeRolePolicy"]))).toMatchObject({
      Statement: [
        {
          Principal: { Service: "pods.eks.amazonaws.com" },
          Condition: {
            ArnEquals: { "aws:SourceArn": `arn:aws:eks:${region}:123456789012:cluster/prod` },
            StringEquals: {
              "aws:RequestTag/kubernetes-namespace": "cert-manager",
              "aws:RequestTag/kubernetes-service-account": "cert-manager",
            },
          },
        },
      ],
    });
  });

  it("are shown whole in the first preview, as long as the zone is there", async () => {
    const policy = (await build(true)).resources.find(({ name }) => name === "rights-role-policy");
    expect(JSON.parse(String(policy?.inputs["policy"]))).toEqual(challengePolicy(hosts, [zoneId]));
  });

  it("open the two challenges in the one zone, nothing on everything", () => {
    expect(challengeNames(hosts)).toEqual(["_acme-challenge.d.test", "_acme-challenge.lab.d.test"]);
    const zone = `arn:aws:route53:::hostedzone/${zoneId}`;
    expect(challengePolicy(hosts, [zoneId]).Statement).toEqual([
      {
        Sid: "ChangeChallenges",
        Effect: "Allow",
        Action: ["route53:ChangeResourceRecordSets"],
        Resource: [zone],
        Condition: {
          "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": challengeNames(hosts),
            "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
          },
        },
      },
      { Sid: "ReadRecords", Effect: "Allow", Action: ["route53:ListResourceRecordSets"], Resource: [zone] },
      { Sid: "AwaitChanges", Effect: "Allow", Action: ["route53:GetChange"], Resource: ["arn:aws:route53:::change/*"] },
    ]);
  });
});

describe("a services' domain in a zone of its own", () => {
  it("has its challenge there, and nothing else is opened", () => {
    const elsewhere = hostsOf({ domain: "d.test", servicesDomain: "e.test" });
    const zones = ["arn:aws:route53:::hostedzone/ZA", "arn:aws:route53:::hostedzone/ZB"];
    const names = ["_acme-challenge.d.test", "_acme-challenge.e.test"];
    expect(challengePolicy(elsewhere, ["ZA", "ZB"]).Statement).toMatchObject([
      {
        Resource: zones,
        Condition: {
          "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": names },
        },
      },
      { Resource: zones },
      {},
    ]);
  });
});

describe("the network of a cert-manager that talks to an ACME server", () => {
  it("opens HTTPS, and the agent that gives it its rights, for the controller alone", () => {
    expect(acmePolicy().spec).toEqual({
      podSelector: {
        matchLabels: { "app.kubernetes.io/instance": "cert-manager", "app.kubernetes.io/component": "controller" },
      },
      policyTypes: ["Egress"],
      egress: [
        { ports: [{ port: 443, protocol: "TCP" }] },
        { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80, protocol: "TCP" }] },
      ],
    });
  });
});

describe("datalab:certificates, letsencrypt", () => {
  const parse = (more: object) => certificatesSettings.safeParse({ issuer: "letsencrypt", ...more });

  it("is staging, with the platform's own cert-manager, unless it says otherwise", () => {
    expect(parse({ email: "ops@d.test" }).data).toMatchObject({
      environment: "staging",
      certManager: { install: true, chart: {} },
    });
  });

  it.each([
    [{}, "email"],
    [{ email: "ops" }, "email"],
    [{ email: "ops@d.test", environment: "live" }, "environment"],
    [{ email: "ops@d.test", certManager: { install: false } }, "certManager.install"],
    [{ email: "ops@d.test", caBundle: "PEM" }, ""],
  ])("refuses %j", (settings, path) => {
    expect(parse(settings).error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});
