/** Every hop is broken once, and the doctor must name it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { keycloakUnavailable } from "../../testbed/keycloak/distribution.ts";
import { unreachableKubeconfig } from "../../commands/stack-file/unreachable-kubeconfig.ts";
import { caBundleName } from "../../components/kubernetes/ca-bundle.ts";
import { namespaces } from "../../components/names.ts";
import { ownBucketPolicy, type PolicyDocument } from "../../components/object-store/bucket-policy.ts";
import type { Result } from "../../commands/doctor/runner.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import {
  type DoctorBench,
  type Examination,
  type ExamineOptions,
  kubectlWithKubelet,
  startDoctorBench,
} from "../support/doctor-bench.ts";
import { access, catalogueHost, domain, hosts, password, root, sent, setUpStore } from "../support/doctor-servers.ts";
import { forward } from "../support/front.ts";

const minutes = 60_000;
const asAlice = ["--user", "alice", "--write"];
const nobodyListens = "http://127.0.0.1:9";

const unavailable = keycloakUnavailable();
const describeWithKeycloak = unavailable === undefined ? describe : describe.skip;

let bench: DoctorBench;

/** What a broken hop must lead to. */
interface Named {
  /** Id of the first step that fails. */
  readonly step: string;
  readonly hop: string;
  readonly says: RegExp;
  readonly cause: RegExp;
}

/** Breaks a hop and returns what mends it. */
type Break = () => Promise<{ readonly mend: () => Promise<void> | void; readonly options?: ExamineOptions }>;

const firstFailure = ({ steps }: Examination): Result | undefined => steps.find(({ status }) => status === "failed");
const stepOf = ({ steps }: Examination, wanted: string): Result | undefined => steps.find(({ id }) => id === wanted);
const unhappy = ({ steps }: Examination) => steps.filter(({ status }) => status === "failed" || status === "warning");

async function kubectl(...args: string[]): Promise<void> {
  await bench.platform.kubectl(...args);
}

/** Serves another certificate for the platform's hosts. */
function otherCertificate(make: () => ReturnType<typeof issue>): Break {
  return async () => {
    const { certificates } = bench.front.behaviour;
    const name = `*.${domain}`;
    const before = certificates.get(name)!;
    certificates.set(name, await make());
    return {
      mend: () => {
        certificates.set(name, before);
      },
    };
  };
}

function otherRoute(host: string, target: () => Promise<string>): Break {
  return async () => {
    const { routes } = bench.front.behaviour;
    const before = routes.get(host)!;
    routes.set(host, await target());
    return {
      mend: () => {
        routes.set(host, before);
      },
    };
  };
}

/** Deletes a mapper from a client of the realm. */
function withoutMapper(clientId: string, mapper: string): Break {
  return async () => {
    const [client] = await bench.admin.get<{ id: string; protocolMappers: { id: string; name: string }[] }[]>(
      `datalab/clients?clientId=${clientId}`,
    );
    const models = `datalab/clients/${client!.id}/protocol-mappers/models`;
    const found = client!.protocolMappers.find(({ name }) => name === mapper)!;
    await sent(bench.admin, "DELETE", `${models}/${found.id}`);
    return { mend: () => sent(bench.admin, "POST", models, found) };
  };
}

/** Changes a client of the realm. */
function changedClient(clientId: string, change: object): Break {
  return async () => {
    const [client] = await bench.admin.get<{ id: string }[]>(`datalab/clients?clientId=${clientId}`);
    const path = `datalab/clients/${client!.id}`;
    await sent(bench.admin, "PUT", path, { ...client, ...change });
    return { mend: () => sent(bench.admin, "PUT", path, client) };
  };
}

/** A store whose logins get another policy. */
function otherPolicy(make: (own: PolicyDocument) => PolicyDocument): Break {
  return otherRoute(hosts.objectStore, async () => {
    const store = await bench.startStore();
    await store.waitFor("/minio/health/cluster/read", 200);
    await setUpStore(store, make(ownBucketPolicy(access)));
    return store.endpoint;
  });
}

/** The platform's store, which gives no keys for longer than an hour, as a role of AWS by default. */
const refusesLongKeys: Break = () => {
  const { routes } = bench.front.behaviour;
  const before = routes.get(hosts.objectStore)!;
  routes.set(hosts.objectStore, (call, answer) => {
    if (call.method !== "POST") {
      forward(bench.store.endpoint, call, answer);
      return;
    }
    text(call).then(
      (body) => {
        if (Number(new URLSearchParams(body).get("DurationSeconds")) <= 3600) {
          forward(bench.store.endpoint, call, answer, body);
          return;
        }
        const message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        answer.writeHead(400).end(`<Error><Code>ValidationError</Code><Message>${message}</Message></Error>`);
      },
      (error: unknown) => answer.destroy(error as Error),
    );
  });
  return Promise.resolve({
    mend: () => {
      routes.set(hosts.objectStore, before);
    },
  });
};

function changedPortal(change: (environment: Record<string, string>) => Record<string, string>): Break {
  return () => {
    bench.servePortal({ ...bench.portalEnvironment, ...change({ ...bench.portalEnvironment }) });
    return Promise.resolve({
      mend: () => {
        bench.servePortal(bench.portalEnvironment);
      },
    });
  };
}

