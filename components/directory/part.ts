import type { KeptValue } from "../kept-value.ts";
import { namespaces } from "../names.ts";
import { part, statefulSet } from "../part.ts";
import { accounts, accountsSecret, certificateSecret, directoryName } from "./names.ts";
import { directorySettings } from "./settings.ts";

const namespace = namespaces.directory;

export const directory = part({
  key: "directory",
  settings: directorySettings.optional(),
  declares: (settings) => {
    // Nothing of one that is there already is the platform's.
    if (settings?.kind !== "openldap") return {};
    return {
      running: [
        {
          key: "directory",
          name: "directory",
          namespace,
          workloads: [statefulSet(directoryName, 1)],
          data: [
            {
              statefulSet: directoryName,
              name: "the directory",
              setting: ["directory", "storage"],
              ...settings.storage,
            },
          ],
        },
      ],
      keptValues: keptValues(),
    };
  },
});

function keptValues(): KeptValue[] {
  const key = { namespace, name: certificateSecret, key: "tls.key" };
  return [
    ...accounts.map((account) => ({
      resource: `directory-${account}-password`,
      entry: { namespace, name: accountsSecret, key: account },
    })),
    { resource: "directory-key", entry: key },
    { resource: "directory-certificate", entry: { ...key, key: "tls.crt" }, inputs: { privateKeyPem: key } },
  ];
}
