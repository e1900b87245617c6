/** Settings of a stack, read as `pulumi up` reads them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

import { parse } from "yaml";

import { parseSettings, type Settings } from "../stacks/settings.ts";
import { type ClusterConnection, KubectlError } from "./kubectl.ts";
import { type Options, UsageError } from "./options.ts";

const prefix = "datalab:";

type StackOptions = Pick<Options, "stack" | "stackFile">;

interface Place {
  /** Folder of the project, that of Pulumi.yaml. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Checked settings. Secrets are decrypted by the Pulumi CLI, which is needed only if there are any.
 * @throws UsageError if the file or its secrets cannot be read
 * @throws SettingsError with every mistake of the stack file
 */
export async function readSettings(options: StackOptions, place: Place): Promise<Settings> {
  const { stack, stackFile } = options;
  const written = configIn(stackFile);
  const secretKeys = Object.keys(written).filter((key) => holdsSecret(written[key]));
  const values = secretKeys.length === 0 ? written : { ...written, ...(await decrypted(options, place)) };
  return parseSettings({ stack, values, secretKeys });
}

function configIn(file: string): Record<string, unknown> {
  try {
    const { config = {} } = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> };
    return ours(Object.entries(config));
  } catch (error) {
    throw new UsageError([`${file} cannot be read: ${(error as Error).message}`]);
  }
}

function ours(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(
    entries.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** Pulumi writes a secret as an object with the one key `secure`. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) =>
    key === "secure" ? typeof inner === "string" : holdsSecret(inner),
  );
}

async function decrypted(options: StackOptions, place: Place) {
  try {
    const text = await pulumi(
      ["config", "--json", "--show-secrets", "--config-file", options.stackFile],
      options,
      place,
    );
    const all = JSON.parse(text) as Record<string, { value?: unknown; objectValue?: unknown }>;
    return ours(Object.entries(all).map(([key, { value, objectValue }]) => [key, objectValue ?? value]));
  } catch (error) {
    throw new UsageError([`the secrets of ${options.stackFile} cannot be read: ${(error as Error).message}`]);
  }
}

/** How the stack's cluster is reached: by the settings, or, if the stack has made it, by its output. */
export function connectionOf({ cluster }: Settings, options: StackOptions, place: Place): ClusterConnection {
  if (cluster.kind === "eks") {
    const args = ["stack", "output", "kubeconfig", "--show-secrets"];
    const kubeconfig = async () => {
      try {
        return { content: await pulumi(args, options, place) };
      } catch (error) {
        throw new KubectlError("other", (error as Error).message);
      }
    };
    return { kubeconfig, context: undefined };
  }
  const given = cluster.kubeconfig ?? cluster.kubeconfigPath ?? "";
  // The provider takes either in both places.
  const isContent = /^\s*(\{|apiVersion:|kind:|clusters:|#)/.test(given);
  const kubeconfig = isContent ? { content: given } : { path: given };
  return { kubeconfig: () => Promise.resolve(kubeconfig), context: cluster.context };
}

async function pulumi(args: readonly string[], { stack }: StackOptions, { project, environment }: Place) {
  try {
    const all = [...args, "--stack", stack, "--cwd", project, "--non-interactive"];
    return (await promisify(execFile)("pulumi", all, { env: environment, maxBuffer: 100_000_000 })).stdout;
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    throw new Error(`\`pulumi ${args[0] ?? ""}\` says: ${stderr.trim() || message}`, { cause: error });
  }
}
