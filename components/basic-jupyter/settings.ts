import { z } from "zod";

import { resources } from "../scalars.ts";

/** `datalab:basicJupyter` */
export const basicJupyterSettings = z.strictObject({
  resources: resources.prefault({ cpu: "100m", memory: "1Gi" }).describe("What its pod gets."),
});

export type BasicJupyterSettings = z.infer<typeof basicJupyterSettings>;
