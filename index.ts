/** `pulumi up`: reads the stack file, builds the platform, exports where it is. */
import { preflight } from "./checks/preflight/preflight.ts";
import { sayWhatIsWaitedFor } from "./checks/readiness/readiness.ts";
import { renderCharts } from "./stacks/charts.ts";
import { datalab } from "./stacks/datalab.ts";
import { loadAws } from "./stacks/load-aws.ts";
import { planOf } from "./stacks/plan.ts";
import { loadSettings } from "./stacks/settings/read.ts";

const plan = planOf(loadSettings());
const [charts, aws] = [await renderCharts(plan), await loadAws(plan)];
const outputs = datalab(plan, { charts, aws, ...(await preflight(plan, charts)) });
sayWhatIsWaitedFor(plan, outputs.kubeconfig);

export const { portal, identity, objectStore, objectStoreConsole, packageIndex, basicJupyter, notebooks, services } =
  outputs;
export const { address, nodePorts, dnsRecords, nameServers, kubeconfig, firstPasswords, version } = outputs;
