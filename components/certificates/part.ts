import type { KeptValue } from "../kept-value.ts";
import { policyAndBinding } from "../kubernetes/cluster-objects.ts";
import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { issuerPolicyName } from "./issuer-policy.ts";
import { privateCaName } from "./own-issuer.ts";
import { certificatesSettings } from "./settings.ts";

export const certificates = part({
  key: "certificates",
  settings: certificatesSettings,
  declares: (settings) => {
    // An issuer that the platform makes vouches for nothing else.
    if (settings.issuer !== "privateCa" && settings.issuer !== "letsencrypt") return {};
    const clusterObjects = policyAndBinding(issuerPolicyName);
    const keptValues = settings.issuer === "privateCa" ? ofAuthority(settings.certManager) : [];
    if (!settings.certManager.install) return { clusterObjects, keptValues };
    const names = ["cert-manager", "cert-manager-cainjector", "cert-manager-webhook"];
    const workloads = names.map((name) => deployment(name, 1));
    const running = [{ key: "certificates", name: "cert-manager", namespace: namespaces.certificates, workloads }];
    return { running, clusterObjects, keptValues };
  },
});

/** The platform's own authority. With another key it is another one, which nobody trusts yet. */
function ofAuthority(
  certManager: { readonly install: true } | { readonly install: false; readonly namespace: string },
) {
  const namespace = certManager.install ? namespaces.certificates : certManager.namespace;
  const key = { namespace, name: privateCaName, key: "tls.key" };
  return [
    { resource: "private-ca-key", entry: key },
    { resource: "private-ca-certificate", entry: { ...key, key: "tls.crt" }, inputs: { privateKeyPem: key } },
  ] satisfies KeptValue[];
}
