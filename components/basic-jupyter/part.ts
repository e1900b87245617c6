import { namespaces } from "../names.ts";
import { deployment, part } from "../part.ts";
import { jupyterName } from "./names.ts";
import { basicJupyterSettings } from "./settings.ts";

export const basicJupyter = part({
  key: "basicJupyter",
  settings: basicJupyterSettings.optional(),
  declares: (settings) => {
    if (settings === undefined) return {};
    return {
      running: [
        {
          key: "basic-jupyter",
          name: "basic Jupyter",
          namespace: namespaces.basicJupyter,
          workloads: [deployment(jupyterName, 1)],
        },
      ],
    };
  },
});
