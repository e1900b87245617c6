import { beforeAll, describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { serviceBucketPolicy } from "../../components/object-store/bucket-policy.ts";
import { MinioTenant } from "../../components/object-store/minio-tenant.ts";
import { minioSettings } from "../../components/object-store/settings.ts";
import { setupJob } from "../../components/object-store/setup-job.ts";
import { placeOf } from "../../components/object-store/service-places.ts";
import { packageIndexOf } from "../../components/packages/package-index.ts";
import { PackageServer, type PackageServerArgs } from "../../components/packages/package-server.ts";
import { serverEnvironment } from "../../components/packages/server.ts";
import { packagesSettings, pypironSettings } from "../../components/packages/settings.ts";
import { environmentVariables } from "../../components/portal/schemas/environment-variables.ts";
import { regionOf } from "../../components/portal/region.ts";
import { hostsOf } from "../../components/names.ts";
import { proxyOf } from "../../components/kubernetes/proxy.ts";
import { parseArguments } from "../../commands/flip/arguments.ts";
import { settle } from "../../commands/flip/settle.ts";
import { EditableStackFile } from "../../commands/flip/stack-file.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import type { Context } from "../../commands/doctor/step.ts";
import { stepsFor } from "../../commands/doctor/steps/all.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, type Graph, type Registration, runGraph, secretMarker } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { access, openHosts, regionInputs } from "../support/portal.ts";
import { stackFile } from "../support/stack-file.ts";

const settingsOf = (more: Record<string, unknown> = {}) => pypironSettings.parse({ engine: "pypiron", ...more });
const place = () => placeOf("datalab-packages", "us-east-1", pulumi.secret(`${secretMarker}-bucket`));

function build(more: Record<string, unknown> = {}, args: Partial<PackageServerArgs> = {}) {
  return runGraph(
    () =>
      new PackageServer("packages", {
        host: "packages.example.org",
        ingressClassName: "nginx",
        publicHosts: openHosts,
        place: place(),
        settings: settingsOf(more),
        ...args,
      }),
  );
}

const kinds = {
  deployment: "kubernetes:apps/v1:Deployment",
  ingress: "kubernetes:networking.k8s.io/v1:Ingress",
  networkPolicy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  secret: "kubernetes:core/v1:Secret",
} as const;

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly image: string;
  readonly lifecycle?: object;
  readonly readinessProbe: object;
  readonly livenessProbe: object;
  readonly resources: object;
}

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly [Container];
  readonly securityContext: object;
  readonly volumes: readonly object[];
}

const deploymentOf = (graph: Graph<unknown>) =>
  find(graph, kinds.deployment, "packages-deployment").inputs["spec"] as {
    replicas: number;
    template: { metadata: { annotations: Record<string, string> }; spec: PodSpec };
  };
