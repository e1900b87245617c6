import type { ChartRequest } from "../charts/chart-renderer.ts";
import { caBundleName, trustedFolder } from "../kubernetes/ca-bundle.ts";
import { configHash } from "../kubernetes/config-hash.ts";
import { containerResources } from "../kubernetes/pod-hygiene.ts";
import { platformPriority } from "../kubernetes/priority-class.ts";
import { type Proxy, proxyVariables } from "../kubernetes/proxy.ts";
import { withoutWait } from "../kubernetes/rollout.ts";
import { namespaces } from "../names.ts";
import { charts, type Image, images } from "../versions.ts";
import type { InstalledCertManagerSettings } from "./settings.ts";

/** Label that all pods of the release carry. */
export const releaseLabels = { "app.kubernetes.io/instance": "cert-manager" };

/** Label of the controller's pods beside those. */
export const controllerLabels = { ...releaseLabels, "app.kubernetes.io/component": "controller" };

/** ServiceAccount of the controller. */
export const controllerServiceAccount = "cert-manager";

/**
 * The API server calls the webhook for every certificate, and refuses when it gets no answer. The provider therefore
 * waits until the authority of the webhook's certificate has been written in.
 */
const untilTrusted = { "pulumi.com/waitFor": "jsonpath={.webhooks[0].clientConfig.caBundle}" };

export interface CertManagerChartOptions {
  readonly settings: InstalledCertManagerSettings;
  /** Certificates stay when the chart goes. */
  readonly protectData: boolean;
  /** Registry prefix of a mirror. */
  readonly imageMirror?: string | undefined;
  /** Where its controller goes out, to an ACME server and to AWS. @default it does not */
  readonly outgoing?: OutgoingSettings | undefined;
}

/** How the controller goes out. */
export interface OutgoingSettings {
  /** Authorities in PEM that it trusts beside the public ones. */
  readonly authorities?: string | undefined;
  readonly proxy?: Proxy | undefined;
}

const trustFolder = "/trust";

/** Values of the chart for its controller, none where nothing is set. */
function outgoingValues({ authorities, proxy }: OutgoingSettings) {
  const extraEnv = [...(authorities === undefined ? [] : [trustedFolder(trustFolder)]), ...proxyVariables(proxy)];
  return {
    ...(extraEnv.length === 0 ? {} : { extraEnv }),
    ...(authorities === undefined ? {} : trustValues(authorities)),
  };
}

function trustValues(authorities: string) {
  return {
    podAnnotations: configHash({ authorities }),
    volumes: [{ name: "ca", configMap: { name: caBundleName } }],
    volumeMounts: [{ name: "ca", mountPath: trustFolder, readOnly: true }],
  };
}

/** How the chart is rendered. Its pods are on level `restricted` by its own defaults. */
export function certManagerChart({
  settings,
  protectData,
  imageMirror,
  outgoing = {},
}: CertManagerChartOptions): ChartRequest {
  const image = (of: Image) => ({
    repository: imageMirror === undefined ? of.repository : `${imageMirror}/${of.repository}`,
    tag: of.tag,
    digest: of.digest,
  });
  const { controller, webhook, cainjector } = settings.resources;
  return {
    chart: charts.certManager,
    mirror: settings.chart.mirror,
    releaseName: "cert-manager",
    namespace: namespaces.certificates,
    values: {
      crds: { enabled: true, keep: protectData },
      global: {
        // The default is kube-system, where the platform has no business.
        leaderElection: { namespace: namespaces.certificates },
        priorityClassName: platformPriority,
        // Otherwise whoever may edit one namespace may ask every ClusterIssuer for any name.
        rbac: { aggregateClusterRoles: false },
      },
      image: image(images.certManagerController),
      resources: containerResources(controller),
      ...outgoingValues(outgoing),
      serviceAnnotations: withoutWait,
      webhook: {
        serviceAnnotations: withoutWait,
        image: image(images.certManagerWebhook),
        resources: containerResources(webhook),
        mutatingWebhookConfigurationAnnotations: untilTrusted,
        validatingWebhookConfigurationAnnotations: untilTrusted,
      },
      cainjector: {
        image: image(images.certManagerCainjector),
        resources: containerResources(cainjector),
        serviceAnnotations: withoutWait,
      },
      acmesolver: { image: image(images.certManagerAcmesolver) },
      // A Job that asks the API server for a certificate until the webhook answers.
      startupapicheck: {
        image: image(images.certManagerStartupapicheck),
        resources: containerResources({ cpu: "10m", memory: "64Mi" }),
      },
    },
  };
}
