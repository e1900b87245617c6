import { describe, expect, it } from "@jest/globals";

import { podOf, recordedCharts, recordedObjects } from "../support/recorded-charts.ts";

const launch = { namespace: "user-bob", domain: "lab.example.org" };
const kinds = (name: string, opened = false) =>
  recordedObjects(name, { ...launch, opened })
    .map(({ kind }) => kind)
    .toSorted();

describe("the recorded charts", () => {
  it.each(recordedCharts)("%s stands in the launch's own namespace, with nothing left to fill in", (name) => {
    const objects = recordedObjects(name, { ...launch, opened: true });
    expect(JSON.stringify(objects)).not.toMatch(/\{[a-z]+\}/);
    expect(JSON.stringify(objects)).not.toContain("user-alice");
    for (const { metadata } of objects) expect(metadata).toMatchObject({ namespace: "user-bob" });
  });

  it.each(recordedCharts)("%s has a pod, a volume, a role and an address", (name) => {
    expect(kinds(name)).toEqual(
      expect.arrayContaining(["Ingress", "PersistentVolumeClaim", "RoleBinding", "Service", "StatefulSet"]),
    );
  });

  it("binds no role above the default settings, in Spark's charts neither", () => {
    const bindings = recordedCharts
      .flatMap((name) => recordedObjects(name, launch))
      .filter(({ kind }) => kind === "RoleBinding")
      .map((binding) => (binding as unknown as { roleRef: { name: string } }).roleRef.name);
    expect(new Set(bindings)).toEqual(new Set(["view"]));
  });

  it("opens a person's own ports in the place of the closed Service, beside a further Ingress", () => {
    expect(kinds("jupyter-python", true)).toEqual([...kinds("jupyter-python"), "Ingress"].toSorted());
  });

  it("makes a pod of a StatefulSet, and of nothing else", () => {
    const pods = recordedObjects("rstudio", { ...launch, release: "r-1" }).flatMap((object) => podOf(object) ?? []);
    expect(pods).toMatchObject([{ kind: "Pod", metadata: { name: "r-1-0", namespace: "user-bob" } }]);
  });
});
