/** What must stand around users' namespaces, by the very code that puts it there. */
import type * as k8s from "@pulumi/kubernetes";

import { issuerPolicy, issuerPolicyName } from "../../components/certificates/issuer-policy.ts";
import { ownIssuerLimits } from "../../components/certificates/own-issuer.ts";
import { imageReference, withDigest } from "../../components/kubernetes/image.ts";
import { proxyOf } from "../../components/kubernetes/proxy.ts";
import { certificatesSchemaPath, schemaData, schemasName } from "../../components/portal/api-pod.ts";
import { schemaFolder } from "../../components/portal/environment.ts";
import {
  launcherConfig,
  launcherConfigName,
  workspaceIndex,
  workspacesConfigName,
} from "../../components/portal/launcher.ts";
import { portalClusterRole } from "../../components/portal/permissions.ts";
import { portalPolicy, portalPolicyName } from "../../components/portal/portal-policy.ts";
import { schemaOverrides } from "../../components/portal/schema-overrides.ts";
import { images } from "../../components/versions.ts";
import { opensApiServer, type WorkspaceObject, workspaceObjects } from "../../components/workspaces/objects.ts";
import { chartKindsRole, portalRole } from "../../components/workspaces/permissions.ts";
import { workspacePolicies } from "../../components/workspaces/policies.ts";
import type { Policy } from "../../components/workspaces/policy.ts";
import type { Plan } from "../../stacks/plan.ts";

export interface Walls {
  /** Admission policies by name; each is bound by a binding of the same name. */
  readonly policies: Readonly<Record<string, Policy>>;
  /** Roles of the portal's account and of launches. */
  readonly roles: readonly k8s.rbac.v1.ClusterRoleArgs[];
  /** ConfigMap with the launcher's programs. */
  readonly launcher: ExpectedConfigMap;
  /** ConfigMap with the schemas that take the place of the charts' own. */
  readonly schemas: ExpectedConfigMap;
  /** Files that the portal's API must find in their place. */
  readonly schemaFiles: readonly string[];
  /** ConfigMap with the workspaces' objects. */
  readonly templates: ExpectedConfigMap;
  /** Objects that a workspace gets; their texts are files of the templates, but that of the authorities. */
  readonly objects: readonly WorkspaceObject[];
  /** Whether their texts hold addresses of the API server. */
  readonly opensApiServer: boolean;
  /** Whether services are kept apart by NetworkPolicies. */
  readonly networkIsolation: boolean;
  /** Whether services need an authority that is not public. */
  readonly privateCa: boolean;
  /** Namespace of the ingress controller. */
  readonly ingressNamespace: string;
  /** Whether cert-manager is the platform's own. */
  readonly ownCertManager: boolean;
  /** Image of the portal's API, which a node of the platform has anyway. */
  readonly image: string;
}

export interface ExpectedConfigMap {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

export function wallsOf(plan: Plan): Walls {
  const { access, certificates, controller: ingress, hosts, packageIndex, platform, portal } = plan;
  const { services } = portal;
  const privateCa = platform.authorities !== undefined || trustsPrivateCa(certificates);
  const issuer = ownIssuerLimits(certificates, hosts, ingress.namespace);
  const proxy = proxyOf(platform);
  const { objects, files } = workspaceObjects({ ...portal, ingress, privateCa, proxy });
  const schemas = schemaOverrides(services, { ingressNamespace: ingress.namespace, privateCa, proxy, packageIndex });
  const schemaPaths = [...Object.keys(schemas), ...(privateCa ? [certificatesSchemaPath] : [])];
  return {
    policies: {
      [portalPolicyName]: portalPolicy(access, services.podSecurity),
      ...workspacePolicies({ access, servicesDomain: hosts.services, ingress, services }),
      ...(issuer === undefined ? {} : { [issuerPolicyName]: issuerPolicy(issuer) }),
    },
    roles: [portalClusterRole(), portalRole(), chartKindsRole(portal.chartKinds)],
    launcher: { name: launcherConfigName, data: launcherConfig(access, services) },
    schemas: { name: schemasName, data: schemaData(schemas) },
    schemaFiles: schemaPaths.map((path) => `${schemaFolder}/${path}`),
    templates: { name: workspacesConfigName, data: { ...files, index: workspaceIndex(objects) } },
    objects,
    opensApiServer: opensApiServer(services),
    networkIsolation: services.networkIsolation,
    privateCa,
    ingressNamespace: ingress.namespace,
    ownCertManager: "certManager" in certificates && certificates.certManager.install,
    image: imageReference(withDigest(images.onyxiaApi, portal.api.imageDigest), platform.imageMirror),
  };
}

/** As the program decides it: Let's Encrypt's staging has roots that nobody trusts. */
function trustsPrivateCa(certificates: Plan["certificates"]): boolean {
  switch (certificates.issuer) {
    case "privateCa":
      return true;
    case "letsencrypt":
      return certificates.environment === "staging";
    case "existing":
    case "provided":
      return certificates.caBundle !== undefined;
  }
}
