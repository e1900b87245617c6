import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { nameOf } from "../../commands/digest/graph.ts";
import { previewedGraph } from "../support/digest.ts";
import { stackFile } from "../support/stack-file.ts";

const folder = join(import.meta.dirname, "..", "..", "examples");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/^Pulumi\.(.*)\.yaml$/, "$1"));

/** What each is there to show. */
const shown: Readonly<Record<string, readonly string[]>> = {
  aws: ["EksCluster", "NetworkLoadBalancer", "Route53Records", "LetsEncrypt", "S3ObjectStore"],
  laptop: ["ExistingCluster", "PrivateCa", "ClusterDns", "MinioTenant"],
  university: ["ExistingCluster", "WildcardCertificates", "MinioTenant"],
};

describe("the examples", () => {
  it.each(names)(
    "%s is accepted and builds the whole platform",
    async (name) => {
      const text = readFileSync(join(folder, `Pulumi.${name}.yaml`), "utf8");
      const { values } = stackFile(name, "examples");
      const graph = await previewedGraph(values as never);
      const types = [...graph.values()].map(({ type }) => type.split(":").at(-1));
      expect(types).toEqual(expect.arrayContaining(["Keycloak", "Onyxia", ...shown[name]!]));
      expect([...graph.keys()].map(nameOf)).toContain("portal");
      expect(text.split("\n")[0]).toBe("# yaml-language-server: $schema=../docs/schema/stack-file.json");
    },
    60_000,
  );

  it("are these", () => {
    expect(names.toSorted()).toEqual(Object.keys(shown));
  });
});
