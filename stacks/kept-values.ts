/**
 * What the stack's state alone remembers: values that were made once, and that nobody can make a second time. Each lives in a
 * Secret too, where a stack whose state was lost finds it again.
 */
import { privateCaName } from "../components/certificates/own-issuer.ts";
import { confidentialClients } from "../components/identity/clients.ts";
import { adminSecret, clientSecretName, firstUsersSecret, reconcileSecret } from "../components/identity/names.ts";
import { realmDocument } from "../components/identity/realm-document.ts";
import { namespaces } from "../components/names.ts";
import { credentialKeys, credentialsSecret } from "../components/object-store/credentials.ts";
import type { Plan } from "./plan.ts";

/** One entry of a Secret. */
export interface SecretEntry {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** The value of one resource. */
export interface KeptValue {
  /** Name of the resource in the program. */
  readonly resource: string;
  readonly entry: SecretEntry;
  /** Whether what is there, a volume or Keycloak's own accounts, opens to this one alone. */
  readonly irreplaceable: boolean;
  /** Inputs that are other values of this kind. @default none */
  readonly inputs?: Readonly<Record<string, SecretEntry>>;
}

/** Every such value of a stack with these settings. */
export function keptValues(plan: Plan): KeptValue[] {
  return [
    kept("database-password", { name: "keycloak-database", key: "password" }, true),
    kept("keycloak-admin-password", { name: adminSecret, key: "password" }, true),
    kept("keycloak-reconcile-password", reconcileSecret, true),
    ...ofRealm(plan),
    ...(plan.objectStore.kind === "minio" ? ofObjectStore() : []),
    ...(plan.certificates.issuer === "privateCa" ? ofAuthority(plan.certificates.certManager) : []),
  ];
}

function kept(resource: string, { name, key }: Omit<SecretEntry, "namespace">, irreplaceable = false): KeptValue {
  return { resource, entry: { namespace: namespaces.identity, name, key }, irreplaceable };
}

function ofRealm({ access, identity }: Plan): KeptValue[] {
  const { clients, users } = realmDocument(access, identity);
  return [
    ...confidentialClients(clients).map((id) =>
      kept(`realm-client-${id}-password`, { name: clientSecretName(id), key: "client-secret" }),
    ),
    ...users.map(({ username }) => kept(`realm-user-${username}-password`, { name: firstUsersSecret, key: username })),
  ];
}

function ofObjectStore(): KeptValue[] {
  const entry = (key: string) => ({ namespace: namespaces.objectStore, name: credentialsSecret, key });
  return [
    { resource: "object-store-root-password", entry: entry(credentialKeys.rootPassword), irreplaceable: false },
    { resource: "object-store-token-secret", entry: entry(credentialKeys.tokenSecret), irreplaceable: false },
  ];
}

function ofAuthority(
  certManager: { readonly install: true } | { readonly install: false; readonly namespace: string },
) {
  const namespace = certManager.install ? namespaces.certificates : certManager.namespace;
  const key = { namespace, name: privateCaName, key: "tls.key" };
  const certificate = { ...key, key: "tls.crt" };
  return [
    { resource: "private-ca-key", entry: key, irreplaceable: false },
    { resource: "private-ca-certificate", entry: certificate, irreplaceable: false, inputs: { privateKeyPem: key } },
  ];
}
