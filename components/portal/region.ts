import { type AccessModel, homeUri } from "../access/access-model.ts";
import { usualPort } from "../addresses.ts";
import type { ObjectStore, PackageIndex, Realm } from "../contracts.ts";
import { noProxy, type Proxy } from "../kubernetes/proxy.ts";
import { subjectPrefix, workspaceLabel, workspaceMark } from "../workspaces/names.ts";
import type { PortalSettings } from "./settings.ts";

/** Everything that the region is derived from; plain values only, so that the first preview prints it in full. */
export interface RegionInputs {
  readonly access: AccessModel;
  readonly realm: Realm;
  readonly objectStore: ObjectStore;
  /** Domain that each service's host name lies below. */
  readonly servicesDomain: string;
  readonly ingressClassName: string;
  /** Port of the services' addresses. @default 443 */
  readonly publicPort?: number | undefined;
  /** Proxy for users' services. @default none */
  readonly proxy?: Proxy | undefined;
  /** The platform's own packages. @default none */
  readonly packageIndex?: PackageIndex | undefined;
  readonly settings: Pick<PortalSettings, "regionName" | "description" | "quotas" | "services">;
}

/**
 * Annotation with the id of the account that has logged in last, which no other account of that name has. The API puts
 * `onyxia_` before the name of an attribute.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/src/main/java/fr/insee/onyxia/api/services/impl/kubernetes/KubernetesService.java
 */
export const ownerAnnotation = "onyxia_sub";

type Quota = PortalSettings["quotas"]["user"];

/**
 * The region that Onyxia runs services in. Only keys that API v4.12.0 knows: it drops any other without a word.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-model/src/main/java/fr/insee/onyxia/model/region/Region.java
 */
export function regionOf(inputs: RegionInputs) {
  const { access, settings, publicPort = usualPort } = inputs;
  return {
    id: "datalab",
    name: settings.regionName,
    description: settings.description,
    services: {
      type: "KUBERNETES",
      // True by default: everybody would share the portal's own namespace.
      singleNamespace: false,
      allowNamespaceCreation: true,
      userNamespace: true,
      namespacePrefix: access.namespacePrefix,
      groupNamespacePrefix: access.groupNamespacePrefix,
      usernamePrefix: subjectPrefix,
      groupPrefix: subjectPrefix,
      namespaceLabels: {
        [workspaceLabel]: workspaceMark,
        "pod-security.kubernetes.io/enforce": settings.services.podSecurity,
      },
      // The time of the last login, which tells an administrator what is no longer used, and whose login it was.
      namespaceAnnotationsDynamic: { enabled: true, userAttributes: ["sub"] },
      authenticationMode: "serviceAccount",
      expose: {
        domain: inputs.servicesDomain,
        ingress: true,
        route: false,
        ingressClassName: inputs.ingressClassName,
        // The web application writes it into the links to services, and nothing else does.
        ...(publicPort === usualPort ? {} : { ingressPort: publicPort }),
      },
      allowedURIPattern: "^https://",
      quotas: {
        userEnabled: settings.quotas.user.enabled,
        user: quotaOf(settings.quotas.user),
        groupEnabled: settings.quotas.group.enabled,
        group: quotaOf(settings.quotas.group),
      },
    },
    data: { S3: s3Of(inputs) },
    ...proxyInjection(inputs.proxy),
    ...packageInjection(inputs.packageIndex),
  };
}

/** For charts that ask for it; INSEE's take it from the schema `proxy.json`. */
function proxyInjection(proxy: Proxy | undefined) {
  if (proxy === undefined) return {};
  return { proxyInjection: { httpProxyUrl: proxy.http, httpsProxyUrl: proxy.https, noProxy: noProxy(proxy) } };
}

/** Charts put it in the place of the public index, so that a service finds no other package. */
function packageInjection(index: PackageIndex | undefined) {
  if (index?.replacesPublicIndex !== true) return {};
  return { packageRepositoryInjection: { pypiProxyUrl: index.indexUrl } };
}

/** Only requests: limits are in the platform's own quota, beside a LimitRange that fills them in. */
function quotaOf(quota: Quota) {
  return {
    "requests.cpu": quota.cpu,
    "requests.memory": quota.memory,
    "requests.storage": quota.storage,
    "count/pods": String(quota.pods),
  };
}

/** @see https://github.com/InseeFrLab/onyxia/blob/v11.5.1/web/src/core/adapters/onyxiaApi/ApiTypes.ts */
function s3Of({ access, realm, objectStore }: RegionInputs) {
  return {
    URL: objectStore.endpoint,
    region: objectStore.region,
    pathStyleAccess: objectStore.pathStyleAccess,
    sts: {
      URL: objectStore.sts.url,
      durationSeconds: objectStore.sts.durationSeconds,
      // Without a role the web application of 5.5 shows a blank page, whatever its documentation says.
      role: {
        profileName: "default",
        roleARN: objectStore.sts.roleArn,
        roleSessionName: objectStore.sts.roleSessionName,
      },
      // `clientID`, not `clientId`: the other spelling is not read.
      oidcConfiguration: { clientID: realm.clients.objectStore },
    },
    bookmarks: [
      {
        // The web application puts what the pattern found in the claim in the place of `$1`.
        s3Uri: homeUri(access, "$1"),
        title: { en: "My files", fr: "Mes fichiers" },
        claimName: access.claims.username,
        includedClaimPattern: "^(.+)$",
      },
    ],
  };
}
