import { namespaces } from "../names.ts";
import { part, statefulSet } from "../part.ts";
import { credentialKeys, credentialsSecret } from "./credentials.ts";
import { serverName } from "./server.ts";
import { objectStoreSettings } from "./settings.ts";

export const objectStore = part({
  key: "objectStore",
  settings: objectStoreSettings,
  declares: (settings) => {
    // A store elsewhere answers at hosts of its own.
    if (settings.kind !== "minio") return {};
    const { console, replicas } = settings;
    const secret = { namespace: namespaces.objectStore, name: credentialsSecret };
    const s3 = { key: "object-store", host: "objectStore", name: "object store", path: "/" } as const;
    const pages = { key: "console", host: "objectStoreConsole", name: "object store's console", path: "/" } as const;
    return {
      running: [
        {
          key: "object-store",
          name: "object store",
          namespace: namespaces.objectStore,
          workloads: [statefulSet(serverName, replicas)],
          data: [
            {
              statefulSet: serverName,
              name: "the object store",
              setting: ["objectStore", "volume"],
              ...settings.volume,
            },
          ],
        },
      ],
      keptValues: [
        { resource: "object-store-root-password", entry: { ...secret, key: credentialKeys.rootPassword } },
        { resource: "object-store-token-password", entry: { ...secret, key: credentialKeys.tokenSecret } },
      ],
      publicHosts: console ? [s3, pages] : [s3],
    };
  },
});
