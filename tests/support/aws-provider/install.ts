/** Puts the stand-in for AWS where an engine finds it. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import type { EngineOptions } from "../../../testbed/engine/engine.ts";
import { Account } from "./account.ts";

export interface RecordedAws {
  readonly account: Account;
  /** For {@link EngineOptions}. */
  readonly engine: Required<Pick<EngineOptions, "plugins" | "programs" | "environment">>;
}

/**
 * An empty AWS account in `folder`.
 *
 * @param kubeconfig That of the control plane which is the API server of every cluster in the account.
 */
export function recordedAws(folder: string, kubeconfig?: string): RecordedAws {
  const account = new Account(folder);
  if (kubeconfig !== undefined) copyFileSync(kubeconfig, join(folder, "kubeconfig"));
  const { version } = createRequire(import.meta.url)("@pulumi/aws/package.json") as { version: string };
  const plugin = join(folder, "plugin");
  const programs = join(folder, "programs");
  writeScript(plugin, "pulumi-resource-aws", "main.ts");
  writeScript(programs, "aws", "aws.ts");
  return {
    account,
    engine: {
      plugins: { [`resource-aws-v${version}`]: plugin },
      programs,
      environment: { DATALAB_TEST_AWS: folder },
    },
  };
}

function writeScript(folder: string, name: string, program: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nexec "$DATALAB_NODE" "${join(import.meta.dirname, program)}" "$@"\n`);
  chmodSync(file, 0o755);
}
