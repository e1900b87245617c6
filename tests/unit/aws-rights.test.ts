import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { servicesOf } from "../../commands/pipeline/role.ts";
import { checkout } from "../../testbed/engine/dev-stack.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { loadAws } from "../../stacks/load-aws.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import { combinationValues } from "../support/combination-settings.ts";
import { runGraph } from "../support/graph.ts";
import { chartsFor } from "../support/stack-file.ts";

it("docs/aws.md says of every kind of resource what a create leaves that was lost", async () => {
  const words = { cluster: "eks", dns: "route53", ingress: "traefik", certificates: "letsencrypt", objectStore: "s3" };
  const values = combinationValues(words as Parameters<typeof combinationValues>[0]);
  const more = { ...values, packages: { engine: "pypiron" } };
  const plan = planOf(parseSettings({ stack: "test", values: more, secretKeys: [] }));
  const graph = await runGraph(async () => datalab(plan, { charts: chartsFor(plan), aws: await loadAws(plan) }));
  const kinds = graph.resources.flatMap(({ type }) => /^aws:([^:]+):/.exec(type)?.[1] ?? []);
  const page = readFileSync(join(checkout, "docs/aws.md"), "utf8");
  const table = page.slice(page.indexOf("<!-- broken off -->"), page.indexOf("<!-- /broken off -->"));
  const named = [...table.matchAll(/`(\w+\/\w+)`/g)].map(([, kind = ""]) => kind);
  expect([...new Set(kinds)].filter((kind) => !named.includes(kind))).toEqual([]);
  // A role is of two kinds: with a name that the program gives, and without.
  const twice = named.filter((kind, index) => named.indexOf(kind) !== index);
  expect(twice).toEqual(["iam/role"]);
});

it("docs/aws.md names every service that somebody who runs `pulumi up` needs rights of", async () => {
  const words = { cluster: "eks", dns: "route53", ingress: "traefik", certificates: "letsencrypt", objectStore: "s3" };
  const values = combinationValues(words as Parameters<typeof combinationValues>[0]);
  const settings = parseSettings({ stack: "test", values, secretKeys: [] });
  const graph = await runGraph(async () =>
    datalab(planOf(settings), { charts: chartsFor(settings), aws: await loadAws(planOf(settings)) }),
  );
  const needed = servicesOf(graph.resources.map(({ type }) => type));
  const page = readFileSync(join(checkout, "docs/aws.md"), "utf8");
  const table = page.slice(page.indexOf("**Rights**"), page.indexOf("**Encrypted by default**"));
  const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(listed.length).toBeGreaterThan(8);
  expect(needed.filter((name) => !listed.includes(name))).toEqual([]);
});
