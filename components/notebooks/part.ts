import { clientSecretName, namespaces } from "../names.ts";
import { deployment, part, statefulSet } from "../part.ts";
import { administratorSecretName, hubDatabaseName, hubName, notebooksClient, proxyName } from "./names.ts";
import { type NotebooksSettings, notebooksSettings } from "./settings.ts";

const namespace = namespaces.notebooks;

export const notebooks = part({
  key: "notebooks",
  settings: notebooksSettings.optional(),
  hosts: { notebooks: "jupyter" },
  declares: (settings) => {
    if (settings === undefined) return {};
    return {
      running: [
        {
          key: "notebooks",
          name: "notebooks",
          namespace,
          workloads: [statefulSet(hubDatabaseName, 1), deployment(proxyName, 1), deployment(hubName, 1)],
          data: [
            {
              statefulSet: hubDatabaseName,
              name: "the hub's database",
              setting: ["notebooks", "database", "storage"],
              ...settings.database.storage,
            },
          ],
        },
      ],
      publicHosts: [{ key: "notebooks", host: "notebooks", name: "notebooks", path: "/hub/health" }],
      keptValues: keptValues(settings),
    };
  },
});

/** The database opens to its own password alone; what a lost key costs otherwise is one more login. */
function keptValues({ login }: NotebooksSettings) {
  const own = (suffix: string, name: string, key: string) => ({
    resource: `notebooks-${suffix}`,
    entry: { namespace, name, key },
  });
  return [
    { ...own("database-password", hubDatabaseName, "password"), irreplaceable: true },
    ...["cookie-secret", "crypt-key", "proxy-token"].map((key) => own(`${key}-password`, hubName, key)),
    login === "signup"
      ? own("administrator-password", administratorSecretName, "password")
      : {
          resource: `realm-client-${notebooksClient}-password`,
          entry: { namespace: namespaces.identity, name: clientSecretName(notebooksClient), key: "client-secret" },
        },
  ];
}
