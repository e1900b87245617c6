import { policyAndBinding } from "../kubernetes/cluster-objects.ts";
import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { issuerPolicyName } from "./issuer-policy.ts";
import { certificatesSettings } from "./settings.ts";

export const certificates = part({
  key: "certificates",
  settings: certificatesSettings,
  declares: (settings) => {
    // An issuer that the platform makes vouches for nothing else.
    if (settings.issuer !== "privateCa" && settings.issuer !== "letsencrypt") return {};
    const clusterObjects = policyAndBinding(issuerPolicyName);
    if (!settings.certManager.install) return { clusterObjects };
    const names = ["cert-manager", "cert-manager-cainjector", "cert-manager-webhook"];
    const workloads = names.map((name) => deployment(name, 1));
    const running = [{ key: "certificates", name: "cert-manager", namespace: namespaces.certificates, workloads }];
    return { running, clusterObjects };
  },
});
