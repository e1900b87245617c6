import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, describe, expect, it, jest } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { chartArchive } from "../../components/charts/archive.ts";
import { cacheFolder } from "../../components/charts/cache.ts";
import { ChartRenderer, type RenderedChart } from "../../components/charts/chart-renderer.ts";
import { downloadBlob, downloadFile } from "../../components/charts/download.ts";
import { inOrder, logicalName, typeToken, withoutDescriptions } from "../../components/charts/objects.ts";
import { PinnedChart } from "../../components/charts/pinned-chart.ts";
import { charts, type ChartVersion } from "../../components/versions.ts";
import { object, smallChart } from "../support/charts.ts";
import { find, runGraph, secretMarker, summary } from "../support/graph.ts";

describe("PinnedChart", () => {
  it("makes each object an ordinary child, in stages", async () => {
    const graph = await runGraph(() => new PinnedChart("chart", smallChart));
    expect(summary(graph)).toEqual([
      "datalab:charts:PinnedChart chart",
      "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition chart-CustomResourceDefinition-things.example.org",
      "kubernetes:core/v1:Service chart-Service-cert-manager/server",
      "kubernetes:apps/v1:Deployment chart-Deployment-cert-manager/server",
      "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration chart-ValidatingWebhookConfiguration-hook",
      "kubernetes:core/v1:ServiceAccount chart-ServiceAccount-cert-manager/check",
      "kubernetes:batch/v1:Job chart-Job-cert-manager/check",
    ]);
    expect(graph.resources.slice(1).map(({ parent }) => parent)).toEqual(Array(6).fill("chart"));
    expect(find(graph, "kubernetes:core/v1:Service", "chart-Service-cert-manager/server").dependencies).toEqual([
      "chart-CustomResourceDefinition-things.example.org",
    ]);
    expect(find(graph, "kubernetes:apps/v1:Deployment", "chart-Deployment-cert-manager/server").dependencies).toEqual([
      "chart-Service-cert-manager/server",
    ]);
    expect(find(graph, "kubernetes:batch/v1:Job", "chart-Job-cert-manager/check").dependencies).toEqual([
      "chart-ServiceAccount-cert-manager/check",
    ]);
  });

  it("shows the same objects in a preview", async () => {
    const preview = await runGraph(() => new PinnedChart("chart", smallChart), { preview: true });
    const update = await runGraph(() => new PinnedChart("chart", smallChart));
    expect(summary(preview)).toEqual(summary(update));
  });

  it("leaves in the cluster what the chart wants to outlive it", async () => {
    const graph = await runGraph(() => new PinnedChart("chart", smallChart));
    expect(graph.resources.filter(({ retainOnDelete }) => retainOnDelete).map(({ name }) => name)).toEqual([
      "chart-CustomResourceDefinition-things.example.org",
    ]);
  });

  it("hides the content of Secrets", async () => {
    const secret = object("Secret", "key", { data: { key: secretMarker }, stringData: { text: secretMarker } });
    const graph = await runGraph(() => new PinnedChart("chart", { ...smallChart, objects: [secret] }));
    const registration = find(graph, "kubernetes:core/v1:Secret", "chart-Secret-key");
    expect(registration.inputs).toMatchObject({ data: { key: secretMarker }, stringData: { text: secretMarker } });
    expect(registration.serialized).not.toContain(secretMarker);
  });
});

describe("objects of a chart", () => {
  it("have the type that Pulumi's own classes have", () => {
    expect(typeToken(object("Service", "a"))).toBe("kubernetes:core/v1:Service");
    expect(typeToken(object("Deployment", "a", { apiVersion: "apps/v1" }))).toBe("kubernetes:apps/v1:Deployment");
  });

  it("differ in name where they differ in kind, namespace or name", () => {
    const names = [
      object("Role", "a"),
      object("Role", "b"),
      object("RoleBinding", "a"),
      object("Role", "a", { namespace: "kube-system" }),
    ].map((one) => logicalName("chart", one));
    expect(new Set(names).size).toBe(4);
  });

  it("are ordered by what they need, and hooks of other moments are left out", () => {
    const kinds = inOrder(smallChart.objects).map((stage) => stage.map(({ kind }) => kind));
    expect(kinds).toEqual([
      ["CustomResourceDefinition"],
      ["Service"],
      ["Deployment"],
      ["ValidatingWebhookConfiguration"],
      ["ServiceAccount"],
      ["Job"],
    ]);
  });
});

describe("withoutDescriptions", () => {
  const schema = {
    description: "goes",
    type: "object",
    properties: {
      description: { type: "string", description: "goes" },
      properties: { type: "object", properties: { description: { type: "string", description: "goes" } } },
      list: { type: "array", items: { description: "goes", type: "string" }, default: [{ description: "stays" }] },
    },
  };

  it("takes away the texts and nothing else", () => {
    expect(withoutDescriptions(object("CustomResourceDefinition", "a", { spec: { schema } }))["spec"]).toEqual({
      schema: {
        type: "object",
        properties: {
          description: { type: "string" },
          properties: { type: "object", properties: { description: { type: "string" } } },
          list: { type: "array", items: { type: "string" }, default: [{ description: "stays" }] },
        },
      },
    });
  });

  it("leaves other kinds alone", () => {
    const other = object("ConfigMap", "a", { data: { description: "stays" } });
    expect(withoutDescriptions(other)).toEqual(other);
  });
});