const podOf = (graph: Graph<unknown>) => deploymentOf(graph).template.spec;
const environmentOf = (graph: Graph<unknown>) =>
  Object.fromEntries(podOf(graph).containers[0].env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
const outline = ({ type, name, parent, dependencies }: Registration) =>
  `${type.split(":").at(-1) ?? ""} ${name} < ${parent ?? "-"} | ${dependencies.join(" ")}`;

interface CronJobSpec {
  readonly schedule: string;
  readonly jobTemplate: {
    readonly spec: {
      readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
    };
  };
}
const verificationOf = (graph: Graph<unknown>) =>
  find(graph, "kubernetes:batch/v1:CronJob", "packages-verification").inputs["spec"] as CronJobSpec;

let usual: Graph<PackageServer>;

beforeAll(async () => {
  usual = await build();
});

describe("PackageServer", () => {
  const guards = "packages-admin-secret packages-bucket-secret packages-deny-all packages-namespace";
  const needs = `${guards} packages-network-policy packages-publisher-secret packages-service-account`;

  it("is these objects, each after what it needs", () => {
    expect(usual.resources.map(outline).toSorted()).toEqual([
      `CronJob packages-verification < packages | ${needs} packages-verification-network-policy`,
      `Deployment packages-deployment < packages | ${needs}`,
      "Ingress packages-ingress < packages | packages-deployment packages-service",
      "Namespace packages-namespace < packages | ",
      "NetworkPolicy packages-deny-all < packages | packages-namespace",
      "NetworkPolicy packages-network-policy < packages | packages-namespace",
      "NetworkPolicy packages-verification-network-policy < packages | packages-namespace",
      "PackageServer packages < - | ",
      "PodDisruptionBudget packages-disruption-budget < packages | packages-namespace",
      "RandomPassword packages-admin-password < packages | ",
      "RandomPassword packages-publisher-password < packages | ",
      "Secret packages-admin-secret < packages | packages-admin-password packages-namespace",
      "Secret packages-bucket-secret < packages | packages-namespace",
      "Secret packages-publisher-secret < packages | packages-namespace packages-publisher-password",
      "Service packages-service < packages | packages-namespace",
      "ServiceAccount packages-service-account < packages | packages-namespace",
    ]);
    expect(looseEnds(usual)).toEqual([]);
  });

  it("runs twice as a plain user that can write nothing but uploads on their way, and gets no token", () => {
    expect(deploymentOf(usual).replicas).toBe(2);
    const { automountServiceAccountToken, containers, securityContext, volumes } = podOf(usual);
    expect(automountServiceAccountToken).toBe(false);
    expect(securityContext).toMatchObject({ runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true });
    expect(volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "4Gi" } }]);
    const [server] = containers;
    expect(server).toMatchObject({
      args: ["serve"],
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
      resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "256Mi" } },
      readinessProbe: { httpGet: { path: "/ready", port: "http" }, timeoutSeconds: 5 },
      livenessProbe: { httpGet: { path: "/health", port: "http" } },
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
    });
  });

  it("is alone without a budget, and goes at once", async () => {
    const graph = await build({ replicas: 1 });
    expect(graph.resources.map(({ name }) => name)).not.toContain("packages-disruption-budget");
    expect(podOf(graph).containers[0].lifecycle).toBeUndefined();
  });

  it("has passwords in Secrets, and only their names in its pods", () => {
    const reference = (name: string, key: string) => ({ secretKeyRef: { name, key } });
    expect(environmentOf(usual)).toMatchObject({
      AWS_ACCESS_KEY_ID: reference("packages-bucket", "account"),
      AWS_SECRET_ACCESS_KEY: reference("packages-bucket", "secretKey"),
      PYPIRON_ADMIN_USER: reference("packages-admin", "username"),
      PYPIRON_ADMIN_PASS: reference("packages-admin", "password"),
      PYPIRON_UPLOADER_USER: reference("packages-publisher", "username"),
      PYPIRON_UPLOADER_PASS: reference("packages-publisher", "password"),
    });
    expect(find(usual, kinds.secret, "packages-publisher-secret").inputs["stringData"]).toEqual({
      username: "publisher",
      password: `${secretMarker}-packages-publisher-password`,
    });
    expect(usual.resources.filter(({ serialized }) => serialized.includes(secretMarker))).toEqual([]);
    expect(usual.result.publisherSecret).toEqual({ namespace: "datalab-packages", name: "packages-publisher" });
  });

  it("asks readers for a password only where the settings say so", async () => {
    expect(Object.keys(environmentOf(usual)).filter((name) => name.includes("READ"))).toEqual([]);
    const graph = await build({ reads: "authenticated" });
    expect(environmentOf(graph)["PYPIRON_READ_PASS"]).toEqual({
      secretKeyRef: { name: "packages-reader", key: "password" },
    });
    expect(looseEnds(graph)).toEqual([]);
  });

  it("has new passwords and new pods with another word", async () => {
    const other = await build({ rotation: "2026-12" });
    for (const account of ["admin", "publisher"]) {
      const of = (graph: Graph<unknown>) =>
        find(graph, "random:index/randomPassword:RandomPassword", `packages-${account}-password`).inputs["keepers"];
      expect([of(usual), of(other)]).toEqual([{ rotation: "first" }, { rotation: "2026-12" }]);
    }
    const annotations = (graph: Graph<unknown>) => deploymentOf(graph).template.metadata.annotations;
    expect(annotations(other)).not.toEqual(annotations(usual));
  });

  it("keeps everything in the bucket, which it calls inside the cluster", () => {
    expect(environmentOf(usual)).toMatchObject({
      PYPIRON_BUCKETS: "s3://datalab-packages@us-east-1",
      PYPIRON_S3_ENDPOINT_URL: "http://object-store.datalab-storage.svc:9000",
      PYPIRON_S3_FORCE_PATH_STYLE: "true",
      PYPIRON_TRUSTED_PROXY: "true",
      PYPIRON_ARTIFACT_DELIVERY: "stream",
      PYPIRON_WAIT_ON_UPLOAD: "true",
    });
  });

  it("takes no more uploads at once than its memory has room for", () => {
    const unitsWith = (memory: string) =>
      serverEnvironment({ settings: settingsOf({ resources: { cpu: "1", memory } }), place: place() })[
        "PYPIRON_MAX_CONCURRENT_ARTIFACT_WRITES"
      ];
    expect(["64Mi", "256Mi", "1Gi"].map(unitsWith)).toEqual(["1", "2", "14"]);
  });

  it("is closed to other indexes, and to the internet", () => {
    const { PYPIRON_ADVISORY_FEED: feed, PYPIRON_PROXY_UPSTREAM: upstream } = environmentOf(usual);
    expect({ feed, upstream }).toEqual({ feed: "", upstream: undefined });
    const { spec } = find(usual, kinds.networkPolicy, "packages-network-policy").inputs as {
      spec: { egress: { ports: { port: number }[]; to?: object[] }[] };
    };
    expect(spec.egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[53, 53], [9000]]);
  });

  it("hands on another index by the settings, by a proxy and under a company's authority", async () => {
    const proxy = proxyOf({
      domain: "example.org",
      proxy: { https: "http://192.0.2.7:3128", addresses: [], none: [] },
    });
    const mirror = { upstream: "https://index.example.com:8443", cooldown: "2d" };
    const graph = await build({ privatePrefix: "lab", mirror }, { authorities: "an authority", proxy });
    expect(environmentOf(graph)).toMatchObject({
      PYPIRON_PRIVATE_PREFIX: "lab",
      PYPIRON_PROXY_UPSTREAM: "https://index.example.com:8443",
      PYPIRON_EXCLUDE_NEWER: "PT172800S",
      PYPIRON_UPSTREAM_CA_CERT: "/trust/ca.crt",
      HTTPS_PROXY: "http://192.0.2.7:3128",
    });
    const { spec } = find(graph, kinds.networkPolicy, "packages-network-policy").inputs as {
      spec: { egress: { ports: { port: number }[] }[] };
    };
    expect(spec.egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([
      [53, 53],
      [9000],
      [8443, 443],
      [3128],
    ]);
    expect(looseEnds(graph)).toEqual([]);
    // Neither is of use where nothing is asked outside.
    const closed = await build({}, { authorities: "an authority", proxy });
    expect(podOf(closed).volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "4Gi" } }]);
    expect(environmentOf(closed)).not.toHaveProperty("HTTPS_PROXY");
  });

  it("shows the world the index and nothing about itself", () => {
    const { rules } = find(usual, kinds.ingress, "packages-ingress").inputs["spec"] as {
      rules: { host: string; http: { paths: { path: string; pathType: string }[] } }[];
    };
    expect(
      rules.map(({ host, http }) => [host, http.paths.map(({ path, pathType }) => `${pathType} ${path}`)]),
    ).toEqual([
      ["packages.example.org", ["Prefix /simple", "Prefix /files", "Prefix /legacy", "Prefix /project", "Exact /"]],
    ]);
  });

  it("holds the image to a digest that was seen once", async () => {
    const imageDigest = `sha256:${"a".repeat(64)}`;
    const [{ image }] = podOf(await build({ imageDigest }, { imageMirror: "mirror.example.org" })).containers;
    expect(image).toBe(`mirror.example.org/ghcr.io/blackthorn-interstellar/pypiron:0.0.29@${imageDigest}`);
  });
});

