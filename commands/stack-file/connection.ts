/** Settings of a stack, and the way to its cluster. */
import { readFileSync } from "node:fs";

import { type Pulumi, PulumiError, pulumiIn } from "./pulumi.ts";
import { decrypted, holdsSecrets, type StackConfig, stackConfigOf, stackFileOf } from "./stack-file.ts";
import { parseYaml } from "./yaml.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { kubeconfigOf, type Place } from "../../checks/kubectl/kubeconfig.ts";
import { type ClusterConnection, KubectlError } from "../../checks/kubectl/kubectl.ts";
import { UsageError } from "../usage-error.ts";

/** Which stack, and how long anybody may take for an answer. */
export interface StackOptions {
  readonly stack: string;
  /** Absolute path of the stack file. */
  readonly stackFile: string;
  /** In seconds. */
  readonly timeout: number;
}

/**
 * Checked settings. Secrets are decrypted by the Pulumi CLI, which is needed only if there are any.
 * @throws UsageError if the file or its secrets cannot be read
 * @throws SettingsError with every mistake of the stack file
 */
export async function readSettings(options: StackOptions, place: Place): Promise<Settings> {
  const { stack, stackFile } = options;
  const config = configIn(stackFile);
  return parseSettings(stackFileOf(stack, config, holdsSecrets(config) ? await secretsOf(options, place) : {}));
}

function configIn(file: string): StackConfig {
  try {
    const document = parseYaml(readFileSync(file, "utf8"));
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return stackConfigOf(document);
  } catch (error) {
    throw new UsageError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}

async function secretsOf(options: StackOptions, place: Place) {
  try {
    return await decrypted(cli(options, place), options.stack, options.stackFile);
  } catch (error) {
    throw new UsageError([`the secrets of ${options.stackFile} cannot be read: ${(error as Error).message}`]);
  }
}

/** How the stack's cluster is reached: by the settings, or, if the stack has made it, by its output. */
export function connectionOf({ cluster }: Settings, options: StackOptions, place: Place): ClusterConnection {
  if (cluster.kind === "eks") {
    const kubeconfig = async () => {
      const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", options.stack, "--non-interactive"];
      try {
        return { content: await cli(options, place).run(args) };
      } catch (error) {
        if (error instanceof PulumiError) throw new KubectlError("other", error.message);
        throw error;
      }
    };
    return { kubeconfig, context: undefined };
  }
  const kubeconfig = kubeconfigOf(cluster, place.environment);
  return { kubeconfig: () => Promise.resolve(kubeconfig), context: cluster.context };
}

function cli({ timeout }: StackOptions, { project, environment }: Place): Pulumi {
  // The CLI itself takes seconds to start, and asks its backend several times.
  return pulumiIn(project, { environment, timeout: timeout + 30 });
}
