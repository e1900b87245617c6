/**
 * Says during `pulumi up` why a part is not ready yet. The provider waits and then only says that it has waited: "timed
 * out waiting for the condition".
 */
import { type Kubectl, KubectlError } from "../kubectl/kubectl.ts";
import type { Pod } from "../kubectl/pods.ts";
import type { StorageClass } from "../preflight/capabilities.ts";
import {
  type Certificate,
  type CertificateRequest,
  type Challenge,
  type ClusterIssuer,
  type Issuing,
  issuingKinds,
  type Order,
} from "./certificates.ts";
import { type BalancedService, waitsForAddress } from "./load-balancer.ts";
import type { Reason, Warning } from "./reason.ts";
import { type Claim, reasons, type Snapshot } from "./reasons.ts";

export interface WatchOptions {
  readonly kubectl: Pick<Kubectl, "all" | "get" | "close">;
  /** The platform's namespaces. */
  readonly namespaces: readonly string[];
  /** How long a part may take, in seconds. */
  readonly readyTimeout: number;
  /** Tells people. */
  readonly say: (sentence: string) => Promise<void>;
}

/** Looks at the cluster. What it has said once it does not say again. */
export class ReadinessWatch {
  readonly #options: WatchOptions;
  readonly #since: Date;
  /** When each trouble was seen first. */
  #seen = new Map<string, number>();
  readonly #said = new Set<string>();

  constructor(options: WatchOptions, since: Date) {
    this.#options = options;
    this.#since = since;
  }

  /** One look. */
  async look(now: Date): Promise<void> {
    const found = reasons(await this.#snapshot(), this.#since, now);
    this.#seen = new Map(found.map(({ key }) => [key, this.#seen.get(key) ?? now.getTime()]));
    for (const reason of found) {
      if (this.#said.has(reason.key) || !this.#lasts(reason, now)) continue;
      this.#said.add(reason.key);
      await this.#options.say(reason.sentence);
    }
  }

  /** Much passes on its own: a claim waits for its pod, and a Secret that comes a second later. */
  #lasts({ key, starting }: Reason, now: Date): boolean {
    const since = this.#seen.get(key) ?? now.getTime();
    const half = this.#options.readyTimeout / 2;
    return (now.getTime() - since) / 1000 >= (starting ? half : Math.min(half, patience));
  }

  async #snapshot(): Promise<Snapshot> {
    const { kubectl, namespaces } = this.#options;
    const own = ({ namespace = "" }: { readonly namespace?: string }) => namespaces.includes(namespace);
    // Few processes, and not one for each kind.
    const [objects, refused, issuing] = await Promise.all([
      kubectl.all<Found>(["pods", "persistentvolumeclaims", "storageclasses", "services"]),
      this.#warnings("reason=FailedCreate"),
      this.#issuing(),
    ]);
    const services = objects
      .filter((object) => object.kind === "Service")
      .filter((service) => own(service.metadata) && waitsForAddress(service));
    const ofServices = services.length === 0 ? [] : await this.#warnings("involvedObject.kind=Service");
    const warnings = [...refused, ...ofServices];
    return {
      services,
      issuing,
      pods: objects.filter((object) => object.kind === "Pod").filter(({ metadata }) => own(metadata)),
      claims: objects
        .filter((object) => object.kind === "PersistentVolumeClaim")
        .filter(({ metadata }) => own(metadata)),
      storageClasses: objects.filter((object) => object.kind === "StorageClass"),
      warnings: warnings.filter(({ involvedObject }) => own(involvedObject)),
    };
  }

  async #warnings(which: string): Promise<readonly Warning[]> {
    const selector = encodeURIComponent(`type=Warning,${which}`);
    const { items } = await this.#options.kubectl.get<{ readonly items: readonly Warning[] }>(
      `/api/v1/events?fieldSelector=${selector}`,
    );
    return items;
  }

  /** Nothing without cert-manager, whose kinds come with it, and nothing where these may not be read. */
  async #issuing(): Promise<Issuing> {
    const { kubectl, namespaces } = this.#options;
    const found = await kubectl.all<FoundOfCertManager>(issuingKinds).catch((error: unknown) => {
      if (error instanceof KubectlError) return [];
      throw error;
    });
    const objects = found.filter(
      ({ metadata: { namespace } }) => namespace === undefined || namespaces.includes(namespace),
    );
    return {
      certificates: objects.filter((object) => object.kind === "Certificate"),
      requests: objects.filter((object) => object.kind === "CertificateRequest"),
      orders: objects.filter((object) => object.kind === "Order"),
      challenges: objects.filter((object) => object.kind === "Challenge"),
      issuers: objects.filter((object) => object.kind === "ClusterIssuer"),
    };
  }
}

/** An object of a mixed list. */
type Found =
  | (Pod & { readonly kind: "Pod" })
  | (Claim & { readonly kind: "PersistentVolumeClaim" })
  | (BalancedService & { readonly kind: "Service" })
  | (StorageClass & { readonly kind: "StorageClass" });

type FoundOfCertManager =
  | (Certificate & { readonly kind: "Certificate" })
  | (CertificateRequest & { readonly kind: "CertificateRequest" })
  | (Order & { readonly kind: "Order" })
  | (Challenge & { readonly kind: "Challenge" })
  | (ClusterIssuer & { readonly kind: "ClusterIssuer" });

/** Seconds that a trouble must last. */
const patience = 20;

/** Seconds between two looks: the longer it takes, the rarer. */
const pause = { first: 10, longest: 30, growth: 1.25 };

/** Looks again and again, as long as the program has something to wait for. */
export function watchReadiness(options: WatchOptions): void {
  const watch = new ReadinessWatch(options, new Date());
  let seconds = Math.min(pause.first, options.readyTimeout / 6);
  const next = () => {
    // Not a reason for the program to stay.
    setTimeout(() => void look(), seconds * 1000).unref();
    seconds = Math.min(seconds * pause.growth, pause.longest);
  };
  const look = async () => {
    try {
      await watch.look(new Date());
    } catch (error) {
      // A cluster that does not answer is the provider's to report.
      if (!(error instanceof KubectlError) || error.kind === "missing" || error.kind === "refused") return;
    } finally {
      // A kubeconfig that is no file lies in one as long as it is needed.
      options.kubectl.close();
    }
    next();
  };
  next();
}
