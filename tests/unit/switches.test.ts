import { describe, expect, it } from "@jest/globals";
import { z } from "zod";

import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { SettingsError } from "../../stacks/settings/settings-error.ts";
import { messageOf } from "../../stacks/settings/sentences.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { type Settings, settingsSchemas } from "../../stacks/settings/schemas.ts";
import {
  allCombinations,
  type Combination,
  refusals,
  refusalsOf,
  switches,
  switchProblems,
} from "../../stacks/settings/switches.ts";

import { combinationValues } from "../support/combination-settings.ts";
import { runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

const accepted = allCombinations().filter((combination) => refusalsOf(combination).length === 0);
const refused = allCombinations().filter((combination) => refusalsOf(combination).length > 0);

/** As few of the accepted ones as hold every pair of words that any of them holds: parts meet in pairs. */
function covering(combinations: readonly Combination[]): Combination[] {
  const missing = new Set(combinations.flatMap(pairsOf));
  const chosen: Combination[] = [];
  while (missing.size > 0) {
    const news = (combination: Combination) => pairsOf(combination).filter((pair) => missing.has(pair));
    const best = combinations.reduce((a, b) => (news(b).length > news(a).length ? b : a));
    chosen.push(best);
    for (const pair of news(best)) missing.delete(pair);
  }
  return chosen;
}

function pairsOf(combination: Combination): string[] {
  const words = Object.entries(combination).map((pair) => pair.join("="));
  return words.flatMap((word, index) => words.slice(index + 1).map((other) => `${word} ${other}`));
}

function settingsOf(combination: Combination): Settings {
  return parseSettings({ stack: "test", values: combinationValues(combination), secretKeys: ["certificates"] });
}

function describeWords(combination: Combination): [string, Combination] {
  return [
    Object.entries(combination)
      .map((pair) => pair.join("="))
      .join(" "),
    combination,
  ];
}

describe("the switches", () => {
  it("name every word that the settings know, and no other", () => {
    for (const { path, words } of Object.values(switches)) {
      const [key, field] = path;
      const schema = z.toJSONSchema(settingsSchemas[key], { io: "input", unrepresentable: "any" });
      const branches = schema.oneOf ?? schema.anyOf ?? [];
      const known = branches.map(
        (branch) => (branch as { properties: Record<string, { const: string }> }).properties[field]!.const,
      );
      expect([...words].toSorted()).toEqual(known.toSorted());
    }
  });

  it("are refused with a cure that removes the refusal", () => {
    for (const combination of allCombinations()) {
      for (const refusal of refusalsOf(combination)) {
        expect(refusalsOf({ ...combination, ...refusal.instead })).not.toContain(refusal);
      }
      expect(switchProblems(combination)).toHaveLength(refusalsOf(combination).length);
    }
  });

  it("can always be cured by following the cures", () => {
    for (const combination of allCombinations()) {
      let current = combination;
      for (let steps = 0; refusalsOf(current).length > 0; steps++) {
        expect(steps).toBeLessThan(refusals.length);
        current = { ...current, ...refusalsOf(current)[0]!.instead };
      }
    }
  });

  it("say why and what to write instead", () => {
    const [problem] = switchProblems({
      cluster: "existing",
      dns: "none",
      ingress: "traefik",
      certificates: "privateCa",
      objectStore: "s3",
    });
    expect(problem?.path).toEqual(["objectStore", "kind"]);
    expect(messageOf(problem!)).toContain("certificates.issuer");
    expect(problem?.cures).toEqual([
      { fixes: [{ do: "set", path: ["certificates", "issuer"], value: "letsencrypt" }] },
    ]);
  });
});

describe("a stack file", () => {
  it.each(accepted.map(describeWords))("with %s is accepted", (_, combination) => {
    expect(() => settingsOf(combination)).not.toThrow();
  });

  it.each(covering(accepted).map(describeWords))("with %s is previewed in full", async (_, combination) => {
    const settings = settingsOf(combination);
    const graph = await runGraph(
      async () => datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) }),
      { preview: true },
    );
    const types = new Set(graph.resources.map(({ type }) => type));
    const onAws = combination.cluster === "eks" || combination.dns === "route53" || combination.objectStore === "s3";
    expect([...types].some((type) => type.startsWith("aws:"))).toBe(onAws);
    expect(types.has("datalab:portal:Onyxia")).toBe(true);
    expect({
      cluster: types.has("datalab:cluster:EksCluster") ? "eks" : "existing",
      dns: types.has("datalab:dns:Route53Records") ? "route53" : "none",
      ingress: types.has("datalab:ingress:IngressController") ? "traefik" : "existing",
      objectStore: types.has("datalab:object-store:MinioTenant")
        ? "minio"
        : types.has("datalab:object-store:S3ObjectStore")
          ? "s3"
          : "external",
    }).toEqual({
      cluster: combination.cluster,
      dns: combination.dns,
      ingress: combination.ingress,
      objectStore: combination.objectStore,
    });
    for (const { type, custom, provider, name } of graph.resources) {
      if (custom && /^(aws|kubernetes):/.test(type)) expect({ name, provider }).not.toEqual({ name, provider: "" });
    }
  });

  it.each(refused.map(describeWords))("with %s is refused, with the reason", (_, combination) => {
    expect(() => settingsOf(combination)).toThrow(SettingsError);
    for (const { reason } of refusalsOf(combination)) expect(() => settingsOf(combination)).toThrow(reason);
  });
});