describe("a bucket on AWS", () => {
  const onAws = { bucket: "b", region: "eu-west-3", access: { kind: "podIdentity" } } as const;
  const egress = (graph: Graph<unknown>, name: string) =>
    (find(graph, kinds.networkPolicy, name).inputs["spec"] as { egress: { to?: object; ports: { port: number }[] }[] })
      .egress;
  const agent = { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [{ port: 80, protocol: "TCP" }] };

  it("is opened by the agent of the node, without a key anywhere", async () => {
    const graph = await build({}, { place: onAws });
    expect(environmentOf(graph)).toMatchObject({ PYPIRON_BUCKETS: "s3://b@eu-west-3", AWS_REGION: "eu-west-3" });
    const names = Object.keys(environmentOf(graph));
    expect(names.filter((name) => /^PYPIRON_S3|^AWS_(ACCESS|SECRET)/.test(name))).toEqual([]);
    expect(graph.resources.map(({ name }) => name)).not.toContain("packages-bucket-secret");
    expect(podOf(graph)).toMatchObject({ serviceAccountName: "packages" });
    for (const name of ["packages-network-policy", "packages-verification-network-policy"]) {
      expect(egress(graph, name)).toContainEqual(agent);
      expect(
        egress(graph, name)
          .filter(({ to }) => to === undefined)
          .at(-1)?.ports,
      ).toEqual([{ port: 443, protocol: "TCP" }]);
    }
    expect(egress(usual, "packages-network-policy")).not.toContainEqual(agent);
  });

  it("is reached through a proxy, where there is one", async () => {
    const proxy = proxyOf({
      domain: "example.org",
      proxy: { https: "http://192.0.2.7:3128", none: [], addresses: [] },
    })!;
    const graph = await build({}, { place: onAws, proxy });
    expect(environmentOf(graph)).toHaveProperty("HTTPS_PROXY");
    expect(JSON.stringify(verificationOf(graph))).toContain("HTTPS_PROXY");
    expect(JSON.stringify(egress(graph, "packages-verification-network-policy"))).toContain("192.0.2.7/32");
    expect(JSON.stringify(verificationOf(await build({}, { proxy })))).not.toContain("HTTPS_PROXY");
  });
});

