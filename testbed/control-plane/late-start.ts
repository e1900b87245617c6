import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlaneTools } from "./tools.ts";

/**
 * A program for the controller manager's place, which starts it when the API server answers. By itself it gives up ten
 * seconds after its own start, and nobody would start it again: on a busy machine the API server needs longer.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/cmd/kube-controller-manager/app/controllermanager.go
 */
export async function lateControllerManager(
  folder: string,
  { kubectl, kubeControllerManager }: Pick<ControlPlaneTools, "kubectl" | "kubeControllerManager">,
): Promise<string> {
  const home = join(folder, "late");
  await mkdir(home, { recursive: true, mode: 0o700 });
  // Under this path, so that its command line names the folder from the first word on.
  const program = join(home, "kube-controller-manager");
  await symlink(kubeControllerManager, program);
  const script = join(home, "start");
  await writeFile(script, scriptFor(kubectl, program), { mode: 0o755 });
  return script;
}

/** Half a second between two questions: each is a process. After five minutes whoever waits has given up too. */
const scriptFor = (kubectl: string, program: string) => `#!/bin/sh
for argument in "$@"; do
  case $argument in --kubeconfig=*) kubeconfig=\${argument#*=} ;; esac
done
# Asked for its version, it waits for nobody.
[ -n "\${kubeconfig-}" ] || exec '${program}' "$@"
attempts=0
until '${kubectl}' --kubeconfig="$kubeconfig" get --raw=/healthz >/dev/null 2>&1; do
  attempts=$((attempts + 1))
  if [ "$attempts" -ge 600 ]; then
    echo "the API server does not answer" >&2
    exit 1
  fi
  sleep 0.5
done
exec '${program}' "$@"
`;
