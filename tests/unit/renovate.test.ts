import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import { charts, type Image, images, releases } from "../../components/versions.ts";

const root = join(import.meta.dirname, "../..");

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly datasourceTemplate: string;
}

/** What Renovate would look for updates of, by the patterns of renovate.json. */
function found(file: string): { readonly source: string; readonly groups: Readonly<Record<string, string>> }[] {
  const text = readFileSync(join(root, file), "utf8");
  const { customManagers } = JSON.parse(readFileSync(join(root, "renovate.json"), "utf8")) as {
    readonly customManagers: readonly Manager[];
  };
  return customManagers
    .filter(({ managerFilePatterns }) =>
      managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
    )
    .flatMap(({ matchStrings, datasourceTemplate: source }) =>
      matchStrings.flatMap((pattern) =>
        [...text.matchAll(new RegExp(pattern, "g"))].map(({ groups = {} }) => ({ source, groups })),
      ),
    );
}

test("Renovate finds every image, chart and release, each once", () => {
  const wanted = [
    ...Object.values<Image>(images).map(({ repository, tag, digest }) => ({
      source: "docker",
      groups: { depName: repository, currentValue: tag, ...(digest === undefined ? {} : { currentDigest: digest }) },
    })),
    ...Object.values(charts).map(({ name, version, released }) => ({
      source: "helm",
      groups: { depName: name, currentValue: version, registryUrl: new URL(released).origin },
    })),
    ...Object.values(releases).map(({ version, source }) => ({
      source: "github-releases",
      groups: { depName: source.slice("https://github.com/".length, -"/releases".length), currentValue: version },
    })),
  ];
  const sorted = (all: typeof wanted) => all.toSorted((a, b) => (a.groups.depName < b.groups.depName ? -1 : 1));
  const all = found("components/versions.ts").map(({ source, groups }) => ({ source, groups: { ...groups } }));
  expect(sorted(all as typeof wanted)).toEqual(sorted(wanted));
});
