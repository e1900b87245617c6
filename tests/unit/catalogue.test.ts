import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { gunzipSync } from "node:zlib";

import { describe, expect, it } from "@jest/globals";
import Ajv from "ajv";
import { parse } from "yaml";

import { Catalogue } from "../../components/catalogue/catalogue.ts";
import { type ChartFiles, filesOf, manifest } from "../../components/catalogue/chart.ts";
import { ownChartNames } from "../../components/catalogue/names.ts";
import { ownChart, packOwnCharts } from "../../components/catalogue/own-charts.ts";
import { type ChartPackage, packChart, repositoryIndex } from "../../components/catalogue/package.ts";
import { catalogueSettings } from "../../components/catalogue/settings.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, type Graph, runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { launchValues, refusalsOf } from "../support/own-charts.ts";
import { chartsFor, stackFile } from "../support/stack-file.ts";

const small: ChartFiles = {
  "Chart.yaml": "apiVersion: v2\nname: small\nversion: 1.2.3\n",
  "values.yaml": "a: 1\n",
  "About.md": "# Small\n",
  "templates/a.yaml": "# a\n",
  "templates/b.yaml": "# b\n",
};
const shuffled = (files: ChartFiles): ChartFiles => Object.fromEntries(Object.entries(files).toReversed());

describe("a packed chart", () => {
  it("is the same bytes whatever the order of its files", () => {
    expect(packChart(shuffled(small))).toEqual(packChart(small));
  });

  it("has Chart.yaml in front, everything below its name, and no time and no owner", () => {
    const tar = gunzipSync(packChart(shuffled(small)).archive);
    const headers = [...tar.toString("latin1").matchAll(/small\/[\w./]+/g)].map(({ 0: path, index }) => {
      return [
        path,
        tar
          .toString("latin1", index + 100, index + 156)
          .replaceAll("\0", " ")
          .trim(),
      ];
    });
    expect(headers.map(([path]) => path)).toEqual([
      "small/Chart.yaml",
      "small/About.md",
      "small/templates/a.yaml",
      "small/templates/b.yaml",
      "small/values.yaml",
    ]);
    for (const [, fields] of headers) expect(fields).toMatch(/^0000644 0000000 0000000 \d{11} 00000000000/);
  });

  it("is in the index with the digest of its bytes, and the index says nothing of a time", () => {
    const chart = packChart(small);
    const index = parse(repositoryIndex([chart])) as { entries: Record<string, object[]> };
    expect(index).toEqual({
      apiVersion: "v1",
      entries: {
        small: [
          {
            ...{ apiVersion: "v2", name: "small", version: "1.2.3", urls: ["small-1.2.3.tgz"] },
            digest: createHash("sha256").update(chart.archive).digest("hex"),
          },
        ],
      },
    });
  });
});

describe("an expression in a template", () => {
  it("stands without quotes where it becomes more than a text", () => {
    expect(manifest({ name: "{{ .Release.Name }}", a: ["{{ .Values.a | toJson }}"], b: "{{ if a }}0{{ end }}" })).toBe(
      'name: "{{ .Release.Name }}"\na:\n  - {{ .Values.a | toJson }}\nb: {{ if a }}0{{ end }}\n',
    );
  });
});