describe("the comparison at night", () => {
  it("reads the bucket as the servers do, and is not one of them", () => {
    const { schedule, jobTemplate } = verificationOf(usual);
    expect(schedule).toBe("23 3 * * *");
    const { metadata, spec } = jobTemplate.spec.template;
    const [server] = podOf(usual).containers;
    const [container] = spec.containers;
    expect(container).toMatchObject({ image: server.image, args: ["verify-index", "--deep"] });
    const passwords = /PASS$|_USER$/;
    expect(container.env).toEqual(server.env.filter(({ name }) => !passwords.test(name)));
    expect(container.env.map(({ name }) => name)).toContain("AWS_SECRET_ACCESS_KEY");
    // The Service and the servers' policy go by this label.
    expect(metadata.labels["app.kubernetes.io/name"]).toBe("packages-verification");
    expect(find(usual, kinds.networkPolicy, "packages-verification-network-policy").inputs["spec"]).toMatchObject({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "packages-verification" } },
      ingress: [],
    });
  });
});

describe("the bucket", () => {
  const client = { namespace: "datalab-packages", workload: "packages" };
  const tenant = (buckets = [{ name: "datalab-packages", client }]) =>
    runGraph(
      () =>
        new MinioTenant("object-store", {
          hosts: hostsOf({ domain: "example.org" }),
          access,
          realm: { issuerUrl: access.issuerUrl },
          ingressClassName: "nginx",
          publicHosts: openHosts,
          settings: minioSettings.parse({ kind: "minio" }),
          buckets,
        }),
    );

  it("opens to five actions, and neither to every action nor to another bucket", () => {
    const { Statement } = serviceBucketPolicy("datalab-packages");
    const allowed = Statement.filter(({ Effect }) => Effect === "Allow");
    expect(allowed.flatMap(({ Action }) => Action)).toEqual([
      "s3:ListBucket",
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:PutObject",
    ]);
    expect(allowed.flatMap(({ Resource }) => Resource)).toEqual([
      "arn:aws:s3:::datalab-packages",
      "arn:aws:s3:::datalab-packages/*",
    ]);
  });

  it("is made by the store's Job, with a key of its own that only Secrets hold", async () => {
    const graph = await tenant();
    const secret = find(graph, kinds.secret, "object-store-places-secret");
    const key = `${secretMarker}-object-store-datalab-packages-password`;
    expect(secret.inputs).toMatchObject({
      metadata: { name: "object-store-places", namespace: "datalab-storage" },
      stringData: { "datalab-packages": key },
    });
    const job = find(graph, "kubernetes:batch/v1:Job", "object-store-setup");
    expect(job.dependencies).toContain("object-store-places-secret");
    expect(JSON.stringify(job.inputs)).toContain('{"name":"PLACES","value":"datalab-packages"}');
    const policies = find(graph, "kubernetes:core/v1:ConfigMap", "object-store-policy-document").inputs["data"];
    expect(Object.keys(policies as object)).toEqual(["datalab-packages.json", "own-bucket.json"]);
    expect(graph.resources.filter(({ serialized }) => serialized.includes(secretMarker))).toEqual([]);
    expect(looseEnds(graph, { elsewhere: [] })).toEqual([]);
    const { access: how, bucket } = graph.result.places["datalab-packages"]!;
    expect(how.credentials.accessKey).toBe("datalab-packages");
    expect(bucket).toBe("datalab-packages");
  });

  it("lets its one client to the servers", async () => {
    const from = async (graph: Promise<Graph<unknown>>) =>
      JSON.stringify(find(await graph, kinds.networkPolicy, "object-store-network-policy").inputs);
    expect(await from(tenant())).toContain("datalab-packages");
    expect(await from(tenant([]))).not.toContain("datalab-packages");
  });

  it("changes nothing of a store that has none", async () => {
    const policy = { name: "a", document: { Version: "2012-10-17", Statement: [] } } as const;
    const store = { replicas: 1, volume: { size: "20Gi" } };
    expect(setupJob(policy, store, undefined, [])).toEqual(setupJob(policy, store));
    const graph = await tenant([]);
    expect(graph.resources.map(({ name }) => name)).not.toContain("object-store-places-secret");
    expect(JSON.stringify(graph.resources)).not.toMatch(/PLACES|"keys"/);
  });
});

