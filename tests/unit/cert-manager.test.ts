import { describe, expect, it } from "@jest/globals";

import { certManagerChart } from "../../components/certificates/cert-manager-chart.ts";
import { apiClientsPolicy, webhookPolicy } from "../../components/certificates/cert-manager-network.ts";
import { CertManager } from "../../components/certificates/cert-manager.ts";
import { certificatesSettings, type InstalledCertManagerSettings } from "../../components/certificates/settings.ts";
import { images } from "../../components/versions.ts";
import { smallChart } from "../support/charts.ts";
import { find, runGraph, summary } from "../support/graph.ts";

const apiServer = { cidrs: ["10.0.0.0/16"], ports: [6443] };

function install(protectData = false) {
  return runGraph(() => new CertManager("cert-manager", { install: true, chart: smallChart, apiServer, protectData }));
}

function settings(certManager: Record<string, unknown> = {}): InstalledCertManagerSettings {
  const parsed = certificatesSettings.parse({ issuer: "privateCa", certManager });
  if (parsed.issuer !== "privateCa" || !parsed.certManager.install) throw new Error("not installed");
  return parsed.certManager;
}

describe("CertManager", () => {
  it("is a namespace that denies by default, its openings, then the chart", async () => {
    const graph = await install();
    expect(summary(graph).slice(0, 7).toSorted()).toEqual([
      "datalab:certificates:CertManager cert-manager",
      "datalab:charts:PinnedChart cert-manager-chart",
      "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition cert-manager-chart-CustomResourceDefinition-things.example.org",
      "kubernetes:core/v1:Namespace cert-manager-namespace",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy cert-manager-api-clients-network-policy",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy cert-manager-deny-all",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy cert-manager-webhook-network-policy",
    ]);
    const namespace = find(graph, "kubernetes:core/v1:Namespace", "cert-manager-namespace");
    expect(namespace.inputs).toMatchObject({
      metadata: { name: "cert-manager", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    for (const policy of graph.resources.filter(({ type }) => type.endsWith(":NetworkPolicy"))) {
      expect(policy.parent).toBe("cert-manager");
      expect(policy.dependencies).toEqual(["cert-manager-namespace"]);
    }
    expect(find(graph, "datalab:charts:PinnedChart", "cert-manager-chart")).toMatchObject({
      parent: "cert-manager",
      dependencies: [
        "cert-manager-api-clients-network-policy",
        "cert-manager-deny-all",
        "cert-manager-namespace",
        "cert-manager-webhook-network-policy",
      ],
    });
  });

  it("may talk to an ACME server only where its issuer is one", async () => {
    const policiesOf = async (acme?: boolean) => {
      const args = { install: true, chart: smallChart, apiServer, protectData: false, acme } as const;
      const graph = await runGraph(() => new CertManager("cert-manager", args));
      return graph.resources.filter(({ type }) => type.endsWith(":NetworkPolicy"));
    };
    const names = (policies: readonly { readonly name: string }[]) => policies.map(({ name }) => name);
    expect(names(await policiesOf(false))).toEqual(names(await policiesOf()));
    const [added, ...more] = (await policiesOf(true)).filter(({ name }) => name.includes("acme"));
    expect(more).toEqual([]);
    expect(added).toMatchObject({ parent: "cert-manager", dependencies: ["cert-manager-namespace"] });
    expect(names(await policiesOf())).not.toContain(added?.name);
  });

  it("has its login for images before its pods", async () => {
    const args = { install: true, chart: smallChart, apiServer, protectData: false, registryLogin: "{}" } as const;
    const graph = await runGraph(() => new CertManager("cert-manager", args));
    const login = find(graph, "kubernetes:core/v1:Secret", "cert-manager-image-pull-secret");
    expect(login).toMatchObject({ parent: "cert-manager", dependencies: ["cert-manager-namespace"] });
    expect(login.inputs).toMatchObject({ metadata: { name: "image-pull", namespace: "cert-manager" } });
    expect(find(graph, "datalab:charts:PinnedChart", "cert-manager-chart").dependencies).toContain(login.name);
  });

  it.each([true, false])("protects the namespace, where the authority's key is: %s", async (protectData) => {
    const graph = await install(protectData);
    expect(graph.resources.filter(({ protect }) => protect).map(({ name }) => name)).toEqual(
      protectData ? ["cert-manager-namespace"] : [],
    );
  });

  it("creates nothing where one is there", async () => {
    const graph = await runGraph(() => new CertManager("cert-manager", { install: false, namespace: "pki" }));
    expect(summary(graph)).toEqual(["datalab:certificates:CertManager cert-manager"]);
    expect(graph.result.namespace).toBe("pki");
  });
});

describe("the network of cert-manager", () => {
  it("lets every pod call the API server and look up names, and no more", () => {
    expect(apiClientsPolicy(apiServer)).toMatchObject({
      metadata: { namespace: "cert-manager" },
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/instance": "cert-manager" } },
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "10.0.0.0/16" } }], ports: [{ port: 6443 }] },
          { ports: [{ port: 53, protocol: "UDP" }, { port: 53 }] },
        ],
      },
    });
  });

  it("lets the webhook be called on its port alone", () => {
    expect(webhookPolicy().spec).toEqual({
      podSelector: {
        matchLabels: { "app.kubernetes.io/instance": "cert-manager", "app.kubernetes.io/component": "webhook" },
      },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: 10250, protocol: "TCP" }] }],
    });
  });
});

