import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { accountSecretName, accountsOf, accountKeys, packagesBucket, packagesName } from "./names.ts";
import { packagesSettings } from "./settings.ts";

const namespace = namespaces.packages;

export const packages = part({
  key: "packages",
  settings: packagesSettings.optional(),
  hosts: { packages: "packages" },
  declares: (settings) => {
    // An index elsewhere answers at a host of its own.
    if (settings?.engine !== "pypiron") return {};
    return {
      running: [
        {
          key: "packages",
          name: "package index",
          namespace,
          workloads: [deployment(packagesName, settings.replicas)],
        },
      ],
      publicHosts: [{ key: "packages", host: "packages", name: "package index", path: "/" }],
      keptValues: accountsOf(settings).map((account) => ({
        resource: `packages-${account}-password`,
        entry: { namespace, name: accountSecretName(account), key: accountKeys.password },
      })),
      buckets: [{ name: packagesBucket, client: { namespace, workload: packagesName } }],
    };
  },
});
