import { roleAndBinding } from "../kubernetes/cluster-objects.ts";
import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { ingressSettings } from "./settings.ts";
import { clusterRoleName } from "./traefik.ts";
import { className, controllerName } from "./traefik-arguments.ts";

export const ingress = part({
  key: "ingress",
  settings: ingressSettings,
  declares: (settings) => {
    if (settings.kind === "existing") return {};
    const workloads = [deployment(controllerName, settings.replicas)];
    return {
      running: [{ key: "ingress", name: "ingress controller", namespace: namespaces.ingress, workloads }],
      clusterObjects: [
        { group: "networking.k8s.io", kind: "IngressClass", name: className },
        ...roleAndBinding(clusterRoleName),
      ],
    };
  },
});
