import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";

import { type Image, images } from "../../components/versions.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { type Registration, runGraph } from "../support/graph.ts";
import { looseEnds } from "../support/loose-ends/loose-ends.ts";
import { chartsFor, stackSettings } from "../support/stack-file.ts";

const root = join(import.meta.dirname, "..", "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("the project", () => {
  it("lets nothing use ambient credentials or an ambient kubeconfig", () => {
    const { config } = parse(read("Pulumi.yaml")) as { config: Record<string, { value: unknown }> };
    expect(config["pulumi:disable-default-providers"]?.value).toEqual(["aws", "kubernetes"]);
  });

  it("pins every package exactly, and its lock names no host", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    // A workspace is where it is in the checkout.
    expect(read("package-lock.json").match(/"resolved": (?!"testbed",).*/g) ?? []).toEqual([]);
  });

  it("pins every image by its digest, but for those that upstream's digests could not be confirmed of", () => {
    const open = Object.entries<Image>(images).filter(([, { digest }]) => digest === undefined);
    expect(open.map(([name]) => name)).toEqual([
      ...["pypiron", "minimalNotebook", "jupyterhub", "hubProxy", "notebook", "openldap", "onyxiaWeb", "onyxiaApi"],
    ]);
    const known = Object.values<Image>(images).filter(({ digest }) => digest !== undefined);
    for (const { digest, tag } of known) {
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(tag).not.toBe("latest");
    }
  });

  it.each(["dev", "prod"])("has a stack file %s that builds the whole platform", async (stack) => {
    const settings = stackSettings(stack);
    const graph = await runGraph(async () =>
      datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) }),
    );
    const { resources } = graph;
    // The pods of cert-manager are a chart's, which tests replace.
    const ours = resources.filter(({ name }) => !name.startsWith("cert-manager"));
    expect(looseEnds({ ...graph, resources: ours })).toEqual([]);
    const declared = Object.fromEntries(
      resources.flatMap((resource) => {
        const options = declaredOptions(resource);
        return Object.keys(options).length === 0 ? [] : [[resource.name, options]];
      }),
    );
    expect(declared).toEqual(stack === "dev" ? optionsOfDev : optionsOfProd);
  });
});

/** What is said of how a resource is changed and removed, beside protection and the time that all have to be ready. */
function declaredOptions(resource: Registration): object {
  const { replaceOnChanges, replaceWith, deleteBeforeReplace, ignoreChanges, deletedWith, retainOnDelete } = resource;
  const options = { replaceOnChanges, replaceWith, deleteBeforeReplace, ignoreChanges, deletedWith, retainOnDelete };
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value)),
  );
}

const chart = { "cert-manager-chart-CustomResourceDefinition-things.example.org": { retainOnDelete: true } };
const realm = { "realm-reconcile": { deleteBeforeReplace: true } };
const optionsOfDev = {
  ...chart,
  ...realm,
  // Another number of servers is another store, and the volumes of the one are no good to the other.
  "object-store-stateful-set": { deleteBeforeReplace: true, replaceOnChanges: ["spec.replicas"] },
  "object-store-setup": { deleteBeforeReplace: true },
};
const optionsOfProd = {
  ...chart,
  ...realm,
  "load-balancer-http-platform": { deletedWith: "cluster-platform-nodes" },
  "load-balancer-https-platform": { deletedWith: "cluster-platform-nodes" },
};
