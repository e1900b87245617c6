/** Random indexes of packages, as a person could have written them. */
import fc from "fast-check";

import type { Combination } from "../../stacks/settings/switches.ts";
import { resources, some } from "./arbitrary-values.ts";

const packagesElsewhere = some({
  mirrorsPublicIndex: fc.boolean(),
  reads: fc.constantFrom("open", "authenticated"),
  uploadUrl: fc.constant("https://packages.example.com/legacy"),
}).map((rest): Record<string, unknown> => ({
  engine: "external",
  indexUrl: "https://packages.example.com/simple",
  ...rest,
}));

/** The store in the cluster has a bucket for a server of the platform's own, and AWS where pods get their rights from it. */
export function packagesBeside({ cluster, objectStore }: Combination) {
  const hasBucket = objectStore === "minio" || (objectStore === "s3" && cluster === "eks");
  if (!hasBucket) return fc.option(packagesElsewhere, { nil: undefined });
  const mirror = some({
    cooldown: fc.constantFrom("1h", "30d"),
    upstream: fc.constant("https://index.example.org:8443"),
  });
  const names = fc.oneof(
    some({ privatePrefix: fc.constant("lab") }),
    fc.record({ privatePrefix: fc.constant("lab"), mirror }),
  );
  const rest = some({
    replicas: fc.constantFrom(1, 3),
    resources,
    reads: fc.constantFrom("open", "authenticated"),
    rotation: fc.constantFrom("first", "2026-11"),
  });
  return fc.option(
    fc.tuple(names, rest).map((parts) => Object.assign({ engine: "pypiron" }, ...parts) as Record<string, unknown>),
    { nil: undefined },
  );
}