/** Sets the status of a pod as its kubelet would. */
function podStatus(namespace: string, pod: string, container: object): Break {
  return async () => {
    const name = ["--namespace", namespace, "patch", "pod", pod, "--subresource=status", "--type=merge", "--patch"];
    const notReady = ["Ready", "ContainersReady"].map((type) => ({ type, status: "False" }));
    const { status } = JSON.parse(
      await bench.platform.kubectl("--namespace", namespace, "get", "pod", pod, "-o", "json"),
    ) as { status: { conditions: { type: string }[]; containerStatuses: object[] } };
    const conditions = [...status.conditions.filter(({ type }) => !/Ready/.test(type)), ...notReady];
    const broken = { conditions, containerStatuses: [{ ...status.containerStatuses[0], ready: false, ...container }] };
    await kubectl(...name, JSON.stringify({ status: broken }));
    await kubectl("--namespace", namespace, "wait", `pod/${pod}`, "--for=condition=Ready=false");
    await kubectl(
      "--namespace",
      namespace,
      "wait",
      `statefulset/${pod.replace(/-0$/, "")}`,
      "--for=jsonpath={.status.replicas}=1",
    );
    await bench.platform.kubectl(
      "--namespace",
      namespace,
      "wait",
      `statefulset/${pod.replace(/-0$/, "")}`,
      "--for=jsonpath={.status.availableReplicas}=0",
    );
    return { mend: () => kubectl(...name, JSON.stringify({ status })) };
  };
}

/** Lets what runs in pods say something else. */
function otherAnswer(name: "api-log" | "run" | "trial", text: string): Break {
  return () => Promise.resolve({ mend: bench.pods.say(name, text) });
}

/** Patches an object of the cluster, and back. */
function patched(target: readonly string[], change: object, back: object): Break {
  const patch = (content: object) => kubectl("patch", ...target, "--type=merge", "--patch", JSON.stringify(content));
  return async () => {
    await patch(change);
    return { mend: () => patch(back) };
  };
}

/** Changes one file of a ConfigMap of the portal. */
function changedFile(name: string, file: string, text: string): Break {
  return async () => {
    const map = ["configmap", name, "--namespace", namespaces.portal];
    const { data } = JSON.parse(await bench.platform.kubectl("get", ...map, "-o", "json")) as {
      data: Record<string, string>;
    };
    return patched(map, { data: { [file]: text } }, { data: { [file]: data[file] } })();
  };
}

