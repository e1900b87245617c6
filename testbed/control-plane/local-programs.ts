import type { ApiAccess, ApiClient } from "./api-client.ts";
import { LocalProgram } from "./local-program.ts";
import type { ControlPlaneTools } from "./tools.ts";
import { certManagerWorkload, selects, type Deployment, type Pod, type Service } from "./workload.ts";

/** A pod without this annotation stays Pending although it is simulated; see stages.yaml. */
export const answersAnnotation = "bench.datalab/answers";

export interface LocalProgramsOptions {
  readonly tools: ControlPlaneTools;
  /** Added to the environment of each program. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs the real cert-manager for the Deployments of its chart, wherever they are installed: the API server itself
 * needs its webhook, and certificates need its controllers. Its pods become ready when the program beside them
 * answers.
 */
export class LocalPrograms {
  readonly #folder: string;
  readonly #options: LocalProgramsOptions;
  readonly #signal: AbortSignal;
  readonly #programs = new Map<string, LocalProgram>();
  readonly #marked = new Set<string>();
  #pods: readonly Pod[] = [];
  #deployments: readonly Deployment[] = [];
  #turn: Promise<void> = Promise.resolve();
  #api: ApiClient | undefined;

  constructor(folder: string, options: LocalProgramsOptions, signal: AbortSignal) {
    this.#folder = folder;
    this.#options = options;
    this.#signal = signal;
  }

  /** From now on, follows the Deployments and pods of the cluster. */
  start(api: ApiClient, access: ApiAccess): void {
    this.#api = api;
    void api.follow(
      "/apis/apps/v1/deployments",
      (items) => {
        this.#deployments = items as Deployment[];
        // One change after the other, each with what is true by then.
        this.#turn = this.#turn.then(() => this.#runWanted(api, access));
      },
      this.#signal,
    );
    void api.follow(
      "/api/v1/pods",
      (items) => {
        this.#pods = items as Pod[];
        this.#markPods();
      },
      this.#signal,
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.stop()));
    this.#programs.clear();
  }

  /** The loopback port of the program behind a Service. */
  async findPort(clusterIp: string, port: number): Promise<number | undefined> {
    const services = (await this.#api?.get("/api/v1/services")) as { items: Service[] } | undefined;
    const service = services?.items.find(({ spec }) => spec.clusterIP === clusterIp);
    const target = service?.spec.ports?.find((candidate) => candidate.port === port)?.targetPort;
    if (service === undefined || target !== "https") return undefined;
    for (const program of this.#programs.values()) {
      const { namespace, labels } = program.workload;
      if (namespace === service.metadata.namespace && selects(service.spec.selector, labels))
        return program.servingPort;
    }
    return undefined;
  }

  async #runWanted(api: ApiClient, access: ApiAccess): Promise<void> {
    const wanted = new Map(
      this.#deployments.flatMap((deployment) => {
        const workload = certManagerWorkload(deployment);
        return workload === undefined ? [] : [[JSON.stringify(workload), workload] as const];
      }),
    );
    for (const [key, program] of this.#programs) {
      if (wanted.has(key)) continue;
      this.#programs.delete(key);
      await program.stop();
    }
    for (const [key, workload] of wanted) {
      if (this.#programs.has(key) || this.#signal.aborted) continue;
      const onAnswering = () => {
        this.#markPods();
      };
      const { tools, environment } = this.#options;
      const around = { folder: this.#folder, executable: tools.certManager, environment, api, access, onAnswering };
      this.#programs.set(key, new LocalProgram(workload, around));
    }
  }

  #markPods(): void {
    for (const { metadata } of this.#pods) {
      if (metadata.annotations?.[answersAnnotation] !== undefined || this.#marked.has(metadata.uid)) continue;
      const program = [...this.#programs.values()].find(
        ({ workload }) => workload.namespace === metadata.namespace && selects(workload.labels, metadata.labels),
      );
      if (program?.answering !== true) continue;
      this.#marked.add(metadata.uid);
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      this.#api?.patch(path, { metadata: { annotations: { [answersAnnotation]: "true" } } }).catch((error: unknown) => {
        this.#marked.delete(metadata.uid);
        console.error(`pod ${metadata.name}: ${String(error)}`);
      });
    }
  }
}
