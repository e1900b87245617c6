/** `pulumi up`: reads the stack file, builds the platform, exports where it is. */
import { renderCharts } from "./stacks/charts.ts";
import { datalab } from "./stacks/datalab.ts";
import { loadSettings } from "./stacks/settings.ts";

const settings = loadSettings();

export const { portal, identity, objectStore, objectStoreConsole, services, address, firstPasswords } = datalab(
  settings,
  await renderCharts(settings),
);