const breaks: Readonly<Record<string, Named & { readonly breaks: Break }>> = {
  "DNS that leads nowhere": {
    step: "dns:portal",
    hop: "DNS",
    says: /datalab\.demo\.test has no address/,
    cause: /record is missing/,
    breaks: () =>
      Promise.resolve({
        mend: () => undefined,
        options: { all: ["-s", "dev", "--config-file", bench.platform.engine.stackFile] },
      }),
  },
  "an address at which nobody listens": {
    step: "connection:portal",
    hop: "ingress controller",
    says: /ECONNREFUSED/,
    cause: /nothing listens/,
    breaks: () =>
      Promise.resolve({
        mend: () => undefined,
        options: { args: [], all: [...bench.args.slice(0, 6), "--https-port", "9"] },
      }),
  },
  "an authority that nobody can read": {
    step: "authority",
    hop: "certificate authority",
    says: /cannot be read from ConfigMap datalab-portal\/platform-ca: it has no key/,
    cause: /changed it/,
    breaks: async () => {
      const name = ["--namespace", namespaces.portal];
      const text = await bench.platform.kubectl(...name, "get", "configmap", caBundleName, "-o", "json");
      const { data } = JSON.parse(text) as { data: object };
      const patch = (change: object) =>
        kubectl(...name, "patch", "configmap", caBundleName, "--type=merge", "--patch", JSON.stringify(change));
      await patch({ data: null });
      return { mend: () => patch({ data }) };
    },
  },
  "a certificate of a stranger": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /not trusted.*Somebody else/,
    cause: /another authority/,
    breaks: otherCertificate(async () =>
      issue(await makeAuthority("Somebody else"), { names: [`*.${domain}`], ...validNow }),
    ),
  },
  "an expired certificate": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /expired on 2026-01-02/,
    cause: /not renewed/,
    breaks: otherCertificate(() =>
      issue(bench.authority, {
        names: [`*.${domain}`],
        from: new Date("2025-10-01"),
        to: new Date("2026-01-02"),
      }),
    ),
  },
  "a certificate for another name": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /holds for \*\.elsewhere\.test only/,
    cause: /serves another one/,
    breaks: otherCertificate(() => issue(bench.authority, { names: ["*.elsewhere.test"], ...validNow })),
  },
  "a clock that is wrong": {
    step: "clock:portal",
    hop: "portal",
    says: /(1199|1200|1201) s ahead/,
    cause: /time server/,
    breaks: () => {
      bench.front.behaviour.clockAhead = 1200;
      return Promise.resolve({
        mend: () => {
          bench.front.behaviour.clockAhead = 0;
        },
      });
    },
  },
  "plain HTTP that is served": {
    step: "redirect:portal",
    hop: "ingress controller",
    says: /answers 200 instead of a redirect/,
    cause: /TLS section/,
    breaks: () => {
      bench.front.behaviour.redirects = false;
      return Promise.resolve({
        mend: () => {
          bench.front.behaviour.redirects = true;
        },
      });
    },
  },
  "a realm with another issuer": {
    step: "discovery",
    hop: "Keycloak",
    says: /calls itself https:\/\/login\.demo\.test\/realms\/datalab/,
    cause: /another address/,
    breaks: async () => {
      const realm = await bench.admin.get<{ attributes: object }>("datalab");
      const attributes = { ...realm.attributes, frontendUrl: "https://login.demo.test" };
      await sent(bench.admin, "PUT", "datalab", { ...realm, attributes });
      return {
        mend: () =>
          sent(bench.admin, "PUT", "datalab", { ...realm, attributes: { ...realm.attributes, frontendUrl: "" } }),
      };
    },
  },
  "Keycloak down": {
    step: "discovery",
    hop: "ingress controller → Keycloak",
    says: /answers 502/,
    cause: /no pod of the Keycloak is ready/,
    breaks: otherRoute(hosts.identity, () => Promise.resolve(nobodyListens)),
  },
  "an Ingress that is missing": {
    step: "discovery",
    hop: "ingress controller",
    says: /knows no such host/,
    cause: /Ingress is missing/,
    breaks: () => {
      const { routes } = bench.front.behaviour;
      const before = routes.get(hosts.identity)!;
      routes.set(hosts.identity, (_call, answer) => {
        answer.writeHead(404).end("404 page not found\n");
      });
      return Promise.resolve({
        mend: () => {
          routes.set(hosts.identity, before);
        },
      });
    },
  },
  "a launcher that fails": {
    step: "portal-services",
    hop: "portal's launcher",
    says: /fails in user-alice: launcher: helm ls in user-alice failed/,
    cause: /rights of the launcher are missing/,
    breaks: otherAnswer("api-log", "2026-11-29T12:00:00.1Z launcher: helm ls in user-alice failed\n"),
  },
  "services that do not find the store": {
    step: "workspace-connections",
    hop: "workspace → DNS",
    says: /do not find s3\.demo\.test/,
    cause: /DNS/,
    breaks: otherAnswer("trial", "attempt store unresolved\n"),
  },
  "a portal without the launcher": {
    step: "launcher",
    hop: "portal's launcher",
    says: /helm in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-launcher", "helm", "#!/bin/sh"),
  },
  "a launch form that offers every role": {
    step: "launch-form",
    hop: "portal's API",
    says: /ide\.role\.json in ConfigMap datalab-portal\/onyxia-schemas is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-schemas", "ide.role.json", "{}"),
  },
  "a rule of admission that only warns": {
    step: "policies",
    hop: "Kubernetes API",
    says: /datalab-workspace-hosts is not fully in force/,
    cause: /by hand/,
    breaks: patched(
      ["validatingadmissionpolicybinding", "datalab-workspace-hosts"],
      { spec: { validationActions: ["Warn"] } },
      { spec: { validationActions: ["Deny"] } },
    ),
  },
  "a role that lets people ask for certificates": {
    step: "rights",
    hop: "Kubernetes API",
    says: /ClusterRole edit/,
    cause: /cert-manager's chart/,
    breaks: async () => {
      const role = (verb: string) =>
        kubectl(verb, "--filename", bench.store.file("role.json", JSON.stringify(aggregated)));
      await role("create");
      const rules = () => bench.platform.kubectl("get", "clusterrole", "edit", "-o", "json");
      while (!(await rules()).includes("cert-manager.io")) await sleep(200);
      return {
        mend: async () => {
          await role("delete");
          while ((await rules()).includes("cert-manager.io")) await sleep(200);
        },
      };
    },
  },
  "launches with the rights of an administrator": {
    step: "launch-rules",
    hop: "Kubernetes API",
    says: /In user-alice the API server lets in a NetworkPolicy that lets in everybody; rights for a stranger; an object under a name of the platform's; an object in another namespace$/,
    cause: /not in force/,
    breaks: async () => {
      const binding = (verb: string, ...more: string[]) => kubectl(verb, "clusterrolebinding", "doctor-test", ...more);
      const account = "--serviceaccount=user-alice:datalab-launcher";
      await binding("create", "--clusterrole=cluster-admin", account);
      const question = ["auth", "can-i", "*", "*", "--as=system:serviceaccount:user-alice:datalab-launcher"];
      // It ends with an error where the answer is no.
      const may = async () => (await bench.platform.kubectl(...question).catch(() => "no")).includes("yes");
      while (!(await may())) await sleep(200);
      return {
        mend: async () => {
          await binding("delete");
          while (await may()) await sleep(200);
        },
      };
    },
  },
  "walls that let in everybody": {
    step: "workspaces",
    hop: "workspaces",
    says: /networkpolicies\.datalab-connections\.json in ConfigMap datalab-portal\/onyxia-workspaces is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-workspaces", "networkpolicies.datalab-connections.json", "{}"),
  },
  "a realm that lets people guess": {
    step: "realm-settings",
    hop: "Keycloak",
    says: /^bruteForceProtected of realm master is false, not true; registrationAllowed of realm datalab is true, not false$/,
    cause: /Keycloak's administration/,
    breaks: async () => {
      const set = async (guessing: boolean) => {
        await sent(bench.admin, "PUT", "master", { bruteForceProtected: !guessing });
        await sent(bench.admin, "PUT", "datalab", { registrationAllowed: guessing });
      };
      await set(true);
      return { mend: () => set(false) };
    },
  },
  "a network without policies": {
    step: "network-policies",
    hop: "cluster's network",
    says: /does not enforce NetworkPolicies/,
    cause: /network plugin/,
    breaks: otherAnswer("run", "attempt api-server connected\nattempt keycloak connected\n"),
  },
  "a portal that is down": {
    step: "portal",
    hop: "ingress controller → portal",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(hosts.portal, () => Promise.resolve(nobodyListens)),
  },
  "a portal of another region": {
    step: "portal-configuration",
    hop: "portal's API",
    says: /regions\[0\]\.data\.S3\.URL is "https:\/\/s3\.elsewhere\.test", not "https:\/\/s3\.demo\.test"/,
    cause: /without `pulumi up`/,
    breaks: changedPortal(({ regions = "" }) => ({ regions: regions.replaceAll("s3.demo.test", "s3.elsewhere.test") })),
  },
  "a portal with another issuer": {
    step: "portal-configuration",
    hop: "portal's API",
    says: /oidcConfiguration\.issuerURI is "https:\/\/old\.test"/,
    cause: /without `pulumi up`/,
    breaks: changedPortal(() => ({ "oidc.issuer-uri": "https://old.test" })),
  },
  "a catalogue that is down": {
    step: "catalogue:own",
    hop: "catalogue",
    says: /no chart of catalogue own.*answer 502/,
    cause: /repository itself/,
    breaks: otherRoute(catalogueHost, () => Promise.resolve(nobodyListens)),
  },
  "a catalogue that the portal's pods cannot reach": {
    step: "catalogue:own",
    hop: "portal's API → catalogue",
    says: /this machine sees an index/,
    cause: /pods cannot reach/,
    breaks: changedPortal(({ catalogs = "" }) => ({
      catalogs: catalogs.replaceAll(catalogueHost, `nowhere.${hosts.services}`),
    })),
  },
  "an object store that is down": {
    step: "object-store",
    hop: "ingress controller → object store",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(hosts.objectStore, () => Promise.resolve(nobodyListens)),
  },
  "an object store that cannot reach the realm": {
    step: "object-store",
    hop: "object store",
    says: /answers 503/,
    cause: /cannot reach or trust the realm/,
    breaks: otherRoute(hosts.objectStore, async () => {
      const store = await bench.startStore({ MINIO_IDENTITY_OPENID_CONFIG_URL: `${nobodyListens}/configuration` });
      await store.waitFor("/minio/health/live", 200);
      return store.endpoint;
    }),
  },
  "an object store that lets other pages in (CORS)": {
    step: "cors",
    hop: "browser → object store",
    says: /does not allow PUT from https:\/\/datalab\.demo\.test/,
    cause: /allowed origins/,
    breaks: otherRoute(hosts.objectStore, async () => {
      const store = await bench.startStore({ MINIO_API_CORS_ALLOW_ORIGIN: "https://elsewhere.test" });
      await store.waitFor("/minio/health/cluster/read", 200);
      return store.endpoint;
    }),
  },
  "a package index that is down": {
    step: "packages",
    hop: "ingress controller → package index",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(`packages.${domain}`, () => Promise.resolve(nobodyListens)),
  },
  "a wrong password": {
    step: "login",
    hop: "Keycloak",
    says: /refuses the login of alice: Invalid username or password/,
    cause: /password is wrong/,
    breaks: () => Promise.resolve({ mend: () => undefined, options: { args: asAlice, input: "wrong\n" } }),
  },
  "a first password": {
    step: "login",
    hop: "Keycloak",
    says: /asks newcomer for something else first: Update password/i,
    cause: /first password must be changed/,
    breaks: () => Promise.resolve({ mend: () => undefined, options: { args: ["--user", "newcomer"] } }),
  },
  "a client that is switched off": {
    step: "login",
    hop: "Keycloak",
    says: /no login form to the client onyxia/,
    cause: /switched off/,
    breaks: changedClient("onyxia", { enabled: false }),
  },
  "a client with other redirect URIs": {
    step: "login",
    hop: "Keycloak",
    says: /redirect_uri/,
    cause: /does not list/,
    breaks: changedClient("onyxia", { redirectUris: ["https://elsewhere.test/*"], rootUrl: "https://elsewhere.test/" }),
  },
  "a client whose pages may not read the token (CORS)": {
    step: "login",
    hop: "browser → Keycloak",
    says: /does not let pages of https:\/\/datalab\.demo\.test/,
    cause: /web origins/,
    breaks: changedClient("onyxia", { webOrigins: [] }),
  },
  "the portal's audience mapper gone": {
    step: "token",
    hop: "Keycloak",
    says: /token of onyxia is meant for .*, not for onyxia/,
    cause: /audience mapper is missing/,
    breaks: withoutMapper("onyxia", "audience"),
  },
  "the store's client switched off": {
    step: "storage-login",
    hop: "Keycloak",
    says: /no login form to the client onyxia-minio/,
    cause: /switched off/,
    breaks: changedClient("onyxia-minio", { enabled: false }),
  },
  "the store's audience mapper gone": {
    step: "storage-token",
    hop: "Keycloak",
    says: /token of onyxia-minio is meant for .*, not for onyxia-minio/,
    cause: /audience mapper is missing/,
    breaks: withoutMapper("onyxia-minio", "audience"),
  },
  "the policy claim gone": {
    step: "storage-token",
    hop: "Keycloak",
    says: /has nothing in policy, not own-bucket/,
    cause: /policy mapper is missing/,
    breaks: withoutMapper("onyxia-minio", "policy"),
  },
  "groups without their scope": {
    step: "token",
    hop: "Keycloak",
    says: /token of onyxia lacks the scope groups/,
    cause: /does not have it/,
    breaks: async () => {
      const [client] = await bench.admin.get<{ id: string }[]>("datalab/clients?clientId=onyxia");
      const scopes = await bench.admin.get<{ id: string; name: string }[]>("datalab/client-scopes");
      const path = `datalab/clients/${client!.id}/default-client-scopes/${scopes.find(({ name }) => name === "groups")!.id}`;
      await sent(bench.admin, "DELETE", path);
      return { mend: () => sent(bench.admin, "PUT", path) };
    },
  },
  "groups with their path": {
    step: "token",
    hop: "Keycloak",
    says: /names \/team in groups/,
    cause: /what has a path is no name/,
    breaks: async () => {
      type Scope = { id: string; name: string; protocolMappers?: { id: string; config: object }[] };
      const scopes = await bench.admin.get<Scope[]>("datalab/client-scopes");
      const scope = scopes.find(({ name }) => name === "groups")!;
      const mapper = scope.protocolMappers![0]!;
      const path = `datalab/client-scopes/${scope.id}/protocol-mappers/models/${mapper.id}`;
      await sent(bench.admin, "PUT", path, { ...mapper, config: { ...mapper.config, "full.path": "true" } });
      return { mend: () => sent(bench.admin, "PUT", path, mapper) };
    },
  },
  "a portal that expects another audience": {
    step: "portal-login",
    hop: "portal's API → Keycloak",
    says: /answers 401 to a fresh token/,
    cause: /another issuer or audience/,
    breaks: changedPortal(() => ({ "oidc.audience": "another" })),
  },
  "a store without the policy": {
    step: "exchange",
    hop: "object store → Keycloak",
    says: /gives no keys for the token: 400/,
    cause: /does not know the policy/,
    breaks: otherRoute(hosts.objectStore, async () => {
      const store = await bench.startStore();
      await store.waitFor("/minio/health/cluster/read", 200);
      return store.endpoint;
    }),
  },
  "a store that gives no keys for so long": {
    step: "exchange",
    hop: "object store → Keycloak",
    says: /gives no keys for the token: 400 ValidationError/,
    cause: /43200 s, for which every browser asks/,
    breaks: refusesLongKeys,
  },
  "a policy for other buckets": {
    step: "own-bucket",
    hop: "object store",
    says: /may not list s3:\/\/user-alice\/: 403 AccessDenied/,
    cause: /policy of the store is not the one/,
    breaks: otherPolicy(() => ownBucketPolicy({ ...access, home: { bucket: "x{username}", prefix: "" } })),
  },
  "a policy for all buckets": {
    step: "foreign-bucket",
    hop: "object store",
    says: /not refused s3:\/\/user-doctor-nobody\/: 404 NoSuchBucket/,
    cause: /wider than/,
    breaks: otherPolicy((own) => ({ ...own, Statement: [allowed(["s3:*"])] })),
  },
  "a policy for all objects, but not for the lists of them": {
    step: "foreign-bucket",
    hop: "object store",
    says: /not refused s3:\/\/user-doctor-nobody\/: 404/,
    cause: /wider than/,
    breaks: otherPolicy((own) => ({ ...own, Statement: [...own.Statement, allowed(["s3:GetObject"])] })),
  },
  "a policy that lets nobody write": {
    step: "write",
    hop: "object store",
    says: /s3:\/\/user-alice\/\.datalab-doctor-\w+ could not be written: 403 AccessDenied/,
    cause: /policy of the store is not the one/,
    breaks: otherPolicy((own) => ({
      ...own,
      Statement: own.Statement.map((statement) => ({
        ...statement,
        Action: statement.Action.filter((action) => action !== "s3:PutObject"),
      })),
    })),
  },
  "a pod in a crash loop": {
    step: "pods:object-store",
    hop: "object store",
    says: /0 of 1 pods of object-store are ready; object-store-0 is in CrashLoopBackOff after 7 restarts, last with exit code 137 \(OOMKilled\)/,
    cause: /more memory than its limit/,
    breaks: podStatus(namespaces.objectStore, "object-store-0", {
      restartCount: 7,
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } },
      lastState: {
        terminated: { exitCode: 137, reason: "OOMKilled", startedAt: null, finishedAt: new Date().toISOString() },
      },
    }),
  },
  "a pod that is not ready": {
    step: "pods:identity",
    hop: "Keycloak",
    says: /0 of 1 pods of keycloak are ready; keycloak-0 is Running but not ready/,
    cause: /probe fails/,
    breaks: podStatus(namespaces.identity, "keycloak-0", {}),
  },
  "a new version that does not start, behind an old one that answers": {
    step: "pods:portal",
    hop: "portal",
    says: /The new version of onyxia-web does not start: onyxia-web-\S+ cannot be scheduled: .*; pods of .* still answer/,
    cause: /no node has room/,
    breaks: async () => {
      const name = ["--namespace", namespaces.portal];
      const patch = (nodeSelector: object) =>
        kubectl(
          ...[...name, "patch", "deployment", "onyxia-web", "--type=merge", "--patch"],
          JSON.stringify({ spec: { template: { spec: { nodeSelector } } } }),
        );
      // One of them: the old pod stays scheduled.
      const reasons = "jsonpath={.items[*].status.conditions[?(@.type=='PodScheduled')].reason}";
      const pods = [...name, "get", "pods", "--selector=app.kubernetes.io/name=onyxia-web", `--output=${reasons}`];
      await patch({ nowhere: "at-all" });
      const end = Date.now() + minutes;
      while (!(await bench.platform.kubectl(...pods)).includes("Unschedulable")) {
        if (Date.now() > end) throw new Error("the new pod was never refused");
      }
      return {
        mend: async () => {
          await patch({ nowhere: null });
          await kubectl(...name, "rollout", "status", "deployment/onyxia-web", "--timeout=60s");
        },
      };
    },
  },
  "a Deployment that somebody has deleted": {
    step: "pods:portal",
    hop: "portal",
    says: /has no onyxia-web/,
    cause: /somebody has deleted it/,
    breaks: async () => {
      const name = ["--namespace", namespaces.portal];
      const text = await bench.platform.kubectl(...name, "get", "deployment", "onyxia-web", "-o", "json");
      const { metadata, spec } = JSON.parse(text) as { metadata: object; spec: object };
      await kubectl(...name, "delete", "deployment", "onyxia-web", "--wait");
      const object = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { ...metadata, resourceVersion: undefined, uid: undefined },
        spec,
      };
      return {
        mend: async () => {
          await bench.create(object);
          await kubectl(...name, "rollout", "status", "deployment/onyxia-web", "--timeout=60s");
        },
      };
    },
  },
  "a claim without a volume": {
    step: "volumes:identity",
    hop: "Keycloak",
    says: /claim stuck has no volume, it is Pending/,
    cause: /StorageClass nowhere/,
    breaks: async () => {
      await bench.create({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "stuck", namespace: namespaces.identity },
        spec: {
          storageClassName: "nowhere",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "1Gi" } },
        },
      });
      return {
        mend: () => kubectl("--namespace", namespaces.identity, "delete", "persistentvolumeclaim", "stuck"),
      };
    },
  },
  "a full volume": {
    step: "volumes:object-store",
    hop: "object store",
    says: /volume of data-object-store-0 is 99 % full/,
    cause: /more was stored/,
    breaks: () => {
      const volume = (namespace: string, name: string, usedBytes: number) => ({
        volume: [
          { name: "data", pvcRef: { name, namespace }, usedBytes, capacityBytes: 1000, inodesUsed: 1, inodes: 10 },
        ],
      });
      const environment = kubectlWithKubelet(bench, {
        pods: [
          volume(namespaces.objectStore, "data-object-store-0", 990),
          volume(namespaces.identity, "data-keycloak-database-0", 100),
        ],
      });
      return Promise.resolve({ mend: () => undefined, options: { args: asAlice, environment } });
    },
  },
  "a cluster that cannot be reached": {
    step: "cluster",
    hop: "Kubernetes API",
    says: /cannot be asked: .*refused/,
    cause: /leads elsewhere/,
    breaks: () => {
      const nowhere = join(bench.platform.folder, "nowhere.kubeconfig");
      writeFileSync(nowhere, unreachableKubeconfig.replace('"user":{}', '"user":{"token":"expired"}'));
      let before: unknown;
      bench.platform.configure((config) => {
        before = config["datalab:cluster"]?.["kubeconfigPath"];
        config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: nowhere };
      });
      return Promise.resolve({
        mend: () => {
          bench.platform.configure((config) => {
            config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: before };
          });
        },
      });
    },
  },
  "no kubectl": {
    step: "cluster",
    hop: "this machine",
    says: /kubectl is not on the PATH/,
    cause: /not installed/,
    breaks: () =>
      Promise.resolve({ mend: () => undefined, options: { args: asAlice, environment: { PATH: "/nonexistent" } } }),
  },
};

