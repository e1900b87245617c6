/** `pulumi up`: reads the stack file, builds the platform, exports where it is. */
import { renderCharts } from "./stacks/charts.ts";
import { datalab } from "./stacks/datalab.ts";
import { loadAws } from "./stacks/load-aws.ts";
import { loadSettings } from "./stacks/settings.ts";

const settings = loadSettings();
const prepared = { charts: await renderCharts(settings), aws: await loadAws(settings) };

export const {
  portal,
  identity,
  objectStore,
  objectStoreConsole,
  services,
  address,
  dnsRecords,
  nameServers,
  kubeconfig,
  firstPasswords,
} = datalab(settings, prepared);
