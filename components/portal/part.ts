import { policyAndBinding } from "../kubernetes/cluster-objects.ts";
import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { workspaceClusterObjects } from "../workspaces/cluster-objects.ts";
import { apiName } from "./permissions.ts";
import { portalPolicyName } from "./portal-policy.ts";
import { portalSettings } from "./settings.ts";
import { webName } from "./web-pod.ts";

export const portal = part({
  key: "portal",
  settings: portalSettings,
  declares: ({ web, api, services }) => ({
    running: [
      {
        key: "portal",
        name: "portal",
        namespace: namespaces.portal,
        workloads: [deployment(webName, web.replicas), deployment(apiName, api.replicas)],
      },
    ],
    publicHosts: [{ key: "portal", host: "portal", name: "portal", path: "/" }],
    clusterObjects: [...policyAndBinding(portalPolicyName), ...workspaceClusterObjects(services)],
  }),
});
