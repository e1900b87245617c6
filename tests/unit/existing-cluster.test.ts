import { describe, expect, it } from "@jest/globals";

import { ExistingCluster } from "../../components/cluster/existing-cluster.ts";
import { clusterSettings } from "../../components/cluster/settings.ts";
import { problemsOf } from "../../stacks/settings/schema-problems.ts";
import { messageOf } from "../../stacks/settings/sentences.ts";
import { find, runGraph, summary } from "../support/graph.ts";

const apiServer = { cidrs: ["10.0.0.0/16"], ports: [6443] };

describe("ExistingCluster", () => {
  it("is one explicit provider", async () => {
    const graph = await runGraph(
      () => new ExistingCluster("cluster", { clusterIdentifier: "home", kubeconfig: "/etc/kubeconfig", apiServer }),
    );
    expect(summary(graph)).toEqual([
      "datalab:cluster:ExistingCluster cluster",
      "pulumi:providers:kubernetes cluster-provider",
    ]);
    const provider = find(graph, "pulumi:providers:kubernetes", "cluster-provider");
    expect(provider.parent).toBe("cluster");
    expect(provider.inputs).toMatchObject({
      kubeconfig: "/etc/kubeconfig",
      clusterIdentifier: "home",
      // A replaced one would be away for a moment, and has the same name.
      enableConfigMapMutable: "true",
      enableSecretMutable: "true",
    });
    expect(provider.inputs).not.toHaveProperty("context");
  });

  it("keeps the kubeconfig out of its own inputs, where every diff would print it", async () => {
    const graph = await runGraph(
      () =>
        new ExistingCluster("cluster", { clusterIdentifier: "home", kubeconfig: "users: []", context: "a", apiServer }),
    );
    expect(find(graph, "datalab:cluster:ExistingCluster", "cluster").inputs).toEqual({ clusterIdentifier: "home" });
    expect(find(graph, "pulumi:providers:kubernetes", "cluster-provider").inputs).toMatchObject({ context: "a" });
  });
});

describe("the settings of a cluster", () => {
  const problems = (input: object) => problemsOf("cluster", clusterSettings, input).map(messageOf);

  it("tell a cluster that is there from one that is made", () => {
    expect(problems({ kind: "existing", clusterIdentifier: "home", kubeconfigPath: "a" })).toEqual([]);
    expect(problems({ kind: "gke", clusterIdentifier: "home" })).toEqual([expect.stringContaining("existing, eks")]);
  });

  it("of one kind are unknown to the other", () => {
    const found = problems({ kind: "existing", clusterIdentifier: "home", nodeGroups: {} });
    expect(found).toEqual([expect.stringContaining("is not a setting")]);
  });
});
