/** How the stand-in for Onyxia's API launches services, without helm; tests/node/launch.test.ts has it. */
import { gunzipSync } from "node:zlib";

import { describe, expect, it } from "@jest/globals";

import { helloChart } from "../../testbed/stand-ins/catalogue.ts";
import { repositoryIndex } from "../../components/catalogue/package.ts";
import { chartFiles } from "../../testbed/stand-ins/onyxia-api/chart-archive.ts";
import {
  addRepositoryCommand,
  describeCommand,
  findCommand,
  InvalidArgument,
  listCommand,
  uninstallCommand,
  type Upgrade,
  upgradeCommand,
} from "../../testbed/stand-ins/onyxia-api/helm-commands.ts";
import { chartsOf } from "../../testbed/stand-ins/onyxia-api/helm-index.ts";
import { readReleaseInfo } from "../../testbed/stand-ins/onyxia-api/release-info.ts";
import { resolvedSchema } from "../../testbed/stand-ins/onyxia-api/schema-resolution.ts";
import { violations } from "../../testbed/stand-ins/onyxia-api/schema-validation.ts";
import { imageReference } from "../../components/kubernetes/image.ts";
import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { images } from "../../components/versions.ts";
import { gzipStored } from "../../components/catalogue/gzip.ts";
import { tarArchive } from "../../components/catalogue/tar.ts";

const upgrade: Upgrade = {
  name: "hello-1",
  chart: "own/hello",
  namespace: "user-alice",
  version: "1.0.0",
  timeout: undefined,
  caFile: undefined,
};

describe("helm's command lines", () => {
  // As seen in the log of API v4.12.0, but for spaces: it splits at them.
  it.each([
    [
      "launch",
      upgradeCommand({ ...upgrade, values: "/tmp/values1.yaml", caFile: "/ca/ca.crt", timeout: "10m" }),
      "helm upgrade --install --history-max 0 --timeout 10m --ca-file /ca/ca.crt hello-1 own/hello -n user-alice --version 1.0.0 -f /tmp/values1.yaml",
    ],
    [
      "suspend",
      upgradeCommand({ ...upgrade, set: { "global.suspend": "true" }, reuseValues: true }),
      "helm upgrade --install --history-max 0 hello-1 own/hello -n user-alice --version 1.0.0 --set global.suspend=true --reuse-values",
    ],
    ["list", listCommand("user-alice"), "helm ls -n user-alice"],
    ["find", findCommand("hello-1", "user-alice"), "helm list --filter hello-1 -n user-alice"],
    ["describe", describeCommand("hello-1", "user-alice"), "helm get all hello-1 --namespace user-alice"],
    ["uninstall", uninstallCommand("hello-1", "user-alice"), "helm uninstall hello-1 -n user-alice"],
    ["add", addRepositoryCommand("own", "https://charts.test", undefined), "helm repo add own https://charts.test"],
  ])("are the API's: %s", (_, command, expected) => {
    expect(command).toBe(expected);
  });

  it.each<[string, () => string]>([
    ["a name", () => upgradeCommand({ ...upgrade, name: "a -n kube-system" })],
    ["a namespace", () => listCommand("user-alice -A")],
    ["a version", () => upgradeCommand({ ...upgrade, version: "1.0.0 --set a=b" })],
    ["a release", () => uninstallCommand("--all", "user-alice")],
  ])("take no further arguments from %s", (_, command) => {
    expect(command).toThrow(InvalidArgument);
  });
});

describe("the demo's chart", () => {
  const hello = helloChart();

  it("is in an index that the API can load, with a digest and an address", () => {
    expect(chartsOf(repositoryIndex([hello]), { mode: "latest" })).toEqual([
      {
        name: "hello",
        type: "application",
        releases: [
          { version: "1.0.0", urls: ["hello-1.0.0.tgz"], description: expect.stringContaining("counts its visits") },
        ],
      },
    ]);
    expect(hello.entry["digest"]).toMatch(/^[0-9a-f]{64}$/);
    expect(helloChart().archive.equals(hello.archive)).toBe(true);
  });

  it("runs an image that the node has", () => {
    expect(chartFiles("hello", hello.archive).defaultValues).toContain(`image: ${imageReference(images.onyxiaWeb)}\n`);
  });

  it("takes its resources and its volume from the platform's settings", () => {
    const settings = portalSettings.parse({ services: { storage: { size: "3Gi", most: "5Gi" } } });
    const overrides = Object.entries(
      schemaOverrides(settings.services, { ingressNamespace: "datalab-ingress", privateCa: false }),
    );
    const schemas = new Map(overrides.map(([path, text]): [string, unknown] => [path, JSON.parse(text)]));
    const schema = resolvedSchema(chartFiles("hello", hello.archive).schema, schemas);
    expect(schema).toMatchObject({ properties: { persistence: { properties: { size: { default: "3Gi" } } } } });
    expect(violations({ persistence: { enabled: true, size: "3Gi" } }, schema)).toEqual([]);
    expect(violations({ persistence: { size: 3 } }, schema)).toEqual(["#/persistence/size: expected type: string"]);
  });
});

