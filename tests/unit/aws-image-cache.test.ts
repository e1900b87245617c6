import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { imageReference } from "../../components/kubernetes/image.ts";
import { images } from "../../components/versions.ts";

it("the cache rules of docs/aws.md hold every image of the platform, and the nodes may fill each", () => {
  const page = readFileSync(join(checkout, "docs/aws.md"), "utf8");
  const section = page.slice(page.indexOf("## A cache for images"), page.indexOf("## Get in"));
  const rules = [...section.matchAll(/--ecr-repository-prefix (\S+)/g)].map(([, prefix]) => prefix);
  const mirror = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";
  const prefixes = Object.values(images).map((image) => imageReference(image, mirror).split("/")[1]);
  expect([...new Set(prefixes)].toSorted()).toEqual(rules.toSorted());
  expect([...section.matchAll(/repository\/([^/]+)\/\*/g)].map(([, prefix]) => prefix)).toEqual(rules);
});
