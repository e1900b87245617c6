/** A platform's rules and three workspaces on an API server, for the attempts. */
import { setTimeout as sleep } from "node:timers/promises";

import { clusterRules, onboarding, type RuleOptions, workspaceContents } from "../workspaces.ts";
import { type Actor, type Attempt, wordsOf } from "./attempt.ts";
import { type KubernetesObject, neighbour, own } from "./calls.ts";
import { pod } from "./pods.ts";
import { crowded } from "./quantities.ts";
import { binding, role } from "./rights.ts";
import { accounts, type ApiServer } from "./server.ts";
import { controllerAddress, service } from "./services.ts";

const workspaces = [own, neighbour, crowded, "project-data"];

/** Puts everything in place, as an administrator. */
export async function furnish(server: ApiServer): Promise<void> {
  const platform = ["datalab-portal", "datalab-identity", "datalab-ingress", "cert-manager", "user-management"];
  for (const name of platform) await server.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await server.apply(account("onyxia-api", "datalab-portal"));
  for (const object of [...certificateKinds.map(definitionOf), ...clusterRules()]) await server.apply(object);
  for (const name of workspaces) {
    for (const object of [...onboarding(name), ...workspaceContents(name)]) await server.apply(object);
  }
  for (const object of contents) await server.apply(object);
  await until("the workspaces' quotas and accounts", () => isReady(server));
  // The controllers have to make the default account first.
  await server.apply({ ...pod(), metadata: { name: "thing", namespace: own } });
  await server.logIn();
}

/** Gives the portal's account every right, and waits until it has them: the API server takes a moment to read bindings. */
export async function giveEveryRight(server: ApiServer): Promise<void> {
  const { namespace, name } = accounts.portal;
  await server.apply({
    ...binding("cluster-admin", { kind: "ServiceAccount", name, namespace }),
    kind: "ClusterRoleBinding",
    metadata: { name: "everything" },
  });
  await until("every right of the portal's account", () => mayDoEverything(server, "portal"));
}

/** Lets the rules of other settings take effect. */
export async function change(server: ApiServer, options: RuleOptions): Promise<void> {
  for (const object of clusterRules({}, options)) await server.apply(object);
}

/** Waits until a policy refuses what it should: the API server takes a moment to read new ones. */
export async function inForce(server: ApiServer, attempt: Attempt): Promise<void> {
  const { no, who, make, by } = attempt;
  await until(`${by} (by attempt ${no})`, async () => {
    const [call] = make;
    // Its own words: a right that is not there yet refuses too.
    return call !== undefined && (await server.attempt(who, call)).text.includes(wordsOf(attempt));
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(100);
  }
}

async function mayDoEverything(server: ApiServer, who: Actor): Promise<boolean> {
  const { status, text } = await server.attempt(who, {
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { group: "*", resource: "*", verb: "*" } },
    },
    real: true,
  });
  if (status >= 300) throw new Error(text);
  return (JSON.parse(text) as { status: { allowed: boolean } }).status.allowed;
}

/** A quota that nobody has counted yet refuses everything. */
async function isReady(server: ApiServer): Promise<boolean> {
  const { items } = (await server.read("/api/v1/resourcequotas")) as { items: { spec: Hard; status?: Hard }[] };
  const counted = items.every(({ spec, status }) => size(spec) === size(status));
  const { items: found } = (await server.read("/api/v1/serviceaccounts?fieldSelector=metadata.name=default")) as {
    items: { metadata: { namespace: string } }[];
  };
  const homes = found.map(({ metadata }) => metadata.namespace);
  return counted && workspaces.every((name) => homes.includes(name));
}

interface Hard {
  readonly hard?: object;
}

function size(of: Hard | undefined): number {
  return Object.keys(of?.hard ?? {}).length;
}

/** Rights that other software adds to `admin` on some clusters. */
const aggregated: KubernetesObject = {
  ...role("limitranges", "*"),
  kind: "ClusterRole",
  metadata: { name: "aggregated" },
  rules: [
    { apiGroups: [""], resources: ["limitranges", "resourcequotas"], verbs: ["*"] },
    { apiGroups: ["cert-manager.io"], resources: ["*"], verbs: ["*"] },
  ],
};

/** What attempts stumble upon. The service has more than the settings allow: an administrator has bound it. */
const contents: readonly KubernetesObject[] = [
  aggregated,
  ...["admin", "aggregated"].map((name) => ({
    ...binding(name),
    metadata: { name: `service-${name}`, namespace: own },
  })),
  account("service", own),
  { ...role("configmaps", "get"), metadata: { name: "mine", namespace: own } },
  { ...service(), metadata: { name: "thing", namespace: own } },
  { ...service({ clusterIP: controllerAddress }), metadata: { name: "traefik", namespace: "datalab-ingress" } },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "datalab-trust", namespace: own } },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "password", namespace: own } },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "keycloak-admin", namespace: "datalab-identity" } },
];

/** Kinds of cert-manager that attempts make. */
const certificateKinds = ["Certificate", "CertificateRequest", "Issuer"];

/** No more than a name: nothing here signs anything. */
function definitionOf(kind: string): KubernetesObject {
  const singular = kind.toLowerCase();
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${singular}s.cert-manager.io` },
    spec: {
      group: "cert-manager.io",
      names: { kind, plural: `${singular}s`, singular },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

function account(name: string, namespace: string): KubernetesObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}
