import { failed, passed, type Step } from "../step.ts";
import { apiMounts, configMapDeviation } from "./launcher.ts";

/** Whether the portal's API reads the platform's own schemas: what they do not allow, a launch does not get. */
export const launchFormStep: Step = {
  id: "launch-form",
  title: "launches are held to the platform's schemas",
  hop: "portal's API",
  needs: ["cluster"],
  run: async (context) => {
    const { schemas, schemaFiles } = context.expected.walls;
    const other = await configMapDeviation(context, schemas);
    if (other !== undefined) return failed(other);
    const found = new Set((await apiMounts(context)).map(({ mountPath }) => mountPath));
    const missing = schemaFiles.filter((file) => !found.has(file));
    if (missing.length === 0) return passed(`${schemaFiles.length} of them`);
    return failed({
      problem: `The portal's API has no ${missing.join(", no ")}: it takes what the chart's own schema allows`,
      cause: "somebody has changed its Deployment, or the stack is older than its settings",
      cure: "Run `pulumi up --refresh`",
    });
  },
};