describeWithKeycloak(`the doctor${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  beforeAll(async () => {
    bench = await startDoctorBench();
  }, 40 * minutes);

  afterAll(async () => {
    await (bench as DoctorBench | undefined)?.stop();
  }, 2 * minutes);

  it(
    "finds nothing wrong with a platform that works, and leaves nothing behind",
    async () => {
      const before = await contentOfStore();
      const examination = await bench.examine({ args: asAlice });
      expect(unhappy(examination)).toEqual([]);
      expect(examination.steps.filter(({ status }) => status === "skipped")).toEqual([]);
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(examination, "portal-login")).toMatchObject({ status: "passed", note: "user-alice" });
      expect(examination.steps.every(({ milliseconds }) => Number.isInteger(milliseconds))).toBe(true);
      expect(stepOf(examination, "pods:identity")).toMatchObject({ note: "keycloak-database 1/1, keycloak 1/1" });
      expect(await contentOfStore()).toEqual(before);
      expect(bench.pods.made).toEqual(["made", "deleted"]);
      const [alice] = await bench.admin.get<{ id: string }[]>("datalab/users?username=alice");
      expect(await bench.admin.get(`datalab/users/${alice!.id}/sessions`)).toEqual([]);
    },
    2 * minutes,
  );

  it(
    "leaves no version of what it wrote, where a bucket keeps them",
    async () => {
      const bucket = "store/user-alice";
      for (const args of [["mb"], ["version", "enable"]]) await administrate(...args, bucket);
      try {
        const examination = await bench.examine({ args: asAlice });
        expect(stepOf(examination, "write")).toMatchObject({ status: "passed" });
        expect(await administrate("ls", "--recursive", "--versions", bucket)).toBe("");
      } finally {
        await administrate("rb", "--force", bucket);
      }
    },
    2 * minutes,
  );

  it(
    "is broken at every step below",
    async () => {
      const { steps } = await bench.examine({ args: asAlice });
      const kindOf = (id: string) => id.replace(/:.*/, "");
      const broken = Object.values(breaks).map(({ step }) => kindOf(step));
      // The simulated nodes give the Service its address back at once; a logout or a launch that fails, and images
      // without a digest, are warnings.
      const others = ["ingress-address", "logout", "launcher-log", "images"];
      expect(new Set([...broken, ...others])).toEqual(new Set(steps.map(({ id }) => kindOf(id))));
    },
    2 * minutes,
  );

  it(
    "says why it leaves out what was not asked for, and is content without it",
    async () => {
      const examination = await bench.examine();
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(examination, "login")).toMatchObject({ status: "skipped", because: "no --user was given" });
      expect(stepOf(examination, "own-bucket")).toMatchObject({
        status: "skipped",
        because: expect.stringContaining("was skipped"),
      });
    },
    2 * minutes,
  );

  it.each(Object.entries(breaks))(
    "names %s",
    async (_, { breaks: apply, step, hop, says, cause }) => {
      const { mend, options } = await apply();
      let examination: Examination;
      try {
        examination = await bench.examine(options ?? { args: asAlice });
      } finally {
        await mend();
      }
      const failure = firstFailure(examination);
      expect({ id: failure?.id, text: examination.text }).toEqual({ id: step, text: examination.text });
      expect(failure).toMatchObject({
        hop,
        problem: expect.stringMatching(says),
        cause: expect.stringMatching(cause),
        cure: expect.stringMatching(/\w/),
      });
      expect(examination).toMatchObject({ code: 1, usable: false });
    },
    2 * minutes,
  );

  it(
    "warns of a certificate that ends soon, without calling the platform unusable",
    async () => {
      const soon = { from: validNow.from, to: new Date(Date.now() + 5 * 86_400_000 + 3_600_000) };
      const { mend } = await otherCertificate(() => issue(bench.authority, { names: [`*.${domain}`], ...soon }))();
      const examination = await bench.examine({ args: asAlice });
      await mend();
      expect(stepOf(examination, "certificate:portal")).toMatchObject({
        status: "warning",
        problem: expect.stringContaining("ends in 5 days"),
      });
      expect(examination).toMatchObject({ code: 0, usable: true });
      expect(stepOf(await bench.examine({ args: ["--expiry-days", "3650"] }), "certificate:services")?.status).toBe(
        "warning",
      );
    },
    2 * minutes,
  );

  it(
    "remembers which image ran first under a tag, and warns of another",
    async () => {
      const name = ["--namespace", namespaces.portal];
      const pods = JSON.parse(await bench.platform.kubectl(...name, "get", "pods", "-o", "json")) as {
        items: { metadata: { name: string }; status: { containerStatuses: { image: string; imageID: string }[] } }[];
      };
      /** As a registry's image, with a digest of one letter. */
      const runAs = async (letter: string) => {
        for (const { metadata, status } of pods.items) {
          const containerStatuses = status.containerStatuses.map((container) => ({
            ...container,
            imageID: `${container.image.replace(/:[^:/]*$/, "")}@sha256:${letter.repeat(64)}`,
          }));
          const patch = ["patch", "pod", metadata.name, "--subresource=status", "--type=merge", "--patch"];
          await kubectl(...name, ...patch, JSON.stringify({ status: { containerStatuses } }));
        }
      };
      await runAs("a");
      expect(stepOf(await bench.examine(), "images")).toMatchObject({
        status: "passed",
        note: expect.stringMatching(/as first seen .*portal\.web\.imageDigest' 'sha256:a+'/),
      });
      await runAs("b");
      const examination = await bench.examine();
      expect(stepOf(examination, "images")).toMatchObject({
        status: "warning",
        problem: expect.stringMatching(
          /onyxia-web:\S+ runs as sha256:b+; .*onyxia-api:\S+ runs as sha256:b+; .* as sha256:a+$/,
        ),
      });
      expect(examination.code).toBe(0);
      await runAs("a");
    },
    2 * minutes,
  );

  it(
    "trusts an authority that is given, without asking the cluster",
    async () => {
      const file = bench.store.file("ca.crt", bench.authority.certificate);
      const examination = await bench.examine({ args: ["--ca", file], environment: { PATH: "/nonexistent" } });
      expect(stepOf(examination, "certificate:identity")?.status).toBe("passed");
      expect(stepOf(examination, "cors")?.status).toBe("passed");
    },
    2 * minutes,
  );

  it(
    "is a command: text for people, the password from the environment, the exit code for CI",
    async () => {
      const good = await command([...bench.args, ...asAlice], { DATALAB_PASSWORD: password });
      expect(good.text).toMatch(/✓ own bucket is open +\d+ ms {2}s3:\/\/user-alice\//);
      expect(good.text).toMatch(/Stack dev is usable \(\d+ passed\)\.\n$/);
      expect(good.code).toBe(0);
      const bad = await command([...bench.args, "--user", "alice"], { DATALAB_PASSWORD: "wrong" });
      expect(bad.text).toMatch(
        /✗ login through the portal's client .*\n {4}Keycloak refuses the login of alice: .*likely because/,
      );
      expect(bad.text).toContain("Stack dev is not usable, first at: login through the portal's client");
      expect(bad.code).toBe(1);
      for (const { text } of [good, bad]) expect(text).not.toContain(password);
    },
    2 * minutes,
  );

  it(
    "finds everything well again after all that was mended",
    async () => {
      const examination = await bench.examine({ args: asAlice });
      expect(unhappy(examination)).toEqual([]);
      expect(examination.code).toBe(0);
    },
    2 * minutes,
  );

  it(
    "names the servers themselves when they end",
    async () => {
      await bench.keycloak.stop();
      await bench.store.stop();
      await bench.packages.stop();
      const examination = await bench.examine({ args: asAlice });
      const failed = examination.steps.filter(({ status }) => status === "failed").map(({ id }) => id);
      expect(failed).toEqual(["discovery", "object-store", "packages"]);
      expect(stepOf(examination, "exchange")).toMatchObject({ status: "skipped" });
      expect(examination.code).toBe(1);
    },
    2 * minutes,
  );

  it(
    "reads the secrets of a stack file through the Pulumi CLI, and removes what it wrote for kubectl",
    async () => {
      const { controlPlane, engine } = bench.platform;
      const place = ["--path", "--stack", "dev", "--config-file", engine.stackFile];
      await engine.run(["config", "rm", ...place, "datalab:cluster.kubeconfigPath"]);
      const content = readFileSync(controlPlane.kubeconfig, "utf8");
      await engine.run(["config", "set", "--secret", ...place, "datalab:cluster.kubeconfig", content]);
      expect(readFileSync(engine.stackFile, "utf8")).toMatch(/secure: v1:/);
      const temporary = join(bench.platform.folder, "temporary");
      mkdirSync(temporary);
      const before = process.env["TMPDIR"];
      process.env["TMPDIR"] = temporary;
      try {
        const examination = await bench.examine({ environment: { ...engine.environment } });
        expect(stepOf(examination, "cluster")).toMatchObject({ status: "passed" });
        expect(stepOf(examination, "pods:portal")).toMatchObject({ status: "passed" });
        expect(readdirSync(temporary)).toEqual([]);
      } finally {
        if (before === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = before;
      }
    },
    2 * minutes,
  );
});

/** Buckets and objects of the store, as its administrator sees them. */
async function contentOfStore(): Promise<string[]> {
  return [await administrate("ls", "store"), await administrate("ls", "--recursive", "store")];
}

/** Runs `mc` as the store's administrator. */
async function administrate(...args: string[]): Promise<string> {
  const { code, output } = await bench.store.client(`${root.user}:${root.password}`, ...args);
  if (code !== 0) throw new Error(`mc ${args.join(" ")}: exit code ${code}\n${output}`);
  return output;
}

/** What cert-manager's chart makes, unless it is told not to. */
const aggregated = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "cert-manager-test", labels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } },
  rules: [{ apiGroups: ["cert-manager.io"], resources: ["certificates"], verbs: ["create"] }],
};

function allowed(Action: string[]): PolicyDocument["Statement"][number] {
  return { Sid: "TooMuch", Effect: "Allow", Action, Resource: ["arn:aws:s3:::*"] };
}

async function command(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const main = join(import.meta.dirname, "../../commands/doctor/main.ts");
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...bench.environment, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}