describe("services of users", () => {
  const open = packageIndexOf(settingsOf({ privatePrefix: "lab", mirror: {} }), "https://packages.example.org");
  const closed = packageIndexOf(settingsOf(), "https://packages.example.org");
  const withLogin = packageIndexOf(
    settingsOf({ privatePrefix: "lab", mirror: {}, reads: "authenticated" }),
    "https://p",
  );
  const defaults = (index: typeof open) =>
    Object.fromEntries(
      (environmentVariables(false, index)["default"] as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value,
      ]),
    );

  it("take the index for their only one where it hands on public packages without a login", () => {
    expect(regionOf({ ...regionInputs(), packageIndex: open })).toMatchObject({
      packageRepositoryInjection: { pypiProxyUrl: "https://packages.example.org/simple/" },
    });
    expect(defaults(open)).toEqual({
      PIP_INDEX_URL: "https://packages.example.org/simple/",
      UV_DEFAULT_INDEX: "https://packages.example.org/simple/",
      TWINE_REPOSITORY_URL: "https://packages.example.org/legacy/",
      UV_PUBLISH_URL: "https://packages.example.org/legacy/",
    });
  });

  it.each([
    ["has private packages alone", closed],
    ["wants a login", withLogin],
  ])("keep theirs where it %s, and learn where to publish", (_, index) => {
    expect(regionOf({ ...regionInputs(), packageIndex: index })).not.toHaveProperty("packageRepositoryInjection");
    expect(Object.keys(defaults(index))).toEqual(["TWINE_REPOSITORY_URL", "UV_PUBLISH_URL"]);
  });

  it("take one elsewhere that hands on public packages, and publish only where it says how", () => {
    const given = (more: object) =>
      packageIndexOf(
        packagesSettings.parse({ engine: "external", indexUrl: "https://i.example.com/simple", ...more }),
        "",
      );
    expect(defaults(given({ mirrorsPublicIndex: true }))).toEqual({
      PIP_INDEX_URL: "https://i.example.com/simple/",
      UV_DEFAULT_INDEX: "https://i.example.com/simple/",
    });
    expect(defaults(given({ uploadUrl: "https://i.example.com/legacy" }))).toEqual({
      TWINE_REPOSITORY_URL: "https://i.example.com/legacy/",
      UV_PUBLISH_URL: "https://i.example.com/legacy/",
    });
    expect(defaults(given({ mirrorsPublicIndex: true, reads: "authenticated" }))).toEqual({});
  });

  it("learn nothing where there is none", () => {
    expect(packageIndexOf(undefined, "https://packages.example.org")).toBeUndefined();
    expect(defaults(undefined)).toEqual({});
  });
});

