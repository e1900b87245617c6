import { gibibytesOf, type WorkspaceServices } from "../../workspaces/settings.ts";
import { bytesUpTo } from "./quantities.ts";
import { draft, type JsonSchema, oneLineEach, whenEnabled } from "./schema.ts";

export function persistence({ storage }: WorkspaceServices): JsonSchema {
  return {
    $schema: draft,
    title: "Persistence",
    type: "object",
    ...oneLineEach,
    properties: {
      enabled: { type: "boolean", description: "Create a persistent volume", default: true },
      size: {
        type: "string",
        title: "Size of the persistent volume",
        pattern: bytesUpTo(storage.most),
        default: storage.size,
        render: "slider",
        sliderMin: 1,
        sliderMax: gibibytesOf(storage.most),
        sliderStep: 1,
        sliderUnit: "Gi",
        ...whenEnabled,
      },
    },
  };
}
