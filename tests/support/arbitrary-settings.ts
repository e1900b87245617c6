/** Random valid stack files, as a person could have written them. */
import fc from "fast-check";

import type { SettingsKey } from "../../stacks/settings/schemas.ts";
import { allCombinations, type Combination, refusalsOf } from "../../stacks/settings/switches.ts";
import { existingIngress, traefikOf } from "./arbitrary-ingress.ts";
import { notebooks } from "./arbitrary-notebooks.ts";
import { packagesBeside } from "./arbitrary-packages.ts";
import { cidr, label, resources, some } from "./arbitrary-values.ts";
import { authority } from "./certificates.ts";
import { combinationValues } from "./combination-settings.ts";

/** Values by key of the stack file, before defaults are filled in. */
export type StackValues = Record<string, Record<string, unknown>>;

const domain = fc.constantFrom("example.org", "lab.example.co.uk", "home.test");

const platform = fc
  .tuple(
    domain,
    some({
      servicesDomain: fc.constantFrom("services.example.net", "users.example.org"),
      protectData: fc.boolean(),
      imageMirror: fc.constantFrom("mirror.example.org", "mirror.example.org:5000/hub"),
      authorities: fc.constant(authority),
      proxy: some({ http: fc.constant("http://proxy.example.com:3128"), none: fc.uniqueArray(cidr) }).map((rest) => ({
        https: "http://192.0.2.7:3128",
        addresses: ["192.0.2.7/32"],
        ...rest,
      })),
      readyTimeout: fc.constantFrom("5m", "1h"),
    }),
  )
  .chain(([domain, rest]) => imagePull(rest.imageMirror).map((login) => ({ domain, ...rest, ...login })));

/** A login for the mirror, or for one of the registries behind it. */
function imagePull(imageMirror: string | undefined) {
  const registry = imageMirror === undefined ? { registry: "docker.io" } : {};
  return some({
    imagePull: fc.constant({ ...registry, username: "robot$datalab", password: "canary-secret-registry-password" }),
  });
}

const existingCluster = fc
  .tuple(
    label,
    some({
      context: label,
      apiServerCidrs: fc.uniqueArray(cidr, { minLength: 1 }),
      apiServerPorts: fc.constant([443, 6443]),
    }),
  )
  .map(([clusterIdentifier, rest]) => ({ kind: "existing", clusterIdentifier, kubeconfigPath: "kubeconfig", ...rest }));

const eksCluster = fc
  .record({
    zones: fc.constantFrom(["eu-west-3a", "eu-west-3b"], ["eu-west-3a", "eu-west-3b", "eu-west-3c"]),
    natGateways: fc.constantFrom("one", "perZone"),
    endpoints: fc.subarray(["ecr", "sts"]),
    flowLogs: fc.boolean(),
    logs: fc.subarray(["api", "audit", "authenticator"]),
    spot: fc.uniqueArray(label, { maxLength: 3 }),
    nodes: fc.integer({ min: 3, max: 9 }),
  })
  .map(({ zones, natGateways, endpoints, flowLogs, logs, spot, nodes }) => ({
    kind: "eks",
    clusterIdentifier: "prod",
    network: { kind: "new", zones, natGateways, endpoints, flowLogs },
    publicAccessCidrs: ["203.0.113.0/24"],
    logs,
    admins: ["arn:aws:iam::123456789012:role/operators"],
    nodeGroups: {
      platform: { instanceTypes: ["m7i.xlarge", "m6i.xlarge"], min: nodes },
      ...Object.fromEntries(
        spot.map((name) => [`spot-${name}`, { capacity: "spot", instanceTypes: ["m7i.2xlarge"], min: 0, max: nodes }]),
      ),
    },
  }));

const privateCa = fc.constantFrom<Record<string, unknown>>(
  { issuer: "privateCa" },
  { issuer: "privateCa", certManager: { install: false } },
);

const identity = fc
  .tuple(fc.uniqueArray(label, { maxLength: 3 }), fc.uniqueArray(label, { maxLength: 3 }))
  .chain(([groups, roles]) =>
    some({
      realm: label,
      displayName: fc.constantFrom("Datalab", "Labor"),
      replicas: fc.integer({ min: 1, max: 3 }),
      adminConsole: fc.boolean(),
      registration: fc.constantFrom("none", "open"),
      hyphenatedNames: fc.boolean(),
      smtp: fc.constant({
        host: "mail.example.org",
        from: "lab@example.org",
        user: "lab",
        // What the tests of the graph look for.
        password: "canary-secret-mail-password",
      }),
      egress: some({ allow: fc.uniqueArray(cidr) }),
      groups: fc.constant(groups),
      roles: fc.constant(roles),
      clients: fc.dictionary(
        label.map((name) => `app-${name}`),
        fc.record({
          kind: fc.constantFrom("public", "confidential"),
          redirectUris: fc.uniqueArray(
            label.map((name) => `https://${name}.example.org/*`),
            { minLength: 1 },
          ),
        }),
        { maxKeys: 3 },
      ),
      firstUsers: fc
        .uniqueArray(label, { maxLength: 3 })
        .map((names) => Object.fromEntries(names.map((name) => [name, { email: `${name}@example.org` }]))),
    }),
  );

