import { describe, expect, it } from "@jest/globals";

import { BasicJupyter } from "../../components/basic-jupyter/basic-jupyter.ts";
import { basicJupyterSettings } from "../../components/basic-jupyter/settings.ts";
import { expectationsOf } from "../../commands/doctor/expectations.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { find, runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { chartsFor, stackFile } from "../support/stack-file.ts";

const build = (more: Record<string, unknown> = {}) =>
  runGraph(() => new BasicJupyter("basic-jupyter", { settings: basicJupyterSettings.parse(more) }));

describe("the basic Jupyter", () => {
  it("is exactly this, without a way in and without a volume, and fits together", async () => {
    const graph = await build();
    expect(graph.resources.map(({ type, name }) => `${type.split(":").at(-1)!} ${name}`).toSorted()).toEqual([
      "BasicJupyter basic-jupyter",
      "Deployment basic-jupyter-deployment",
      "Namespace basic-jupyter-namespace",
      "NetworkPolicy basic-jupyter-deny-all",
      "Service basic-jupyter-service",
      "ServiceAccount basic-jupyter-service-account",
    ]);
    expect(looseEnds(graph)).toEqual([]);
  });

  it("makes up its token, and runs one pod of its own user with what the settings give it", async () => {
    const graph = await build({ resources: { cpu: "200m", memory: "2Gi" } });
    const { inputs } = find(graph, "kubernetes:apps/v1:Deployment", "basic-jupyter-deployment");
    expect(inputs).toMatchObject({
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        template: {
          spec: {
            securityContext: { runAsUser: 1000, runAsGroup: 100, fsGroup: 100 },
            containers: [
              {
                image: "quay.io/jupyter/minimal-notebook:2026-10-05",
                resources: { requests: { cpu: "200m", memory: "2Gi" }, limits: { memory: "2Gi" } },
              },
            ],
            volumes: [
              { name: "home", emptyDir: {} },
              { name: "tmp", emptyDir: {} },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(inputs)).not.toContain("JUPYTER_TOKEN");
  });

  it("is off unless asked for; then the outputs are what to type, and the doctor looks at it", async () => {
    const { values, ...file } = stackFile("dev");
    const settingsOf = (more: object) => parseSettings({ ...file, values: { ...values, ...more } });
    const outputs = async (more: object) => {
      const settings = settingsOf(more);
      return (await runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) }))).result.basicJupyter;
    };
    expect(await outputs({})).toBeUndefined();
    expect(await outputs({ basicJupyter: {} })).toEqual({
      wait: "kubectl --namespace datalab-basics rollout status deployment/jupyter",
      token: "kubectl --namespace datalab-basics logs deployment/jupyter | grep --max-count 1 127.0.0.1:8888/lab",
      open: "kubectl --namespace datalab-basics port-forward service/jupyter 8888",
    });
    expect(expectationsOf(settingsOf({ basicJupyter: {} })).parts).toContainEqual(
      expect.objectContaining({ namespace: "datalab-basics" }),
    );
  });
});
