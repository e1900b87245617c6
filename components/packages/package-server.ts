import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { PublicHostAccess, ServicePlace } from "../contracts.ts";
import { caBundleConfigMap } from "../kubernetes/ca-bundle.ts";
import { disruptionBudget } from "../kubernetes/disruption-budget.ts";
import { guardedNamespace } from "../kubernetes/guarded-namespace.ts";
import type { ImageSource } from "../kubernetes/image-pull.ts";
import { labelsFor } from "../kubernetes/labels.ts";
import type { Proxy } from "../kubernetes/proxy.ts";
import { namespaces } from "../names.ts";
import {
  type Account,
  accountKeys,
  accountsOf,
  accountSecretName,
  bucketKeys,
  bucketSecretName,
  packagesName,
} from "./names.ts";
import { serverIngress, serverPolicy, serverService } from "./network.ts";
import { serverDeployment, trustsMore } from "./server.ts";
import type { PypironSettings } from "./settings.ts";
import { verificationCronJob, verificationPolicy } from "./verification.ts";

const namespace = namespaces.packages;

export interface PackageServerArgs extends ImageSource {
  /** @example "packages.example.org" */
  readonly host: string;
  /** IngressClass of the host. */
  readonly ingressClassName: string;
  readonly publicHosts: Pick<PublicHostAccess, "ingress">;
  /** Bucket that holds everything. It must be there: the servers end without it. */
  readonly place: ServicePlace;
  /** Authorities of a company, in PEM. @default none */
  readonly authorities?: string | undefined;
  /** Proxy on the way to the mirrored index and to AWS. @default none */
  readonly proxy?: Proxy | undefined;
  /** Key `datalab:packages` of the stack file. */
  readonly settings: PypironSettings;
}

/**
 * A private index of Python packages, whose only state is a bucket of the object store.
 *
 * @example
 * ```ts
 * const place = objectStore.places["datalab-packages"];
 * if (place === undefined) throw new Error("the object store has no bucket for packages");
 * const front = { host: "packages.example.org", ingressClassName: ingress.className, publicHosts };
 * new PackageServer("packages", { ...front, place, settings: pypiron }, inside);
 * ```
 */
export class PackageServer extends pulumi.ComponentResource {
  /** Secret with name and password of whoever may publish. */
  readonly publisherSecret = { namespace, name: accountSecretName("publisher") };

  constructor(name: string, args: PackageServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("datalab:packages:PackageServer", name, { host: args.host, settings: args.settings }, opts);
    const { authorities, host, place, settings } = args;
    const child = { parent: this };
    const metadata = { name: packagesName, namespace, labels: labelsFor(packagesName) };

    const { inside, ready } = guardedNamespace(name, { namespace, registryLogin: args.registryLogin }, this);
    const needs: pulumi.Resource[] = [
      ...ready,
      new k8s.networking.v1.NetworkPolicy(
        `${name}-network-policy`,
        serverPolicy(settings, place, args.publicHosts, args.proxy),
        inside,
      ),
      new k8s.core.v1.ServiceAccount(
        `${name}-service-account`,
        { metadata, automountServiceAccountToken: false },
        inside,
      ),
      ...accountsOf(settings).map((account) => createAccount(name, account, settings, { child, inside })),
    ];
    if (place.access.kind === "keys") {
      const { accessKey, secretKey } = place.access.credentials;
      const content = { [bucketKeys.account]: accessKey, [bucketKeys.secretKey]: secretKey };
      needs.push(new k8s.core.v1.Secret(`${name}-bucket-secret`, secretArgs(bucketSecretName, content), inside));
    }
    if (trustsMore(args) && authorities !== undefined) {
      needs.push(new k8s.core.v1.ConfigMap(`${name}-ca`, caBundleConfigMap(namespace, authorities), inside));
    }
    const servers = new k8s.apps.v1.Deployment(`${name}-deployment`, serverDeployment(args), {
      ...child,
      dependsOn: needs,
    });
    const reading = new k8s.networking.v1.NetworkPolicy(
      `${name}-verification-network-policy`,
      verificationPolicy(args),
      inside,
    );
    new k8s.batch.v1.CronJob(`${name}-verification`, verificationCronJob(args), {
      ...child,
      dependsOn: [...needs, reading],
    });
    if (settings.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        disruptionBudget(namespace, packagesName),
        inside,
      );
    }
    const service = new k8s.core.v1.Service(`${name}-service`, serverService(), inside);
    new k8s.networking.v1.Ingress(`${name}-ingress`, serverIngress(host, args.ingressClassName), {
      ...child,
      dependsOn: [servers, service],
    });
    this.registerOutputs({ host });
  }
}

/** An account with a password that another word in the settings makes anew. */
function createAccount(
  name: string,
  account: Account,
  { rotation }: Pick<PypironSettings, "rotation">,
  { child, inside }: { readonly child: pulumi.CustomResourceOptions; readonly inside: pulumi.CustomResourceOptions },
): k8s.core.v1.Secret {
  const password = new random.RandomPassword(
    `${name}-${account}-password`,
    // Letters and digits: people write it into addresses and configuration files.
    { length: 32, special: false, keepers: { rotation } },
    child,
  );
  const content = { [accountKeys.username]: account, [accountKeys.password]: password.result };
  return new k8s.core.v1.Secret(`${name}-${account}-secret`, secretArgs(accountSecretName(account), content), inside);
}

function secretArgs(name: string, stringData: Record<string, pulumi.Input<string>>): k8s.core.v1.SecretArgs {
  return { metadata: { name, namespace, labels: labelsFor(packagesName) }, stringData };
}