describe.each(ownChartNames)("the chart %s", (name) => {
  const chart = ownChart(name);

  it("is what was released under its version", () => {
    const file = join(import.meta.dirname, "../facts/own-charts.json");
    const released = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>;
    const { version } = chart.metadata;
    const { content } = packChart(filesOf(chart));
    if (process.env["DATALAB_CHARTS"] === "write" && released[name]?.[version] === undefined) {
      released[name] = { ...released[name], [version]: content };
      writeFileSync(file, `${JSON.stringify(released, null, 2)}\n`);
    }
    // Who has loaded an archive keeps it under its version. Raise the version of a changed chart, then record it:
    // DATALAB_CHARTS=write npm run unit -- tests/unit/catalogue
    expect({ version, content: released[name]?.[version] }).toEqual({ version, content });
  });

  it("has a schema of draft 7, which its values meet", () => {
    const ajv = new Ajv({ allErrors: true });
    expect(ajv.validateSchema(chart.schema)).toBe(true);
    expect([ajv.validate(chart.schema, chart.values), ajv.errors]).toEqual([true, null]);
  });

  it("is launched by the form without a change, under the name of the workspace", () => {
    const values = launchValues(name, "user-bob", "lab.example.test");
    expect(refusalsOf(name, values)).toEqual([]);
    expect(values).toMatchObject({
      ingress: { hostname: "user-bob-4711-0.lab.example.test", ingressClassName: "nginx" },
      global: { suspend: false },
    });
    expect(Object.keys(values).toSorted()).toEqual(Object.keys(chart.values).toSorted());
  });

  it("is another version with the images of a mirror, which the portal and helm can name", () => {
    const mirrored = ownChart(name, "mirror.example.org/hub");
    expect(mirrored.values["image"]).toMatch(/^mirror\.example\.org\/hub\//);
    expect(mirrored.metadata.version).toMatch(/^1\.\d+\.\d+-mirror\.x[0-9a-f]{8}$/);
    expect(ownChart(name, "mirror.example.net").metadata.version).not.toBe(mirrored.metadata.version);
  });
});

describe("the form", () => {
  it("refuses pods without number or end, and a host that is none", () => {
    const values = launchValues("static-site", "user-bob", "lab.example.test");
    expect(refusalsOf("static-site", { ...values, replicas: 6 })).toEqual([".replicas should be <= 5"]);
    expect(refusalsOf("static-site", { ...values, replicas: "2" })).toEqual([".replicas should be integer"]);
    expect(refusalsOf("static-site", { ...values, ingress: { hostname: "a\nb" } })).toEqual([
      expect.stringContaining(".ingress.hostname should match pattern"),
    ]);
  });
});

const own = packOwnCharts(ownChartNames);

function build(packages: readonly ChartPackage[] = own, more: Record<string, unknown> = {}) {
  return runGraph(() => new Catalogue("catalogue", { packages, settings: catalogueSettings.parse(more) }));
}

const kinds = {
  configMap: "kubernetes:core/v1:ConfigMap",
  deployment: "kubernetes:apps/v1:Deployment",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
} as const;

interface Served {
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData: Readonly<Record<string, string>>;
  readonly immutable: boolean;
}

function served(graph: Graph<unknown>): Served {
  return find(graph, kinds.configMap, "catalogue-content").inputs as unknown as Served;
}

describe("the catalogue", () => {
  it("is exactly this, and fits together", async () => {
    const graph = await build();
    expect(graph.resources.map(({ name }) => name).toSorted()).toEqual([
      "catalogue",
      "catalogue-content",
      "catalogue-deny-all",
      "catalogue-deployment",
      "catalogue-disruption-budget",
      "catalogue-namespace",
      "catalogue-network-policy",
      "catalogue-service",
      "catalogue-service-account",
    ]);
    expect(looseEnds(graph)).toEqual([]);
    expect((await build(own, { replicas: 1 })).resources.map(({ name }) => name)).not.toContain(
      "catalogue-disruption-budget",
    );
  });

  it("serves files that never change, under a name that is their hash", async () => {
    const graph = await build();
    const { metadata, immutable, data, binaryData } = served(graph);
    expect(metadata.name).toBe(`catalogue-${graph.result.contentHash}`);
    expect(immutable).toBe(true);
    expect(Object.keys(data)).toEqual(["index.yaml", "nginx.conf"]);
    expect(Object.keys(binaryData)).toEqual(["jupyter-basic-1.0.0.tgz", "static-site-1.0.0.tgz"]);
    for (const { fileName, archive } of own) expect(Buffer.from(binaryData[fileName]!, "base64")).toEqual(archive);
    const { volumes } = (
      find(graph, kinds.deployment, "catalogue-deployment").inputs as {
        spec: { template: { spec: { volumes: object[] } } };
      }
    ).spec.template.spec;
    expect(volumes[0]).toEqual({ name: "content", configMap: { name: metadata.name } });
  });

  it("is the same from another order of charts, and another with another chart", async () => {
    const { metadata } = served(await build());
    expect(served(await build(own.toReversed())).metadata.name).toBe(metadata.name);
    expect(served(await build([...own, packChart(small)])).metadata.name).not.toBe(metadata.name);
  });

  it("is asked by the portal's pods alone, and asks nobody", async () => {
    expect(find(await build(), kinds.networkPolicy, "catalogue-network-policy").inputs).toMatchObject({
      spec: {
        policyTypes: ["Ingress", "Egress"],
        egress: [],
        ingress: [
          {
            from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "datalab-portal" } } }],
            ports: [{ port: 8080, protocol: "TCP" }],
          },
        ],
      },
    });
  });
});

