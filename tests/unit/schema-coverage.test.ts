import { describe, expect, it } from "@jest/globals";

import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import { recordedChart, recordedCharts } from "../support/recorded-charts.ts";

/** Why a name that charts ask for has no override here. */
const leftAlone: Readonly<Record<string, string>> = {
  "ai.json": "charts write it as JSON or quoted; the platform offers no model, so a person's own is theirs to name",
  "aiAssistant.json": "as ai.json, which replaces it",
  "ide/customImage.json": "a switch; which image runs is no wall, Pod Security and admission are",
  "ide/message.json": "only in the notes, which nobody runs",
  "ide/password.json": "charts quote it",
  "ide/startupProbe.json": "charts write it as YAML of an object; a probe reaches the person's own pod alone",
  "nodeSelector.json": "charts write it as YAML of an object; the scheduler decides, and the quota counts anywhere",
  "nodeSelector-gpu.json": "as nodeSelector.json",
  "tolerations.json": "as nodeSelector.json",
};

const overridden = (privateCa: boolean) =>
  Object.keys(schemaOverrides(portalSettings.parse({}).services, { ingressNamespace: "edge", privateCa }));

const asked = [...new Set(recordedCharts.flatMap((name) => Object.values(recordedChart(name).schemas)))].toSorted();

describe("the schema files that INSEE's charts ask for", () => {
  it("are those of the whole default catalogue", () => {
    expect(recordedCharts).toHaveLength(21);
    expect(asked).toEqual(expect.arrayContaining(["ide/extraenv.json", "role-spark.json", "spark.json"]));
  });

  it("are each overridden, or left to upstream's file for a reason: a new name needs a decision", () => {
    const decided = [...overridden(false), ...Object.keys(leftAlone)];
    expect(asked.filter((name) => !decided.includes(name))).toEqual([]);
  });

  it("are not decided twice, and no decision is about a name that no chart uses", () => {
    expect(overridden(false).filter((name) => name in leftAlone)).toEqual([]);
    expect([...overridden(false), ...Object.keys(leftAlone)].filter((name) => !asked.includes(name))).toEqual([]);
  });

  it("are the same with a private CA, but for the file that carries it", () => {
    expect(overridden(false).filter((name) => !overridden(true).includes(name))).toEqual(["certificates.json"]);
  });

  it("have no role but these two, and no resources but these two: the settings bind them all", () => {
    const at = (path: string) =>
      new Set(recordedCharts.map((name) => recordedChart(name).schemas[path]).filter((file) => file !== undefined));
    expect([...at("kubernetes")].toSorted()).toEqual(["ide/role.json", "role-spark.json"]);
    expect([...at("resources")].toSorted()).toEqual(["ide/resources-gpu.json", "ide/resources.json"]);
    expect([...at("persistence")]).toEqual(["ide/persistence.json"]);
    expect([...at("extraEnvVars")]).toEqual(["ide/extraenv.json"]);
  });

  it("bind in every chart: none goes without environment, role, resources and volume", () => {
    for (const name of recordedCharts) {
      const paths = Object.keys(recordedChart(name).schemas);
      expect(paths).toEqual(expect.arrayContaining(["extraEnvVars", "kubernetes", "resources", "persistence"]));
    }
  });
});
