/** `notebooks.login` */
import type { KeycloakRealm } from "../components/identity/keycloak-realm.ts";
import { PostgresDatabase } from "../components/database/postgres-database.ts";
import { namespaces } from "../components/names.ts";
import { JupyterHub, type JupyterHubArgs } from "../components/notebooks/jupyter-hub.ts";
import { hubDatabaseName, hubName, notebooksClient } from "../components/notebooks/names.ts";
import { NotebooksNamespace } from "../components/notebooks/notebooks-namespace.ts";
import type { After } from "./alternatives.ts";
import type { Plan } from "./plan.ts";

/** What is found out here. */
type Derived = "host" | "identityHost" | "clientSecret" | "database" | "packageIndex" | "settings";

/** The hub with its namespace and its database, where the stack file asks for one. */
export function notebooksOf(
  { hosts, notebooks: settings, packageIndex }: Plan,
  args: Omit<JupyterHubArgs, Derived> & {
    readonly realm: Pick<KeycloakRealm, "clientSecrets">;
    readonly protectData: boolean;
  },
  after: After,
): JupyterHub | undefined {
  if (settings === undefined) return undefined;
  const { realm, ...rest } = args;
  const namespace = new NotebooksNamespace("notebooks-space", args, after());
  const database = new PostgresDatabase(
    "notebooks-database",
    {
      ...{ namespace: namespaces.notebooks, workload: hubDatabaseName, database: "hub", clients: [hubName] },
      ...{ ...settings.database, imageMirror: args.imageMirror, protectData: args.protectData },
    },
    after(namespace),
  );
  const names = { host: hosts.notebooks, identityHost: hosts.identity };
  const clientSecret = realm.clientSecrets[notebooksClient];
  return new JupyterHub(
    "notebooks",
    { ...rest, ...names, clientSecret, database, packageIndex, settings },
    after(namespace, database),
  );
}
