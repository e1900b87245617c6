import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { namespaces } from "../names.ts";
import { trustFile, trustFileName } from "../workspaces/objects.ts";
import { certificatesSchemaName, certificatesSchemaPath, schemaKey } from "./api-pod.ts";
import { trustConfigName } from "./launcher.ts";
import { certificatesOverride } from "./schemas/certificates.ts";
import { configMap } from "./workload.ts";

/** ConfigMaps with the authorities that the API itself and the services it launches trust, by the end of their name. */
export function trustConfigMaps(caBundle: pulumi.Input<string>): Record<string, k8s.core.v1.ConfigMapArgs> {
  return {
    ca: caBundleConfigMap(namespaces.portal, caBundle),
    "schema-certificates": configMap(certificatesSchemaName, {
      [schemaKey(certificatesSchemaPath)]: certificatesOverride(caBundle),
    }),
    "workspace-trust": configMap(trustConfigName, { [trustFileName]: trustFile(caBundle) }),
  };
}
