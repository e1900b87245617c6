/** The real Keycloak and the real object store of a platform that a doctor can examine. */
import { ensureKeycloak } from "../../testbed/keycloak/distribution.ts";
import { type KeycloakServer, startKeycloak } from "../../testbed/keycloak/server.ts";
import type { MinioPrograms } from "../../testbed/minio/minio.ts";
import { ensurePypiron } from "../../testbed/packages/packages.ts";
import { accessModel } from "../../components/access/access-model.ts";
import { serverEnvironment as keycloakEnvironment } from "../../components/identity/keycloak-environment.ts";
import { reconcileClient } from "../../components/identity/names.ts";
import { realmDocument } from "../../components/identity/realm-document.ts";
import { importFile, importFileName } from "../../components/identity/realm-files.ts";
import { projectAttribute } from "../../components/identity/representations.ts";
import { identitySettings } from "../../components/identity/settings.ts";
import { hostsOf } from "../../components/names.ts";
import { ownBucketPolicy } from "../../components/object-store/bucket-policy.ts";
import { serverArguments, serverEnvironment } from "../../components/object-store/server.ts";
import { minioSettings } from "../../components/object-store/settings.ts";
import { setupScript } from "../../components/object-store/setup-job.ts";
import { pypironSettings } from "../../components/packages/settings.ts";
import type { AdminApi } from "./keycloak.ts";
import { RunningObjectStore } from "./object-store.ts";
import { podVariables, RunningPackageServer, setUpPackages } from "./package-index.ts";

export const domain = "demo.test";
export const hosts = hostsOf({ domain });
export const access = accessModel({ domain, realm: "datalab" });
/** Among the users' services: another host of the domain would not be the platform's. */
export const catalogueHost = `charts.${hosts.services}`;
export const password = "correct horse battery";

export const adminSecret = "admin-of-this-test";
export const root = { user: "root-of-this-test", password: "password-of-this-test" };

export async function startRealm(): Promise<KeycloakServer> {
  const document = realmDocument(access, identitySettings.parse({}));
  return startKeycloak({
    distribution: await ensureKeycloak(),
    imports: { [importFileName(document)]: importFile(document) },
    environment: {
      ...keycloakEnvironment({ url: `https://${hosts.identity}`, replicas: 1 }),
      // The store of this bench asks for the keys on loopback.
      KC_HOSTNAME_BACKCHANNEL_DYNAMIC: "true",
      KC_BOOTSTRAP_ADMIN_CLIENT_ID: reconcileClient,
      KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: adminSecret,
    },
  });
}

/** What the reconcile Job adds to an imported realm: scopes and users, and the rules of Keycloak's own realm. */
export async function completeRealm(admin: AdminApi): Promise<void> {
  const { clientScopes, master } = realmDocument(access, identitySettings.parse({}));
  await sent(admin, "PUT", "master", master);
  for (const scope of clientScopes) await sent(admin, "POST", "datalab/client-scopes", scope);
  const scopes = await admin.get<{ id: string; name: string }[]>("datalab/client-scopes");
  for (const { clientId } of [access.portal, access.objectStore]) {
    const [client] = await admin.get<{ id: string }[]>(`datalab/clients?clientId=${clientId}`);
    for (const { id, name } of scopes) {
      if (!clientScopes.some((scope) => scope.name === name)) continue;
      await sent(admin, "PUT", `datalab/clients/${client?.id ?? ""}/default-client-scopes/${id}`);
    }
  }
  await sent(admin, "POST", "datalab/groups", { name: "team", attributes: { [projectAttribute]: ["team"] } });
  await addUser(admin, "alice", { temporary: false, groups: ["/team"] });
  await addUser(admin, "newcomer", { temporary: true, groups: [] });
}

async function addUser(
  admin: AdminApi,
  username: string,
  { temporary, groups }: { readonly temporary: boolean; readonly groups: readonly string[] },
): Promise<void> {
  await sent(admin, "POST", "datalab/users", {
    username,
    email: `${username}@${domain}`,
    firstName: username,
    lastName: "Test",
    emailVerified: true,
    enabled: true,
    groups,
    credentials: [{ type: "password", value: password, temporary }],
  });
}

/** A change that must succeed. */
export async function sent(admin: AdminApi, method: string, path: string, body?: unknown): Promise<void> {
  const response = await admin.send(method, path, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

export async function startObjectStore(
  programs: MinioPrograms,
  issuerUrl: string,
  environment: Readonly<Record<string, string>>,
): Promise<RunningObjectStore> {
  const settings = minioSettings.parse({ kind: "minio" });
  const publicHosts = { clusterIp: undefined, caBundle: undefined, ingress: { namespace: "none", podHttpsPort: 1 } };
  return RunningObjectStore.start(programs, {
    args: serverArguments(settings),
    environment: {
      ...serverEnvironment({ hosts, access, realm: { issuerUrl }, publicHosts, settings }),
      MINIO_ROOT_USER: root.user,
      MINIO_ROOT_PASSWORD: root.password,
      MINIO_IDENTITY_OPENID_CLIENT_SECRET: "secret-of-this-test",
      ...environment,
    },
  });
}

export async function setUpStore(store: RunningObjectStore, policy = ownBucketPolicy(access)): Promise<void> {
  const { code, output } = await store.script(setupScript, {
    ROOT_USER: root.user,
    ROOT_PASSWORD: root.password,
    STORE: store.endpoint.replace("http://", ""),
    POLICY_NAME: access.objectStore.policyName,
    POLICY_FILE: store.file("policy.json", JSON.stringify(policy)),
  });
  if (code !== 0) throw new Error(output);
}

/** The package index on that store. @param disk Folder that is not there yet. */
export async function startPackages(store: RunningObjectStore, disk: string): Promise<RunningPackageServer> {
  const key = "KeyOfThisTest0123456789";
  const { code, output } = await setUpPackages(store, access, root, key);
  if (code !== 0) throw new Error(output);
  const settings = pypironSettings.parse({ engine: "pypiron", privatePrefix: "demo" });
  const server = await RunningPackageServer.start(
    await ensurePypiron(),
    podVariables(settings, store.endpoint, key),
    disk,
  );
  await server.waitFor("/ready", 200);
  return server;
}
