/**
 * Schemas that replace parts of the charts' own, so that the launch form offers what fits this platform and the API
 * refuses the rest. A file replaces the whole property that names it in `x-onyxia.overwriteSchemaWith`, and the API
 * checks calls without the form too. Which names the default catalogue uses, and why some are left to upstream's files:
 * tests/unit/schema-coverage.test.ts.
 * @see https://github.com/InseeFrLab/onyxia-api/tree/v4.12.0/onyxia-api/src/main/resources/schemas
 */
import type { PackageIndex } from "../contracts.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { runtimeClass, securityContextConstraints, vault } from "./schemas/absent.ts";
import { certificates } from "./schemas/certificates.ts";
import { environmentVariables } from "./schemas/environment-variables.ts";
import { git } from "./schemas/git.ts";
import { ingress, networking, networkPolicy } from "./schemas/network.ts";
import { objectStoreKeys } from "./schemas/object-store.ts";
import { packageRepositories, proxy } from "./schemas/packages.ts";
import { persistence } from "./schemas/persistence.ts";
import { resources } from "./schemas/resources.ts";
import { role } from "./schemas/role.ts";
import type { JsonSchema } from "./schemas/schema.ts";
import { spark } from "./schemas/spark.ts";
import { startScript } from "./schemas/start-script.ts";
import type { WorkspaceServices } from "../workspaces/settings.ts";

/** What the overrides depend on; all of it is known in the first preview. */
export interface SchemaPlatform {
  readonly ingressNamespace: string;
  /** Whether the platform's certificates come from an authority of its own; that override is made apart. */
  readonly privateCa: boolean;
  /** Proxy for users' services. @default none */
  readonly proxy?: Proxy | undefined;
  /** The platform's own packages. @default none */
  readonly packageIndex?: PackageIndex | undefined;
}

/** Overrides by path below the schema folder. */
export function schemaOverrides(services: WorkspaceServices, platform: SchemaPlatform): Record<string, string> {
  const schemas: Record<string, JsonSchema> = {
    "ide/resources.json": resources(services, false),
    "ide/resources-gpu.json": resources(services, true),
    "ide/persistence.json": persistence(services),
    "ide/role.json": role(services.kubernetesRole, "view"),
    // Spark's driver makes its executors' pods.
    "role-spark.json": role(services.kubernetesRole, "edit"),
    "ide/extraenv.json": environmentVariables(platform.privateCa, platform.packageIndex),
    "spark.json": spark(),
    "network-policy.json": networkPolicy(services.networkIsolation, platform.ingressNamespace),
    "ide/networking.json": networking(),
    "ide/ingress.json": ingress(),
    "ide/s3.json": objectStoreKeys(),
    "ide/git.json": git(),
    "ide/init.json": startScript(),
    "repository.json": packageRepositories(),
    "proxy.json": proxy(platform.proxy),
    "ide/vault.json": vault(),
    "ide/openshiftSCC.json": securityContextConstraints(),
    "ide/runtimeClassName.json": runtimeClass(),
    ...(platform.privateCa ? {} : { "certificates.json": certificates("") }),
  };
  return Object.fromEntries(Object.entries(schemas).map(([path, schema]) => [path, JSON.stringify(schema)]));
}
