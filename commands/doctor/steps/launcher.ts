import { namespaces } from "../../../components/names.ts";
import { launcherMounts } from "../../../components/portal/launcher.ts";
import { apiName } from "../../../components/portal/permissions.ts";
import type { ExpectedConfigMap } from "../walls.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context, failed, type Finding, passed, type Step } from "../step.ts";
import { deviation } from "./exact.ts";

const namespace = namespaces.portal;

/** Whether the portal's API finds the launcher where it looks for helm, and it is the declared one. */
export const launcherStep: Step = {
  id: "launcher",
  title: "portal launches through the launcher",
  hop: "portal's launcher",
  needs: ["cluster"],
  run: async (context) => {
    const { kubectl, expected } = context;
    const other = await configMapDeviation(context, expected.walls.launcher);
    if (other !== undefined) return failed(other);
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${apiName}`;
    const { spec } = await kubectl.get<Deployment>(path);
    const mounts = spec.template.spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    for (const { mountPath, subPath, name } of launcherMounts as readonly Mount[]) {
      const found = mounts.find((mount) => mount.mountPath === mountPath);
      if (found?.name === name && found.subPath === subPath) continue;
      return failed({
        problem: `The portal's API has no launcher at ${mountPath}: it calls helm itself, for everybody`,
        cause: "somebody has changed its Deployment, or the stack is older than its settings",
        cure: "Run `pulumi up --refresh`",
      });
    }
    return passed();
  },
};

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly volumeMounts?: readonly Mount[];
        }[];
      };
    };
  };
}

/** What is wrong with a ConfigMap of the portal; undefined if it is the declared one. */
export async function configMapDeviation(
  { kubectl }: Context,
  { name, data }: ExpectedConfigMap,
): Promise<Finding | undefined> {
  const cure = "Run `pulumi up --refresh`";
  let found: { readonly data?: Readonly<Record<string, string>> };
  try {
    found = await kubectl.get(`/api/v1/namespaces/${namespace}/configmaps/${name}`);
  } catch (error) {
    if (!(error instanceof KubectlError) || error.kind !== "not found") throw error;
    return { problem: `There is no ConfigMap ${namespace}/${name}`, cause: "the stack is older than its walls", cure };
  }
  for (const file of new Set([...Object.keys(data), ...Object.keys(found.data ?? {})])) {
    const other = deviation(contentOf(data[file]), contentOf(found.data?.[file]));
    if (other === undefined) continue;
    return {
      problem: `${file} in ConfigMap ${namespace}/${name} is another one: ${other}`,
      cause: "the stack file was changed without `pulumi up`, or somebody has changed the cluster by hand",
      cure,
    };
  }
  return undefined;
}

/** Most files are JSON, and what differs in them is said by its place. */
function contentOf(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { text };
  }
}
