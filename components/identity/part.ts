import { namespaces } from "../names.ts";
import { part, statefulSet } from "../part.ts";
import { databaseWorkload, keycloakWorkload } from "./names.ts";
import { identitySettings } from "./settings.ts";

export const identity = part({
  key: "identity",
  settings: identitySettings,
  declares: ({ realm, replicas, database }) => ({
    running: [
      {
        key: "identity",
        name: "Keycloak",
        namespace: namespaces.identity,
        workloads: [statefulSet(databaseWorkload, 1), statefulSet(keycloakWorkload, replicas)],
        data: [
          {
            statefulSet: databaseWorkload,
            name: "Keycloak's database",
            setting: ["identity", "database", "storage"],
            ...database.storage,
          },
        ],
      },
    ],
    publicHosts: [{ key: "identity", host: "identity", name: "Keycloak", path: `/realms/${realm}` }],
  }),
});
