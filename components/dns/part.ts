import { namespaces } from "../names.ts";
import { part } from "../part.ts";
import { clusterDnsOf, dnsSettings } from "./settings.ts";

export const dns = part({
  key: "dns",
  settings: dnsSettings,
  declares: (settings) => {
    if (clusterDnsOf(settings) === "none") return {};
    // Nothing of it runs any more, but a Job that failed says why pods do not find the hosts.
    return { running: [{ key: "cluster-dns", name: "the cluster's DNS", namespace: namespaces.dns, workloads: [] }] };
  },
});
