/** `pulumi up`: reads the stack file, builds the platform, exports where it is. */
import { preflight } from "./preflight/preflight.ts";
import { sayWhatIsWaitedFor } from "./readiness/readiness.ts";
import { renderCharts } from "./stacks/charts.ts";
import { datalab } from "./stacks/datalab.ts";
import { loadAws } from "./stacks/load-aws.ts";
import { loadSettings } from "./stacks/settings.ts";

const settings = loadSettings();
const [charts, aws] = [await renderCharts(settings), await loadAws(settings)];
const { fieldManagers } = await preflight(settings, charts);

const outputs = datalab(settings, { charts, aws, fieldManagers });
sayWhatIsWaitedFor(settings, outputs.kubeconfig);

export const {
  portal,
  identity,
  objectStore,
  objectStoreConsole,
  services,
  address,
  nodePorts,
  dnsRecords,
  nameServers,
  kubeconfig,
  firstPasswords,
} = outputs;
