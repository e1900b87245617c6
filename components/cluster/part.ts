import { platformPriority } from "../kubernetes/priority-class.ts";
import { part } from "../part.ts";
import { clusterSettings } from "./settings.ts";

export const cluster = part({
  key: "cluster",
  settings: clusterSettings,
  declares: () => ({
    clusterObjects: [{ group: "scheduling.k8s.io", kind: "PriorityClass", name: platformPriority }],
  }),
});
