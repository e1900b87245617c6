import { describe, expect, it } from "@jest/globals";

import { statefulSet } from "../../components/database/stateful-set.ts";
import { type StatefulSetOfTheCluster, volumeObstacles, volumes } from "../../checks/preflight/volumes.ts";
import { type Plan, planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";

interface Given {
  readonly database?: object;
  readonly store?: object;
  readonly protectData?: boolean;
}

function planFor({ database = {}, store = {}, protectData = false }: Given = {}): Plan {
  const values = {
    platform: { domain: "example.org", protectData },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
    ingress: { kind: "traefik" },
    certificates: { issuer: "privateCa" },
    identity: { database },
    objectStore: { kind: "minio", ...store },
  };
  return planOf(parseSettings({ stack: "test", values, secretKeys: [] }));
}

function live(
  namespace: string,
  name: string,
  storage: string,
  given: { replicas?: number; storageClassName?: string } = {},
): StatefulSetOfTheCluster {
  const { replicas = 1, ...more } = given;
  const template = { metadata: { name: "data" }, spec: { resources: { requests: { storage } }, ...more } };
  return { metadata: { namespace, name }, spec: { replicas, volumeClaimTemplates: [template] } };
}

const database = live("datalab-identity", "keycloak-database", "5Gi");
const store = live("datalab-storage", "object-store", "20Gi", { replicas: 4 });
const keycloak: StatefulSetOfTheCluster = { metadata: { namespace: "datalab-identity", name: "keycloak" }, spec: {} };

describe("a volume of other settings than it was made with", () => {
  it("is told in the settings' words, with each command that makes it larger", () => {
    const found = volumeObstacles(
      planFor({ database: { storage: { size: "20Gi" } } }),
      [database, store, keycloak],
      "home",
    );
    expect(found).toEqual([
      {
        message:
          "The volume of Keycloak's database was made with 5Gi, and identity.database.storage.size is 20Gi: Kubernetes keeps the template of its volumes as it was made.",
        cures: [
          "To make it larger, where its StorageClass allows that; the data stays, and so do the pods that run:",
          `  kubectl --namespace datalab-identity patch persistentvolumeclaim data-keycloak-database-0 --patch '{"spec":{"resources":{"requests":{"storage":"20Gi"}}}}'`,
          "  kubectl --namespace datalab-identity delete statefulset keycloak-database --cascade=orphan",
          "  pulumi refresh --yes --stack home",
          "  pulumi up --stack home",
          "Or leave it as it is:",
          "  pulumi config set --path 'datalab:identity.database.storage.size' '5Gi'",
        ],
      },
    ]);
  });

  it("has a claim for each server", () => {
    const [obstacle] = volumeObstacles(planFor({ store: { replicas: 4, volume: { size: "1Ti" } } }), [store], "home");
    const patched = obstacle?.cures.filter((cure) => cure.includes("patch persistentvolumeclaim"));
    expect(patched?.map((cure) => /claim (\S+)/.exec(cure)?.[1])).toEqual(
      [0, 1, 2, 3].map((n) => `data-object-store-${n}`),
    );
  });

  it("is guarded, where data is: the rule goes first", () => {
    const given = { database: { storage: { size: "20Gi" } }, protectData: true };
    const [obstacle] = volumeObstacles(planFor(given), [database], "home");
    const cures = obstacle?.cures.join("\n") ?? "";
    expect(cures).toMatch(/delete validatingadmissionpolicybinding datalab-data && sleep 5 .*\n.*delete statefulset/);
  });

  it("does not become smaller", () => {
    const [obstacle] = volumeObstacles(planFor({ database: { storage: { size: "4Gi" } } }), [database], "home");
    expect(obstacle?.message).toContain("No volume becomes smaller.");
    expect(obstacle?.cures).toEqual(["pulumi config set --path 'datalab:identity.database.storage.size' '5Gi'"]);
  });

  it("keeps its StorageClass", () => {
    const fast = { database: { storage: { size: "5Gi", storageClass: "fast" } } };
    const cures = (given: Given, found: StatefulSetOfTheCluster) =>
      volumeObstacles(planFor(given), [found], "home").flatMap((obstacle) => obstacle.cures);
    expect(cures(fast, database)).toEqual(["pulumi config rm --path 'datalab:identity.database.storage.storageClass'"]);
    const slow = live("datalab-identity", "keycloak-database", "5Gi", { storageClassName: "slow" });
    const set = "pulumi config set --path 'datalab:identity.database.storage.storageClass' 'slow'";
    expect(cures(fast, slow)).toEqual([set]);
    expect(cures({}, slow)).toEqual([set]);
  });

  it("is not told of what is as it was made, in whatever unit, or not there yet, or somewhere else", () => {
    expect(volumeObstacles(planFor(), [database, store], "home")).toEqual([]);
    expect(volumeObstacles(planFor({ database: { storage: { size: "5120Mi" } } }), [database], "home")).toEqual([]);
    const other = { database: { storage: { size: "20Gi" } } };
    expect(volumeObstacles(planFor(other), [], "home")).toEqual([]);
    expect(volumeObstacles(planFor(other), [live("web", "keycloak-database", "5Gi")], "home")).toEqual([]);
  });

  it("is asked for where the platform's own StatefulSets are, and knows their form", async () => {
    const given = { ...planFor().identity.database, ...planFor().platform, namespace: "datalab-identity" };
    const made = statefulSet(
      { ...given, workload: "keycloak-database", database: "keycloak" },
      { name: "s", key: "k" },
    ) as unknown as StatefulSetOfTheCluster;
    const asked: string[] = [];
    const get = <T>(path: string) => {
      asked.push(path);
      return Promise.resolve({ items: path.includes("identity") ? [made] : [] } as T);
    };
    const found = await volumes(planFor({ database: { storage: { size: "6Gi" } } }), { get }, "home");
    expect(found).toHaveLength(1);
    expect(asked.toSorted()).toEqual(
      ["datalab-identity", "datalab-storage"].map((name) => `/apis/apps/v1/namespaces/${name}/statefulsets`),
    );
  });
});