const minio = some({
  replicas: fc.constantFrom(1, 4, 7),
  resources,
  console: fc.boolean(),
  publicSharing: fc.boolean(),
  credentialsLifetime: fc.constantFrom("15m", "12h", "7d"),
  region: fc.constantFrom("us-east-1", "eu-west-3"),
}).map((settings) => ({ kind: "minio", ...settings }));

const portal = some({
  title: fc.constantFrom("Datalab", "Labor"),
  otherLanguages: fc.uniqueArray(fc.constantFrom("fr", "de", "it")),
  catalogs: fc.uniqueArray(
    label.map((id) => ({ id, name: id, location: `https://${id}.example.org/charts` })),
    { selector: ({ id }) => id, maxLength: 4 },
  ),
  anonymousVisitors: fc.boolean(),
  web: fc.constantFrom({ replicas: 1 }, { replicas: 2 }),
  api: fc.constantFrom({ replicas: 1 }, { replicas: 2 }),
});

const catalogue = fc.option(
  some({
    charts: fc.constantFrom(["static-site"], ["jupyter-basic", "static-site"]),
    replicas: fc.constantFrom(1, 3),
    resources,
  }),
  { nil: undefined },
);

const accepted = allCombinations().filter((combination) => refusalsOf(combination).length === 0);

/** A valid stack file. */
export const stackValues: fc.Arbitrary<StackValues> = fc.constantFrom(...accepted).chain(valuesFor);

/** What is worth varying varies; other words bring the values that each of them needs. */
function valuesFor(combination: Combination): fc.Arbitrary<StackValues> {
  const plain = combinationValues(combination);
  // Nothing can be installed by somebody else in a cluster that the stack makes.
  const authority = combination.cluster === "eks" ? fc.constant({ issuer: "privateCa" }) : privateCa;
  const samples = {
    // A certificate at hand is for one domain.
    platform: combination.certificates === "provided" ? fc.constant(plain["platform"]!) : platform,
    aws: fc.constant(plain["aws"]!),
    cluster: combination.cluster === "eks" ? eksCluster : existingCluster,
    dns: some({ resolvesInCluster: fc.boolean(), clusterDns: fc.constant("none") }).map((more) => ({
      ...plain["dns"],
      ...more,
    })),
    ingress: combination.ingress === "traefik" ? traefikOf(combination) : existingIngress,
    certificates: combination.certificates === "privateCa" ? authority : fc.constant(plain["certificates"]!),
    identity,
    objectStore: combination.objectStore === "minio" ? minio : fc.constant(plain["objectStore"]!),
    packages: packagesBeside(combination),
    catalogue,
    basicJupyter: fc.option(some({ resources }), { nil: undefined }),
    notebooks: fc.option(notebooks, { nil: undefined }),
    portal,
  } satisfies Record<SettingsKey, fc.Arbitrary<Record<string, unknown> | undefined>>;
  return fc.record(samples).map(withoutAbsent).map(withServicesZone).map(withWaysIn);
}

/** A key that is not there, is not in the file. */
function withoutAbsent(values: Record<string, Record<string, unknown> | undefined>): StackValues {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, Record<string, unknown>] => entry[1] !== undefined),
  );
}

/** On AWS pods do not come by the load balancer of a few, and S3 asks the realm from outside. */
function withWaysIn<T extends StackValues>(values: T): T {
  const { cluster, dns, ingress, objectStore } = values;
  if (cluster?.["kind"] !== "eks") return values;
  const internal = ingress?.["internal"] === true && objectStore?.["kind"] !== "s3" && !dns?.["resolvesInCluster"];
  const { visitors: list, ...rest } = ingress ?? {};
  const kept = list === undefined || dns?.["resolvesInCluster"] === true ? {} : { visitors: list };
  return { ...values, ingress: { ...rest, ...kept, internal } };
}

/** A domain of the services' own lies in a zone of its own. */
function withServicesZone<T extends StackValues>(values: T): T {
  const { platform, dns } = values;
  if (platform?.["servicesDomain"] === undefined || dns?.["kind"] !== "route53") return values;
  return { ...values, dns: { ...dns, servicesZoneId: "Z0SERVICES" } };
}

/** The same stack file with every list and every map in another order, except lists whose order is a choice. */
export function reordered<T>(value: T, keep: readonly string[] = ["highlightedCharts", "instanceTypes"]): T {
  if (Array.isArray(value)) return value.map((element: unknown) => reordered(element, keep)).toReversed() as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    keep.includes(key) ? inner : reordered(inner as unknown, keep),
  ]);
  return Object.fromEntries(entries.toReversed()) as T;
}
