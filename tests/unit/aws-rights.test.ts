import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { combinationValues } from "../support/combination-settings.ts";
import { runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

/** Names of services in IAM, where the SDK has another. */
const services: Readonly<Record<string, string>> = {
  cloudwatch: "logs",
  efs: "elasticfilesystem",
  lb: "elasticloadbalancing",
  vpc: "ec2",
};

it("docs/aws.md names every service that somebody who runs `pulumi up` needs rights of", async () => {
  const words = { cluster: "eks", dns: "route53", ingress: "traefik", certificates: "letsencrypt", objectStore: "s3" };
  const values = combinationValues(words as Parameters<typeof combinationValues>[0]);
  const settings = parseSettings({ stack: "test", values, secretKeys: [] });
  const graph = await runGraph(async () =>
    datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) }),
  );
  const needed = graph.resources.flatMap(({ type }) => {
    const sdkName = /^aws:(\w+)\//.exec(type)?.[1];
    return sdkName === undefined ? [] : [services[sdkName] ?? sdkName];
  });
  const page = readFileSync(join(checkout, "docs/aws.md"), "utf8");
  const table = page.slice(page.indexOf("**Rights**"), page.indexOf("**Encrypted by default**"));
  const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(listed.length).toBeGreaterThan(8);
  expect([...new Set(needed)].filter((name) => !listed.includes(name))).toEqual([]);
});