describe("the doctor", () => {
  const values = { ...stackFile("dev").values };
  const expectedWith = (more: Record<string, unknown> = {}) => {
    const packages = { engine: "pypiron", privatePrefix: "demo", ...more };
    return expectationsOf(parseSettings({ stack: "test", values: { ...values, packages }, secretKeys: [] }));
  };
  const look = (answer: object, more?: Record<string, unknown>) => {
    const asked: unknown[] = [];
    const request = (...call: unknown[]) => {
      asked.push(call);
      return Promise.resolve({ headers: {}, text: "", ...answer });
    };
    const step = stepsFor(expectedWith(more)).find(({ id }) => id === "packages");
    const outcome = step?.run({ web: { request } } as unknown as Context);
    return { step, asked, outcome };
  };
  const list = { status: 200, text: '{"meta":{"api-version":"1.4"},"projects":[{"name":"demo-pkg"}]}' };

  it("asks the index as pip does, after its certificate", async () => {
    const { asked, outcome, step } = look(list);
    expect(await outcome).toEqual({ status: "passed", note: "packages: 1" });
    expect(asked).toEqual([
      [
        "https://packages.demo.test/simple/",
        { headers: { accept: "application/vnd.pypi.simple.v1+json, text/html;q=0.1" } },
      ],
    ]);
    expect(step?.needs).toEqual(["certificate:packages"]);
    expect(expectedWith().publicHosts.map(({ key }) => key)).toContain("packages");
  });

  it("tells an index without pods, one that opens to nobody, and one that opens to everybody", async () => {
    expect(await look({ status: 503 }).outcome).toMatchObject({
      status: "failed",
      hop: "ingress controller → package index",
    });
    expect(await look({ status: 401 }).outcome).toMatchObject({ status: "failed" });
    expect(await look({ status: 200, text: "<html>" }).outcome).toMatchObject({ status: "failed" });
    const locked = { reads: "authenticated" };
    expect(await look(list, locked).outcome).toMatchObject({ status: "failed" });
    expect(await look({ status: 401 }, locked).outcome).toMatchObject({ status: "passed" });
  });

  it("compares the portal's region with the index that it hands out", () => {
    expect(expectedWith().region).not.toHaveProperty("packageRepositoryInjection");
    expect(expectedWith({ mirror: {} }).region).toMatchObject({
      packageRepositoryInjection: { pypiProxyUrl: "https://packages.demo.test/simple/" },
    });
  });

  const elsewhere = { engine: "external", indexUrl: "https://packages.example.com:8443/simple" };
  const lookElsewhere = (answer: object, more: Record<string, unknown> = {}) => {
    const settings = parseSettings({
      stack: "test",
      values: { ...values, packages: { ...elsewhere, ...more } },
      secretKeys: [],
    });
    const expected = expectationsOf(settings);
    const step = stepsFor(expected).find(({ id }) => id === "packages");
    const request = () => Promise.resolve({ headers: {}, text: "", ...answer });
    return { expected, outcome: step?.run({ web: { request } } as unknown as Context) };
  };

  it("asks an index elsewhere by its own address, whose pages may be old ones", async () => {
    const { expected, outcome } = lookElsewhere(list);
    expect(await outcome).toMatchObject({ status: "passed" });
    expect(expected.publicHosts).toContainEqual(
      expect.objectContaining({ key: "packages", host: "packages.example.com", port: "8443", own: false }),
    );
    expect(expected.parts.map(({ key }) => key)).not.toContain("packages");
    expect(await lookElsewhere({ status: 200, text: '<a href="demo-pkg/">' }).outcome).toMatchObject({
      status: "passed",
    });
    expect(await lookElsewhere({ status: 404 }).outcome).toMatchObject({ status: "warning" });
    expect(await lookElsewhere({ status: 503 }).outcome).toMatchObject({ status: "failed" });
    expect(await lookElsewhere({ status: 404 }, { reads: "authenticated" }).outcome).toMatchObject({
      status: "failed",
    });
  });

  it("has no step where there is no index", () => {
    const others = Object.fromEntries(Object.entries(values).filter(([key]) => key !== "packages"));
    const steps = stepsFor(expectationsOf(parseSettings({ stack: "test", values: others, secretKeys: [] })));
    expect(steps.map(({ id }) => id).filter((id) => id.includes("packages"))).toEqual([]);
  });
});

