/** What the program would make, asked without the cluster: there it is refused while the state is lost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { readPreview, type Step } from "../flip/engine-events.ts";
import { EditableStackFile } from "../flip/stack-file.ts";
import { type Pulumi, PulumiError } from "../stack-file/pulumi.ts";
import { unreachableKubeconfig } from "../stack-file/unreachable-kubeconfig.ts";

/** @throws PulumiError */
export async function previewWithoutCluster(
  pulumi: Pulumi,
  stack: string,
  stackFile: string,
): Promise<readonly Step[]> {
  const folder = mkdtempSync(join(tmpdir(), "datalab-take-back-"));
  try {
    const kubeconfig = join(folder, "kubeconfig");
    const file = join(folder, basename(stackFile));
    const log = join(folder, "events");
    const copy = new EditableStackFile(readFileSync(stackFile, "utf8"));
    for (const name of ["kubeconfig", "context"]) copy.delete(["cluster", name]);
    copy.set(["cluster", "kubeconfigPath"], kubeconfig);
    writeFileSync(kubeconfig, unreachableKubeconfig);
    writeFileSync(file, copy.toString(), { mode: 0o600 });
    const { exitCode, output, errors } = await pulumi.attempt([
      ...["preview", "--non-interactive", "--color", "never", "--stack", stack, "--config-file", file],
      ...["--show-sames", "--event-log", log],
    ]);
    if (exitCode !== 0) throw new PulumiError(`${output}\n${errors}`.trim());
    return readPreview(readFileSync(log, "utf8")).steps;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
