/** AWS's SDK is loaded by stacks that use it alone: the others start faster, and need no AWS plugin. */
import type { AwsParts } from "./aws.ts";
import type { Settings } from "./settings.ts";

/** Makers of the parts on AWS; undefined where the stack has none. */
export async function loadAws(settings: Settings): Promise<AwsParts | undefined> {
  const { aws, cluster, dns, objectStore } = settings;
  if (aws === undefined || (cluster.kind !== "eks" && dns.kind !== "route53" && objectStore.kind !== "s3")) {
    return undefined;
  }
  const { awsParts } = await import("./aws.ts");
  return awsParts(settings, aws);
}
