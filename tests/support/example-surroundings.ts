/** What the examples of the components take for granted: settings that were read, and components made before. */
import type * as pulumi from "@pulumi/pulumi";

import type { BasicJupyterSettings } from "../../components/basic-jupyter/settings.ts";
import type { ChartPackage } from "../../components/catalogue/package.ts";
import type { CatalogueSettings } from "../../components/catalogue/settings.ts";
import type { ChartRequest, RenderedChart } from "../../components/charts/chart-renderer.ts";
import type { EksSettings } from "../../components/cluster/eks-settings.ts";
import type {
  CertificateIssuer,
  ClusterAccess,
  LoadBalancedNodes,
  PublicHostAccess,
} from "../../components/contracts.ts";
import type { NewNetworkSettings } from "../../components/aws/network-settings.ts";
import type { PostgresDatabase } from "../../components/database/postgres-database.ts";
import type { Route53Records } from "../../components/dns/route53-records.ts";
import type { Keycloak } from "../../components/identity/keycloak.ts";
import type { KeycloakRealm } from "../../components/identity/keycloak-realm.ts";
import type { RealmDocument } from "../../components/identity/realm-document.ts";
import type { IngressController } from "../../components/ingress/ingress-controller.ts";
import type { ExistingIngressSettings, TraefikSettings } from "../../components/ingress/settings.ts";
import type { Network } from "../../components/network/network.ts";
import type { MinioTenant } from "../../components/object-store/minio-tenant.ts";
import type { MinioSettings, S3Settings } from "../../components/object-store/settings.ts";
import type { NotebooksSettings } from "../../components/notebooks/settings.ts";
import type { PypironSettings } from "../../components/packages/settings.ts";
import type { PortalSettings } from "../../components/portal/settings.ts";
import type { Plan } from "../../stacks/plan.ts";

declare global {
  const { access, hosts }: Plan;
  const basicJupyter: BasicJupyterSettings;
  const catalogue: CatalogueSettings;
  const document: RealmDocument;
  const eks: EksSettings;
  const existingIngress: ExistingIngressSettings;
  const minio: MinioSettings;
  const notebooks: NotebooksSettings;
  const newNetwork: NewNetworkSettings;
  const portal: PortalSettings;
  const pypiron: PypironSettings;
  const s3: S3Settings;
  const traefik: TraefikSettings;
  /** With the cluster's provider. */
  const inside: pulumi.ComponentResourceOptions;
  /** With a provider of AWS. */
  const onAws: pulumi.ComponentResourceOptions;
  const request: ChartRequest;
  const chart: RenderedChart;
  const cluster: ClusterAccess;
  const database: PostgresDatabase;
  const ingress: IngressController;
  const issuer: CertificateIssuer;
  const keycloak: Keycloak;
  const network: Network;
  const nodes: LoadBalancedNodes;
  const objectStore: MinioTenant;
  const packages: readonly ChartPackage[];
  const publicHosts: PublicHostAccess;
  const realm: KeycloakRealm;
  const records: Route53Records;
}
