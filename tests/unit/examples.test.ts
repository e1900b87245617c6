import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { nameOf } from "../../commands/digest/graph.ts";
import { EditableStackFile } from "../../commands/flip/stack-file.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
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

  it("give the README's first stack file, with one person and nothing of the demo", () => {
    const readme = readFileSync(join(folder, "../README.md"), "utf8");
    const [, block = ""] = /```sh\nnpm ci\n(sed [\s\S]*?)```/.exec(readme) ?? [];
    const [copy = "", , ...commands] = block.trim().split("\n");
    expect(copy).toBe("sed 's|=../docs|=docs|' examples/Pulumi.laptop.yaml > Pulumi.home.yaml");
    const file = new EditableStackFile(readFileSync(join(folder, "Pulumi.laptop.yaml"), "utf8"));
    expect(commands.pop()).toBe("pulumi up");
    for (const command of commands) {
      const [, path = "", value] = /^pulumi config set --path 'datalab:([\w.]+)' (\S+)$/.exec(command)!;
      file.set(path.split("."), value);
    }
    const { platform, identity, packages } = parseSettings(file.read("home"));
    expect(platform.domain).toBe("example.org");
    expect(identity.firstUsers).toEqual({ alice: expect.objectContaining({ email: "alice@example.org" }) });
    expect(packages).toBeUndefined();
  });

  it("are these", () => {
    expect(names.toSorted()).toEqual(Object.keys(shown));
  });
});
