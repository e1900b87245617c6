/** The walls around what people launch. */
import { setTimeout as sleep } from "node:timers/promises";

import { namespaces } from "../../../components/names.ts";
import type { Break, Breaks } from "./break.ts";

/** Lets what runs in pods say something else. */
function otherAnswer(name: "api-log" | "run" | "trial", text: string): Break {
  return (bench) => Promise.resolve({ mend: bench.pods.say(name, text) });
}

/** Patches an object of the cluster, and back. */
function patched(target: readonly string[], change: object, back: object): Break {
  return async (bench) => {
    const patch = (content: object) =>
      bench.platform.kubectl("patch", ...target, "--type=merge", "--patch", JSON.stringify(content));
    await patch(change);
    return { mend: () => patch(back) };
  };
}

/** Changes one file of a ConfigMap of the portal. */
function changedFile(name: string, file: string, text: string): Break {
  return async (bench) => {
    const map = ["configmap", name, "--namespace", namespaces.portal];
    const { data } = JSON.parse(await bench.platform.kubectl("get", ...map, "-o", "json")) as {
      data: Record<string, string>;
    };
    return patched(map, { data: { [file]: text } }, { data: { [file]: data[file] } })(bench);
  };
}

/** What cert-manager's chart makes, unless it is told not to. */
const aggregated = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "cert-manager-test", labels: { "rbac.authorization.k8s.io/aggregate-to-edit": "true" } },
  rules: [{ apiGroups: ["cert-manager.io"], resources: ["certificates"], verbs: ["create"] }],
};

export const workspaces: Breaks = {
  "a launcher that fails": {
    step: "portal-services",
    hop: "portal's launcher",
    says: /fails in user-alice: launcher: helm ls in user-alice failed/,
    cause: /rights of the launcher are missing/,
    breaks: otherAnswer("api-log", "2026-11-29T12:00:00.1Z launcher: helm ls in user-alice failed\n"),
  },
  "services that do not find the store": {
    step: "workspace-connections",
    hop: "workspace → DNS",
    says: /do not find s3\.demo\.test/,
    cause: /DNS/,
    breaks: otherAnswer("trial", "attempt store unresolved\n"),
  },
  "a portal without the launcher": {
    step: "launcher",
    hop: "portal's launcher",
    says: /helm in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-launcher", "helm", "#!/bin/sh"),
  },
  "a launch form that offers every role": {
    step: "launch-form",
    hop: "portal's API",
    says: /ide\.role\.json in ConfigMap datalab-portal\/onyxia-schemas is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-schemas", "ide.role.json", "{}"),
  },
  "a rule of admission that only warns": {
    step: "policies",
    hop: "Kubernetes API",
    says: /datalab-workspace-hosts is not fully in force/,
    cause: /by hand/,
    breaks: patched(
      ["validatingadmissionpolicybinding", "datalab-workspace-hosts"],
      { spec: { validationActions: ["Warn"] } },
      { spec: { validationActions: ["Deny"] } },
    ),
  },
  "a role that lets people ask for certificates": {
    step: "rights",
    hop: "Kubernetes API",
    says: /ClusterRole edit/,
    cause: /cert-manager's chart/,
    breaks: async (bench) => {
      const role = (verb: string) =>
        bench.platform.kubectl(verb, "--filename", bench.store.file("role.json", JSON.stringify(aggregated)));
      await role("create");
      const rules = () => bench.platform.kubectl("get", "clusterrole", "edit", "-o", "json");
      while (!(await rules()).includes("cert-manager.io")) await sleep(200);
      return {
        mend: async () => {
          await role("delete");
          while ((await rules()).includes("cert-manager.io")) await sleep(200);
        },
      };
    },
  },
  "launches with the rights of an administrator": {
    step: "launch-rules",
    hop: "Kubernetes API",
    says: /In user-alice the API server lets in a NetworkPolicy that lets in everybody; rights for a stranger; an object under a name of the platform's; an object in another namespace$/,
    cause: /not in force/,
    breaks: async (bench) => {
      const binding = (verb: string, ...more: string[]) =>
        bench.platform.kubectl(verb, "clusterrolebinding", "doctor-test", ...more);
      const account = "--serviceaccount=user-alice:datalab-launcher";
      await binding("create", "--clusterrole=cluster-admin", account);
      const question = ["auth", "can-i", "*", "*", "--as=system:serviceaccount:user-alice:datalab-launcher"];
      // It ends with an error where the answer is no.
      const may = async () => (await bench.platform.kubectl(...question).catch(() => "no")).includes("yes");
      while (!(await may())) await sleep(200);
      return {
        mend: async () => {
          await binding("delete");
          while (await may()) await sleep(200);
        },
      };
    },
  },
  "walls that let in everybody": {
    step: "workspaces",
    hop: "workspaces",
    says: /networkpolicies\.datalab-connections\.json in ConfigMap datalab-portal\/onyxia-workspaces is another one/,
    cause: /by hand/,
    breaks: changedFile("onyxia-workspaces", "networkpolicies.datalab-connections.json", "{}"),
  },
  "a network without policies": {
    step: "network-policies",
    hop: "cluster's network",
    says: /does not enforce NetworkPolicies/,
    cause: /network plugin/,
    breaks: otherAnswer("run", "attempt api-server connected\nattempt keycloak connected\n"),
  },
};
