/** What the platform's programs are given stands in the tables of docs/walk.md, proven or not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { namespaces } from "../../components/names.ts";
import { claimsOf } from "../support/keycloak.ts";
import type { Walk } from "./walk.ts";

interface Workload {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: Container[]; readonly initContainers?: Container[] } };
  };
}

interface Container {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
}

export function documented(walk: () => Walk): void {
  const page = readFileSync(join(import.meta.dirname, "../../docs/walk.md"), "utf8");
  const missing = (names: readonly string[]) => [...new Set(names)].filter((name) => !page.includes(`\`${name}\``));

  describe("docs/walk.md", () => {
    it("names every variable, property and argument of the platform's pods", async () => {
      const list = async <T>(kinds: string, namespace: string): Promise<T[]> => {
        const args = ["get", kinds, "--namespace", namespace, "-o", "json"];
        return (JSON.parse(await walk().platform.kubectl(args)) as { items: T[] }).items;
      };
      const names: string[] = [];
      for (const namespace of Object.values(namespaces)) {
        for (const { spec } of await list<Workload>("deployments,statefulsets,jobs", namespace)) {
          const { containers, initContainers = [] } = spec.template.spec;
          for (const { args = [], env = [], envFrom = [] } of [...initContainers, ...containers]) {
            names.push(...args.map(shortName), ...env.map(({ name }) => name));
            for (const { configMapRef } of envFrom) {
              const [map] = (await list<{ metadata: { name: string }; data: object }>("configmaps", namespace)).filter(
                ({ metadata }) => metadata.name === configMapRef?.name,
              );
              names.push(...Object.keys(map?.data ?? {}));
            }
          }
        }
      }
      expect(names.length).toBeGreaterThan(100);
      expect(missing(names)).toEqual([]);
    });

    it("names every claim of the tokens", async () => {
      const alice = await walk().person("alice");
      const tokens = ["onyxia", "onyxia-minio"].map((client) => claimsOf(alice.token(client)));
      expect(missing(tokens.flatMap((claims) => Object.keys(claims)))).toEqual([]);
    });
  });
}

/** An argument without its value, as the tables write it. */
function shortName(argument: string): string {
  const [name = ""] = argument.split("=");
  return name.replace(/^--(entryPoints|providers\.kubernetesIngressNGINX)\./, "");
}
