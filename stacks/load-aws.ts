/** AWS's SDK is loaded by stacks that use it alone: the others start faster, and need no AWS plugin. */
import type { AwsParts } from "./aws.ts";
import type { Plan } from "./plan.ts";
import { awsWords } from "./settings/switches.ts";

/** Makers of the parts on AWS; undefined where the stack has none. */
export async function loadAws(plan: Plan): Promise<AwsParts | undefined> {
  const { aws, cluster, dns, objectStore } = plan;
  const words = awsWords({ cluster: cluster.kind, dns: dns.kind, objectStore: objectStore.kind });
  if (aws === undefined || words.length === 0) return undefined;
  const { awsParts } = await import("./aws.ts");
  return awsParts(plan, aws);
}
