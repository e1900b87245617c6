/** `pulumi-resource-aws`: prints the port on which it serves, as every Pulumi plugin does. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { Account } from "./account.ts";
import { KubernetesApi } from "./kubernetes.ts";
import { serve } from "./protocol.ts";
import { RecordingAws } from "./provider.ts";
import { loadSdk } from "./sdk.ts";

const folder = process.env["DATALAB_TEST_AWS"];
if (folder === undefined) throw new Error("DATALAB_TEST_AWS must name the folder of an account");
const kubeconfig = join(folder, "kubeconfig");
const sdk = await loadSdk();
const aws = new RecordingAws(
  sdk,
  new Account(folder),
  existsSync(kubeconfig) ? new KubernetesApi(kubeconfig) : undefined,
);
console.log(await serve(aws, sdk.version));

// The engine ends its plugins by a signal, and holds the other end of our standard input for as long as it lives.
const end = (): void => process.exit();
process.stdin.on("close", end).on("error", end).resume();