describe("certManagerChart", () => {
  const chart = (more: { protectData?: boolean; imageMirror?: string; certManager?: Record<string, unknown> } = {}) =>
    certManagerChart({
      settings: settings(more.certManager),
      protectData: more.protectData ?? false,
      imageMirror: more.imageMirror,
    });

  it("is the pinned chart, from the mirror if there is one", () => {
    expect(chart()).toMatchObject({
      chart: { name: "cert-manager", version: "v1.21.2" },
      mirror: undefined,
      releaseName: "cert-manager",
      namespace: "cert-manager",
    });
    expect(chart({ certManager: { chart: { mirror: "/charts" } } }).mirror).toBe("/charts");
  });

  it("names every image by digest, through the mirror", () => {
    const { values } = chart({ imageMirror: "mirror.test/hub" });
    const { image, webhook, cainjector, acmesolver, startupapicheck } = values as Record<string, { image: unknown }>;
    expect([image, webhook?.image, cainjector?.image, acmesolver?.image, startupapicheck?.image]).toEqual(
      [
        images.certManagerController,
        images.certManagerWebhook,
        images.certManagerCainjector,
        images.certManagerAcmesolver,
        images.certManagerStartupapicheck,
      ].map(({ repository, tag, digest }) => ({ repository: `mirror.test/hub/${repository}`, tag, digest })),
    );
    expect(chart().values["image"]).toMatchObject({ repository: images.certManagerController.repository });
  });

  it("gives each pod what the settings say", () => {
    const { values } = chart({ certManager: { resources: { webhook: { cpu: "50m", memory: "1Gi" } } } });
    expect(values["webhook"]).toMatchObject({
      resources: { requests: { cpu: "50m", memory: "1Gi" }, limits: { memory: "1Gi" } },
    });
    expect(values["resources"]).toEqual({ requests: { cpu: "20m", memory: "128Mi" }, limits: { memory: "128Mi" } });
  });

  it("keeps certificates of others only where data is protected", () => {
    expect(chart().values["crds"]).toEqual({ enabled: true, keep: false });
    expect(chart({ protectData: true }).values["crds"]).toEqual({ enabled: true, keep: true });
  });

  it("gives nobody who may edit a namespace rights over certificates, and its pods the platform's priority", () => {
    expect(chart().values["global"]).toEqual({
      leaderElection: { namespace: "cert-manager" },
      priorityClassName: "datalab-platform",
      rbac: { aggregateClusterRoles: false },
    });
  });

  it("waits until the API server can trust the webhook", () => {
    const gate = { "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}" };
    expect(chart().values["webhook"]).toMatchObject({
      mutatingWebhookConfigurationAnnotations: gate,
      validatingWebhookConfigurationAnnotations: gate,
    });
  });
});
