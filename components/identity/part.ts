import { keptValues } from "./kept-values.ts";
import { namespaces } from "../names.ts";
import { part, statefulSet } from "../part.ts";
import { databaseWorkload, keycloakWorkload } from "./names.ts";
import { identitySettings } from "./settings.ts";

export const identity = part({
  key: "identity",
  settings: identitySettings,
  declares: (settings) => ({
    running: [
      {
        key: "identity",
        name: "Keycloak",
        namespace: namespaces.identity,
        workloads: [statefulSet(databaseWorkload, 1), statefulSet(keycloakWorkload, settings.replicas)],
        data: [
          {
            statefulSet: databaseWorkload,
            name: "Keycloak's database",
            setting: ["identity", "database", "storage"],
            ...settings.database.storage,
          },
        ],
      },
    ],
    publicHosts: [{ key: "identity", host: "identity", name: "Keycloak", path: `/realms/${settings.realm}` }],
    keptValues: keptValues(settings),
  }),
});