describe("a chart's archive", () => {
  it("gives the chart's own schema and values, not those of charts inside it", () => {
    const file = (path: string, text: string) => ({ path, content: Buffer.from(text) });
    const archive = gzipStored(
      tarArchive([
        file("a/charts/b/values.schema.json", '{"title":"b"}'),
        file("a/values.schema.json", '{"title":"a"}'),
        file("a/values.yaml", "x: 1\n"),
        file("a/charts/a/values.yaml", "x: 2\n"),
      ]),
    );
    expect(gunzipSync(archive).length % 512).toBe(0);
    expect(chartFiles("a", archive)).toEqual({ schema: { title: "a" }, defaultValues: "x: 1\n" });
    expect(chartFiles("b", archive)).toEqual({ schema: undefined, defaultValues: undefined });
  });

  it("is refused when it is something else", () => {
    expect(() => chartFiles("a", Buffer.from("<html>"))).toThrow();
    expect(() => chartFiles("a", gzipStored(Buffer.alloc(512, "x")))).toThrow("tar");
  });
});

describe("a chart's schema", () => {
  const overrides = new Map<string, unknown>([["ide/role.json", { enum: ["view"] }]]);

  it("is resolved as the API does it", () => {
    const schema = {
      definitions: { size: { type: "string" } },
      properties: {
        role: { enum: ["admin"], "x-onyxia": { overwriteSchemaWith: "ide/role.json" } },
        other: { enum: ["admin"], "x-onyxia": { overwriteSchemaWith: "role-spark.json" } },
        inner: { properties: { size: { $ref: "#/definitions/size" }, role: { $ref: "ide/role.json" } } },
      },
    };
    expect(resolvedSchema(schema, overrides)).toEqual({
      ...schema,
      properties: {
        role: { enum: ["view"] },
        other: schema.properties.other,
        inner: { properties: { size: { type: "string" }, role: { enum: ["view"] } } },
      },
    });
  });

  it.each<[object, unknown, unknown]>([
    [{ type: "string" }, "a", 1],
    [{ type: ["integer", "null"] }, null, 1.5],
    [{ type: "object", required: ["a"] }, { a: 1 }, {}],
    [{ enum: ["view", "edit"] }, "view", "admin"],
    [{ const: false }, false, true],
    [{ pattern: "^[^{]*$" }, "plain", "{{ lookup }}"],
    [{ minimum: 1, maximum: 3 }, 3, 4],
    [{ minLength: 2, maxLength: 3 }, "ab", "a"],
    [{ items: { properties: { value: { pattern: "^a" } } } }, [{ value: "a" }], [{ value: "a" }, { value: "b" }]],
    [{ minItems: 1, maxItems: 2 }, [1], []],
    [{ uniqueItems: true }, [1, 2], [1, 1]],
    [{ properties: { a: {} }, additionalProperties: { type: "string" } }, { a: 1, b: "b" }, { b: 1 }],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 1 }, { b: 1 }],
    [{ patternProperties: { "^a": { maximum: 2 } } }, { a: 2, b: 3 }, { ab: 3 }],
    [{ patternProperties: { "^a": {} }, additionalProperties: false }, { ab: 1 }, { b: 1 }],
    [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 2, 3],
    [{ anyOf: [{ type: "string" }, { maximum: 2 }] }, 2, 3],
    [{ not: { const: "root" } }, "ada", "root"],
  ])("%j accepts %j, not %j", (schema, good, bad) => {
    expect(violations(good, schema)).toEqual([]);
    expect(violations(bad, schema)).toHaveLength(1);
  });

  it("is refused for what would be overlooked", () => {
    expect(() => violations("a", { properties: {}, oneOf: [] })).toThrow("oneOf");
  });
});

describe("what helm tells of a release", () => {
  const text = `NAME: hello
LAST DEPLOYED: Sun Nov 29 21:00:00 2026
NAMESPACE: user-alice
STATUS: deployed
REVISION: 1
CHART: hello
VERSION: 1.0.0
APP_VERSION: 
USER-SUPPLIED VALUES:
extraEnvVars:
- name: A
  value: b
global:
  suspend: false
COMPUTED VALUES:
a: 1
HOOKS:
MANIFEST:
---
# Source: hello/templates/service.yaml
kind: Service
---
# Source: hello/templates/ingress.yaml
kind: Ingress

NOTES:
Your page
`;

  it("is read as the API reads it", () => {
    expect(readReleaseInfo(text)).toEqual({
      objects: [{ kind: "Service" }, { kind: "Ingress" }],
      values: { "global.suspend": "false" },
      notes: "\nYour page\n",
    });
  });

  it("is nothing when helm has failed", () => {
    expect(() => readReleaseInfo("")).toThrow("unparsable");
  });
});
