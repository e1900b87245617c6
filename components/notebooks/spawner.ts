/** What the hub makes people's servers from: traits of KubeSpawner. */
import type { PackageIndex } from "../contracts.ts";
import { caBundleKey, caBundleName } from "../kubernetes/ca-bundle.ts";
import { elasticNodes } from "../kubernetes/elastic-nodes.ts";
import { imageReference } from "../kubernetes/image.ts";
import { selectorFor } from "../kubernetes/labels.ts";
import { podSecurityContext } from "../kubernetes/pod-hygiene.ts";
import { type Proxy, proxyVariables } from "../kubernetes/proxy.ts";
import { packageVariables, trustVariables } from "../kubernetes/service-variables.ts";
import { namespaces } from "../names.ts";
import { bytesOf, secondsOf } from "../scalars.ts";
import { images } from "../versions.ts";
import { userServerName } from "./names.ts";
import { coresOf, type NotebooksSettings, type Profile } from "./settings.ts";

/** What servers are made from. */
export interface ServerInputs {
  readonly settings: NotebooksSettings;
  /** The platform's S3. */
  readonly objectStore: { readonly endpoint: string; readonly region: string };
  /** Whether there are authorities to trust beside the public ones. */
  readonly privateCa: boolean;
  readonly packageIndex?: PackageIndex | undefined;
  readonly proxy?: Proxy | undefined;
  readonly imageMirror?: string | undefined;
  /** Secret that images are pulled with. @default none */
  readonly pullSecret?: string | undefined;
}

/** User and group of Jupyter's images. @see https://jupyter-docker-stacks.readthedocs.io/en/latest/using/common.html */
const user = 1000;
const group = 100;
const home = "/home/jovyan";

/** Where a server finds the public authorities and the platform's, in one file. */
const trustFolder = "/opt/authorities";
const trustBundle = `${trustFolder}/bundle.crt`;
const publicAuthorities = "/etc/ssl/certs/ca-certificates.crt";

const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** Traits of every server. @see https://jupyterhub-kubespawner.readthedocs.io/en/latest/spawner.html */
export function spawnerTraits(inputs: ServerInputs) {
  const { settings, privateCa } = inputs;
  const { homes, culling } = settings;
  const idle = secondsOf(culling.idle);
  return {
    namespace: namespaces.notebooks,
    profile_list: inOrder(settings).map(([name, profile], index) => profileOf(name, profile, index === 0, inputs)),
    cmd: ["jupyterhub-singleuser"],
    args: [
      `--MappingKernelManager.cull_idle_timeout=${idle}`,
      "--MappingKernelManager.cull_interval=300",
      "--MappingKernelManager.cull_connected=True",
      `--TerminalManager.cull_inactive_timeout=${idle}`,
    ],
    default_url: "/lab",
    environment: environmentOf(inputs),
    // What NetworkPolicies find them by, beside what the hub does.
    common_labels: { ...selectorFor(userServerName), "app.kubernetes.io/managed-by": "kubespawner" },
    pod_security_context: podSecurityContext(user, group),
    container_security_context: confined,
    automount_service_account_token: false,
    extra_pod_config: { enableServiceLinks: false },
    ...(inputs.pullSecret === undefined ? {} : { image_pull_secrets: [{ name: inputs.pullSecret }] }),
    // A node may have to be made, and an image of some gigabytes to be loaded.
    start_timeout: 600,
    http_timeout: 120,
    poll_interval: 30,
    delete_grace_period: 30,
    // One home for each person, whatever servers there are. Written out: another default of another release would look
    // like an empty home.
    storage_pvc_ensure: true,
    delete_pvc: false,
    slug_scheme: "safe",
    pvc_name_template: "claim-{username}",
    storage_capacity: homes.size,
    storage_access_modes: [homes.kind === "shared" ? "ReadWriteMany" : "ReadWriteOnce"],
    ...(homes.storageClass === undefined ? {} : { storage_class: homes.storageClass }),
    volumes: [
      { name: "home", persistentVolumeClaim: { claimName: "claim-{username}" } },
      ...(privateCa
        ? [
            { name: "ca", configMap: { name: caBundleName } },
            { name: "authorities", emptyDir: {} },
          ]
        : []),
    ],
    volume_mounts: [
      { name: "home", mountPath: home },
      ...(privateCa ? [{ name: "authorities", mountPath: trustFolder, readOnly: true }] : []),
    ],
  };
}

function environmentOf({ objectStore, packageIndex, privateCa, proxy }: ServerInputs): Record<string, string> {
  const { endpoint, region } = objectStore;
  const named = [...packageVariables(packageIndex), ...proxyVariables(proxy)];
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_S3_ENDPOINT: new URL(endpoint).host,
    AWS_DEFAULT_REGION: region,
    ...(privateCa ? Object.fromEntries(trustVariables.map((name) => [name, trustBundle])) : {}),
    ...Object.fromEntries(named.map(({ name, value }) => [name, value])),
  };
}

/** Most memory that a server of any profile may have. */
export function mostMemory({ profiles }: Pick<NotebooksSettings, "profiles">): number {
  return Math.max(...Object.values(profiles).map(({ memory }) => bytesOf(memory.limit)));
}

/** By their names: neither Pulumi nor people keep another order. */
function inOrder({ profiles }: Pick<NotebooksSettings, "profiles">): [string, Profile][] {
  return Object.entries(profiles).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function profileOf(name: string, profile: Profile, isDefault: boolean, { imageMirror, privateCa }: ServerInputs) {
  const { title, description, cpu, memory, gpus, nodes } = profile;
  const image = profile.image ?? imageReference(images.notebook, imageMirror);
  const tolerations = [
    ...(nodes === "spot"
      ? [{ key: elasticNodes.key, operator: "Equal", value: elasticNodes.value, effect: "NoSchedule" }]
      : []),
    ...(gpus > 0 ? [{ key: gpuResource, operator: "Exists", effect: "NoSchedule" }] : []),
  ];
  return {
    slug: name,
    display_name: title,
    ...(description === undefined ? {} : { description }),
    default: isDefault,
    kubespawner_override: {
      image,
      cpu_guarantee: coresOf(cpu.guarantee),
      cpu_limit: coresOf(cpu.limit),
      // Its units are no Kubernetes quantities.
      mem_guarantee: bytesOf(memory.guarantee),
      mem_limit: bytesOf(memory.limit),
      tolerations,
      // A server on a permanent node is better than none.
      node_affinity_preferred: nodes === "spot" ? [{ weight: 50, preference: { matchExpressions: [spotNodes] } }] : [],
      ...(gpus > 0 ? { extra_resource_limits: { [gpuResource]: String(gpus) } } : {}),
      ...(privateCa ? { init_containers: [authoritiesContainer(image)] } : {}),
    },
  };
}

const gpuResource = "nvidia.com/gpu";
const spotNodes = { key: elasticNodes.key, operator: "In", values: [elasticNodes.value] };

/** Joins the public authorities of the image and the platform's. */
function authoritiesContainer(image: string) {
  const own = "/platform-ca";
  return {
    name: "authorities",
    image,
    command: ["sh", "-c", `cat ${publicAuthorities} ${own}/${caBundleKey} > ${trustBundle}`],
    securityContext: confined,
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } },
    volumeMounts: [
      { name: "ca", mountPath: own, readOnly: true },
      { name: "authorities", mountPath: trustFolder },
    ],
  };
}
