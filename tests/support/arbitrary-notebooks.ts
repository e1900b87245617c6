/** Valid settings of the notebooks. */
import fc from "fast-check";

import { resources, some } from "./arbitrary-values.ts";

const notebooksOfAll = some({
  profiles: fc.constantFrom(
    { small: { title: "Small" } },
    {
      own: { title: "Own", description: "Of ours", image: "registry.example.org/lab/notebook:1" },
      large: { title: "Large", memory: { guarantee: "4Gi", limit: "8Gi" }, gpus: 1, nodes: "spot" },
    },
  ),
  homes: fc.constantFrom({ kind: "own", size: "20Gi" }, { kind: "shared", storageClass: "efs" }),
  culling: fc.constantFrom({ idle: "30m" }, { age: "30d" }),
  limits: fc.constantFrom({ servers: 5 }, { memory: "1Ti", cpu: 64, storage: "100Gi" }),
  hub: fc.record({ resources }),
  proxy: fc.record({ resources }),
});

/** For either login, what it asks for. */
export const notebooks = fc
  .tuple(
    fc.constantFrom<Record<string, unknown>>(
      { login: "realm", access: { kind: "everyone" } },
      { login: "realm", access: { kind: "groups", groups: ["research"] }, administrators: { groups: ["staff"] } },
      { login: "signup" },
      { login: "signup", administrator: "boss" },
    ),
    notebooksOfAll,
  )
  .map(([login, rest]): Record<string, unknown> => ({ ...login, ...rest }));