describe("a stack file", () => {
  const problemsWith = (change: Record<string, unknown>) => {
    const { values, ...file } = stackFile("dev");
    try {
      parseSettings({ ...file, values: { ...values, ...change } });
      return "";
    } catch (error) {
      return String(error);
    }
  };

  it("is refused beside a store that the platform makes no bucket in", () => {
    const objectStore = { kind: "external", endpoint: "https://store.example.net" };
    const text = problemsWith({ objectStore });
    expect(text).toContain("datalab:packages");
    expect(text).toContain("pulumi config rm --path 'datalab:packages'");
    const aws = { accountId: "123456789012", region: "eu-west-3" };
    expect(problemsWith({ objectStore: { kind: "s3" }, aws })).toContain("or on AWS where `cluster.kind` is eks");
    expect(problemsWith({})).toBe("");
    const packages = { engine: "external", indexUrl: "https://packages.example.com/simple" };
    expect(problemsWith({ objectStore, packages })).toBe("");
  });

  it("loses them in a flip to such a store", () => {
    const file = new EditableStackFile(
      "config:\n  datalab:platform: { domain: d.test }\n  datalab:cluster: { kind: existing, clusterIdentifier: home, kubeconfigPath: k }\n" +
        "  datalab:ingress: { kind: traefik }\n  datalab:certificates: { issuer: privateCa }\n" +
        "  datalab:objectStore: { kind: minio }\n  datalab:packages: { engine: pypiron, privatePrefix: lab }\n",
    );
    const { changes, removals } = parseArguments([
      ...["-s", "home", "objectStore.kind=external"],
      "objectStore.endpoint=https://s3.example.net",
    ])!;
    const { meaningless, problems } = settle(file, changes, removals, (one) => one.read("home"));
    expect({ meaningless, problems }).toEqual({ meaningless: [["packages"]], problems: [] });
  });

  it("is refused with a mirror that could bring packages of your names", () => {
    const text = problemsWith({ packages: { engine: "pypiron", mirror: {} } });
    expect(text).toContain("datalab:packages.privatePrefix is missing");
    expect(text).toContain("pulumi config rm --path 'datalab:packages.mirror'");
    expect(problemsWith({ packages: { engine: "pypiron", mirror: {}, privatePrefix: "lab" } })).toBe("");
  });

  it.each([
    "https://i.example.com/simple/",
    "http://i.example.com/simple",
    "https://i.example.com/${x}",
    "https://i.example.com/{{x}}",
  ])("is refused with an index at %s", (indexUrl) => {
    expect(problemsWith({ packages: { engine: "external", indexUrl } })).toContain("datalab:packages.indexUrl");
  });

  it.each([
    ["privatePrefix", "Lab"],
    ["privatePrefix", "lab-"],
    ["rotation", "two words"],
    ["verification", "at night"],
    ["reads", "some"],
    ["replicas", 0],
  ])("is refused with %s: %s", (setting, value) => {
    expect(problemsWith({ packages: { engine: "pypiron", [setting]: value } })).toContain(
      `datalab:packages.${setting}`,
    );
  });
});
