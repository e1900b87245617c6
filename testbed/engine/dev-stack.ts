import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";

/** Folder of the project. */
export const checkout = resolve(import.meta.dirname, "../..");

type StackFile = { config: Record<string, Record<string, unknown>> };

/** The text of Pulumi.dev.yaml, pointed to another cluster and to the packaged charts of a toolchain. */
export function devStackFile(kubeconfig: string, charts: string): string {
  const document = parse(readFileSync(join(checkout, "Pulumi.dev.yaml"), "utf8")) as StackFile;
  const { config } = document;
  config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: kubeconfig };
  const certManager = config["datalab:certificates"]?.["certManager"];
  config["datalab:certificates"] = {
    ...config["datalab:certificates"],
    certManager: { ...(certManager as object), chart: { mirror: charts } },
  };
  return stringify(document);
}
