import type { KeptValue } from "../kept-value.ts";
import { clientSecretName, namespaces } from "../names.ts";
import { adminSecret, databaseWorkload, firstUsersSecret, reconcileSecret } from "./names.ts";
import type { IdentitySettings } from "./settings.ts";

/** Passwords of the servers, of clients and of the first users. */
export function keptValues({ clients, firstUsers }: IdentitySettings): KeptValue[] {
  const confidential = Object.entries(clients).filter(([, { kind }]) => kind !== "public");
  return [
    { ...kept("database-password", { name: databaseWorkload, key: "password" }), irreplaceable: true },
    { ...kept("keycloak-admin-password", { name: adminSecret, key: "password" }), irreplaceable: true },
    { ...kept("keycloak-reconcile-password", reconcileSecret), irreplaceable: true },
    ...confidential.map(([id]) =>
      kept(`realm-client-${id}-password`, { name: clientSecretName(id), key: "client-secret" }),
    ),
    ...Object.keys(firstUsers).map((username) =>
      kept(`realm-user-${username}-password`, { name: firstUsersSecret, key: username }),
    ),
  ];
}

function kept(resource: string, { name, key }: { readonly name: string; readonly key: string }): KeptValue {
  return { resource, entry: { namespace: namespaces.identity, name, key } };
}