const bytes = Buffer.from("an archive");
const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}` as const;
const folder = mkdtempSync(join(tmpdir(), "datalab-charts-"));
const chart: ChartVersion = {
  name: "some",
  version: "1.0.0",
  released: "https://charts.example.org/some-1.0.0.tgz",
  digests: { released: "sha256:0", packaged: digest },
  source: "https://example.org",
};

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("ChartRenderer", () => {
  const keptBefore = keptFiles();
  const calls: pulumi.runtime.MockCallArgs[] = [];

  afterEach(() => {
    for (const file of keptFiles().filter((name) => !keptBefore.includes(name))) rmSync(join(cacheFolder, file));
    calls.length = 0;
  });

  function keptFiles(): string[] {
    return existsSync(cacheFolder) ? readdirSync(cacheFolder) : [];
  }

  /** Renders with a plugin that gives these objects. */
  async function render(values: Record<string, unknown>, objects: unknown[]): Promise<RenderedChart> {
    writeFileSync(join(folder, "some-1.0.0.tgz"), bytes);
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
      call: (args) => {
        calls.push(args);
        return { result: objects };
      },
    });
    const request = { chart, mirror: folder, releaseName: "release", namespace: "place", values };
    return new ChartRenderer("charts").render(request);
  }

  it("asks the plugin for the verified archive, for one version of Kubernetes and without a cluster", async () => {
    const definition = object("CustomResourceDefinition", "a", { spec: { description: "goes" } });
    const { objects } = await render({ replicas: 2 }, [definition]);
    expect(objects).toEqual([{ ...definition, spec: {} }]);
    expect(calls.map(({ token }) => token)).toEqual(["kubernetes:helm:template"]);
    expect(JSON.parse((calls[0]?.inputs as { jsonOpts: string }).jsonOpts)).toEqual({
      path: folder,
      chart: "some-1.0.0.tgz",
      release_name: "release",
      namespace: "place",
      values: { replicas: 2 },
      kube_version: "v1.34.0",
    });
    expect(calls[0]?.provider).toContain("pulumi:providers:kubernetes::charts-offline");
  });

  it("asks once for the same request, and again for another", async () => {
    const first = await render({ replicas: 2 }, [object("ConfigMap", "a")]);
    const second = await render({ replicas: 2 }, [object("ConfigMap", "not asked for")]);
    expect(second).toEqual(first);
    await render({ replicas: 3 }, [object("ConfigMap", "b")]);
    expect(calls).toHaveLength(2);
  });

  it("refuses a chart that renders nothing", async () => {
    await expect(render({}, [])).rejects.toThrow("renders no object");
  });
});

describe("chartArchive", () => {
  it("takes the pinned archive from a directory", async () => {
    writeFileSync(join(folder, "some-1.0.0.tgz"), bytes);
    expect(await chartArchive(chart, folder)).toEqual({ folder, file: "some-1.0.0.tgz", digest });
  });

  it("refuses another archive, naming both digests and the file", async () => {
    writeFileSync(join(folder, "some-1.0.0.tgz"), "something else");
    const error: unknown = await chartArchive(chart, folder).catch((reason: unknown) => reason);
    for (const part of [digest, "sha256:0", join(folder, "some-1.0.0.tgz"), chart.released]) {
      expect(String(error)).toContain(part);
    }
  });

  it.each([
    ["a directory without it", () => folder, "some-2.0.0.tgz"],
    ["no directory", () => join(folder, "absent"), "cannot be read"],
  ])("says what is missing in %s", async (_, mirror, message) => {
    await expect(chartArchive({ ...chart, version: "2.0.0" }, mirror())).rejects.toThrow(message);
  });

  it("pins upstream's archive and our own", () => {
    for (const { digests } of Object.values(charts)) {
      for (const pinned of Object.values(digests)) expect(pinned).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
  });
});

describe("downloads", () => {
  const calls: { url: string; authorization: string | undefined }[] = [];

  /** A web that gives these answers, in this order. */
  function answer(...answers: (Response | Error)[]): void {
    jest.spyOn(globalThis, "fetch").mockImplementation((url, options) => {
      const headers = options?.headers as Record<string, string> | undefined;
      calls.push({ url: url as string, authorization: headers?.["authorization"] });
      const next = answers.shift();
      return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new Error("no more answers"));
    });
  }

  function challenge(text: string): Response {
    return new Response("", { status: 401, headers: { "www-authenticate": text } });
  }

  afterEach(() => {
    jest.restoreAllMocks();
    calls.length = 0;
  });

  it("get a file", async () => {
    answer(new Response(bytes));
    expect(await downloadFile("https://charts.example.org/a.tgz")).toEqual(bytes);
  });

  it("get a blob by its digest, with the token that the registry offers to everybody", async () => {
    answer(
      challenge('Bearer realm="https://auth.example.org/token",service="r",scope="repository:charts/some:pull"'),
      Response.json({ token: "anonymous" }),
      new Response(bytes),
    );
    expect(await downloadBlob("oci://r.example.org/charts/some", "sha256:0")).toEqual(bytes);
    expect(calls).toEqual([
      { url: "https://r.example.org/v2/charts/some/blobs/sha256:0", authorization: undefined },
      {
        url: "https://auth.example.org/token?service=r&scope=repository%3Acharts%2Fsome%3Apull",
        authorization: undefined,
      },
      { url: "https://r.example.org/v2/charts/some/blobs/sha256:0", authorization: "Bearer anonymous" },
    ]);
  });

  it.each([
    ["a registry that wants a login", () => challenge('Basic realm="r"'), "login"],
    ["a token from an address in clear", () => challenge('Bearer realm="http://r"'), "login"],
    ["a blob that is not there", () => new Response("", { status: 404 }), "404"],
    ["no network", () => new TypeError("fetch failed"), "no connection"],
  ])("name the reason and the way out: %s", async (_, first, reason) => {
    answer(first());
    const error: unknown = await downloadBlob("oci://r.example.org/some", "sha256:0").catch(
      (failed: unknown) => failed,
    );
    expect(String(error)).toContain(reason);
    expect(String(error)).toContain("`mirror`");
  });
});
