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
    const other = await configMapDeviation(context, context.expected.walls.launcher);
    if (other !== undefined) return failed(other);
    const mounts = await apiMounts(context);
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

/** What the portal's API finds in its files. */
export async function apiMounts({ kubectl }: Context): Promise<readonly Mount[]> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${apiName}`;
  const { spec } = await kubectl.get<Deployment>(path);
  return spec.template.spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
}

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
  const others = [...new Set([...Object.keys(data), ...Object.keys(found.data ?? {})])].flatMap((file) => {
    const other = deviation(contentOf(data[file]), contentOf(found.data?.[file]));
    return other === undefined ? [] : [`${file} in ConfigMap ${namespace}/${name} is another one: ${other}`];
  });
  if (others.length === 0) return undefined;
  return {
    problem: others.join("; "),
    cause: "the stack file was changed without `pulumi up`, or somebody has changed the cluster by hand",
    cure,
  };
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
