/** The region, checked key by key against what API v4.12.0 and web 5.5 read. */
import { Fields, jsonList } from "./fields.ts";
import { Refusal } from "./refusal.ts";
import { checkS3 } from "./region-storage.ts";

export interface Region {
  readonly id: string;
  readonly services: Services;
  /** What browsers are given. */
  readonly published: unknown;
}

export interface Services {
  readonly allowNamespaceCreation: boolean;
  readonly namespacePrefix: string;
  readonly groupNamespacePrefix: string;
  readonly usernamePrefix: string;
  readonly groupPrefix: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly namespaceAnnotations: Readonly<Record<string, string>>;
  readonly dynamicAnnotations: { readonly enabled: boolean; readonly userAttributes: readonly string[] };
  /** Undefined where there is no limit. */
  readonly userQuota: Quota | undefined;
  readonly groupQuota: Quota | undefined;
}

export type Quota = Readonly<Record<string, string>>;

/** @throws Refusal naming the key. Unlike the real API, which drops unknown keys, this one does not start with them. */
export function readRegions(text: string | undefined, withLogin: boolean): [Region, ...Region[]] {
  if (text === undefined) throw new Refusal("region", "regions is missing");
  const regions = jsonList("region", "regions", text).map((value, index) =>
    readRegion(new Fields("region", `regions[${index}]`, value), value, withLogin),
  );
  const [first, ...others] = regions;
  if (first === undefined) throw new Refusal("region", "regions is empty");
  const twice = regions.find(({ id }, index) => regions.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw new Refusal("region", `two regions have the id "${twice.id}"`);
  return [first, ...others];
}

function readRegion(region: Fields, value: unknown, withLogin: boolean): Region {
  const id = region.string("id", /./);
  region.optionalString("name");
  region.optionalString("description");
  const services = readServices(region.object("services"));
  const data = region.optionalObject("data");
  if (data !== undefined) {
    for (const s3 of data.oneOrMany("S3")) checkS3(s3, withLogin);
    data.done();
  }
  region.ignore("includedGroupPattern", "transformGroupPattern", "excludedGroupPattern", "onyxiaAPI", "vault", "git");
  region.ignore("proxyInjection", "packageRepositoryInjection", "certificateAuthorityInjection");
  region.done();
  return { id, services, published: published(value) };
}

const namePrefix = /^[a-z0-9][-a-z0-9]*$/;

function readServices(services: Fields): Services {
  services.oneOf("type", ["KUBERNETES"]);
  if (services.any("defaultConfiguration") !== undefined) {
    services.refuse("defaultConfiguration", "stops the API since its version 9: use schemas");
  }
  if (services.boolean("singleNamespace", true)) {
    services.refuse("singleNamespace", "is true or missing: everybody would share the portal's own namespace");
  }
  if (!services.boolean("userNamespace", true)) services.refuse("userNamespace", "is false: the portal would not load");
  services.oneOf("authenticationMode", ["serviceAccount", "impersonate", "tokenPassthrough"], "serviceAccount");
  pattern(services, "allowedURIPattern");
  checkExpose(services.object("expose"));
  const dynamic = services.optionalObject("namespaceAnnotationsDynamic");
  const quotas = services.optionalObject("quotas");
  const read: Services = {
    allowNamespaceCreation: services.boolean("allowNamespaceCreation", true),
    namespacePrefix: services.optionalString("namespacePrefix", namePrefix) ?? "user-",
    groupNamespacePrefix: services.optionalString("groupNamespacePrefix", namePrefix) ?? "projet-",
    usernamePrefix: services.optionalString("usernamePrefix") ?? "",
    groupPrefix: services.optionalString("groupPrefix") ?? "",
    namespaceLabels: services.texts("namespaceLabels"),
    namespaceAnnotations: services.texts("namespaceAnnotations"),
    dynamicAnnotations: {
      enabled: dynamic?.boolean("enabled", false) ?? false,
      userAttributes: dynamic?.textList("userAttributes") ?? [],
    },
    userQuota: quotas === undefined ? undefined : readQuota(quotas, "user"),
    groupQuota: quotas === undefined ? undefined : readQuota(quotas, "group"),
  };
  if (read.namespacePrefix === read.groupNamespacePrefix) {
    services.refuse("groupNamespacePrefix", "is that of the users: a group could take a user's namespace");
  }
  dynamic?.done();
  quotas?.ignore("roles");
  quotas?.done();
  services.ignore("server", "monitoring", "k8sPublicEndpoint");
  services.done();
  return read;
}

const domainName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/;

/** Without it the portal's page stays empty. */
function checkExpose(expose: Fields): void {
  expose.string("domain", domainName);
  if (expose.boolean("ingress", true)) expose.string("ingressClassName", /./);
  expose.boolean("route", false);
  expose.ignore("ingressClassName", "ingressPort", "annotations", "useDefaultCertificate", "istio", "certManager");
  expose.done();
}

const quotaKey =
  /^(requests\.(memory|cpu|storage|ephemeral-storage|nvidia\.com\/gpu)|limits\.(memory|cpu|ephemeral-storage|nvidia\.com\/gpu)|count\/pods)$/;
const quantity = /^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$/;

function readQuota(quotas: Fields, whose: "user" | "group"): Quota | undefined {
  const enabled = quotas.boolean(`${whose}Enabled`, false);
  const quota = quotas.texts(whose);
  for (const [key, value] of Object.entries(quota)) {
    if (!quotaKey.test(key)) quotas.refuse(`${whose}.${key}`, "is no quota that the API knows");
    if (!quantity.test(value)) quotas.refuse(`${whose}.${key}`, `is "${value}", not a quantity`);
  }
  return enabled && Object.keys(quota).length > 0 ? quota : undefined;
}

function pattern(fields: Fields, key: string): void {
  try {
    new RegExp(fields.optionalString(key) ?? "");
  } catch {
    fields.refuse(key, "is not a regular expression");
  }
}

/** As the API serves it: without `services.type`, and the number of pods as a number. */
function published(value: unknown): unknown {
  const copy = structuredClone(value) as { services: Record<string, unknown> };
  const { services } = copy;
  delete services["type"];
  const quotas = services["quotas"] as Record<string, Record<string, unknown>> | undefined;
  for (const quota of [quotas?.["user"], quotas?.["group"]]) {
    if (quota?.["count/pods"] !== undefined) quota["count/pods"] = Number(quota["count/pods"]);
  }
  return { ...copy, services: { userNamespace: true, ...services } };
}