function settingsWith(more: Record<string, unknown>) {
  const { values, ...file } = stackFile("dev");
  return parseSettings({ ...file, values: { ...values, ...more } });
}

function platformWith(more: Record<string, unknown>) {
  const settings = settingsWith(more);
  return runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) }));
}

describe("the platform with it", () => {
  const api = (graph: Graph<unknown>) =>
    find(graph, kinds.deployment, "portal-api-deployment").inputs as {
      spec: { template: { metadata: { annotations: object } } };
    };
  const catalogsIn = (graph: Graph<unknown>) => {
    const { data } = find(graph, kinds.configMap, "portal-api-config").inputs as { data: { catalogs: string } };
    return JSON.parse(data.catalogs) as { id: string; location: string; name: object }[];
  };

  it("tells the portal of it beside the others, by the address inside the cluster", async () => {
    const graph = await platformWith({ catalogue: {} });
    expect(
      catalogsIn(graph)
        .map(({ id, location }) => [id, location])
        .slice(0, 2),
    ).toEqual([
      ["home", "http://catalogue.datalab-catalogue.svc.cluster.local"],
      ["ide", "https://inseefrlab.github.io/helm-charts-interactive-services"],
    ]);
    const policy = find(graph, kinds.networkPolicy, "portal-api-network-policy").inputs;
    expect(JSON.stringify(policy)).toContain('"kubernetes.io/metadata.name":"datalab-catalogue"');
  });

  it("offers the charts of a folder beside its own", async () => {
    const settings = settingsWith({ catalogue: { charts: ["static-site"], directory: "charts" } });
    const charts = { ...chartsFor(settings), directory: [packChart(small)] };
    const graph = await runGraph(() => datalab(planOf(settings), { charts }));
    expect(Object.keys(served(graph).binaryData)).toEqual(["small-1.2.3.tgz", "static-site-1.0.0.tgz"]);
  });

  it("starts the portal's API anew with other charts, and leaves it alone without", async () => {
    const annotations = async (more: Record<string, unknown>) =>
      api(await platformWith(more)).spec.template.metadata.annotations;
    const both = await annotations({ catalogue: {} });
    expect(await annotations({ catalogue: { replicas: 3 } })).toEqual(both);
    expect(await annotations({ catalogue: { charts: ["static-site"] } })).not.toEqual(both);
  });

  it("is off unless asked for, and the doctor looks at it where it is", () => {
    expect(planOf(settingsWith({})).portal.catalogs.map(({ id }) => id)).not.toContain("home");
    expect(expectationsOf(settingsWith({ catalogue: {} })).catalogs.map(({ id }) => id)).toContain("home");
    expect(expectationsOf(settingsWith({ catalogue: {} })).parts).toContainEqual(
      expect.objectContaining({ namespace: "datalab-catalogue" }),
    );
  });

  it.each([
    [{ catalogue: { charts: [] } }, "is empty, and so is the catalogue"],
    [{ catalogue: { charts: ["static-site", "static-site"] } }, "must not name a chart twice"],
    [
      { catalogue: {}, portal: { catalogs: [{ id: "home", name: "Mine", location: "https://charts.example.org" }] } },
      "datalab:portal.catalogs[0].id is home, which is the catalogue of `catalogue`",
    ],
  ])("refuses %j", (more, message) => {
    expect(() => settingsWith(more)).toThrow(message);
  });
});
