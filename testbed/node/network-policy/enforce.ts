/** Enforces NetworkPolicies on the node, in the place of the agent that a cluster's network brings. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../../control-plane/api-client.ts";
import type { ClusterState } from "./objects.ts";
import { rulesetOf } from "./ruleset.ts";

/** Loads rules into the kernel of the node's network, as `nft --file -` does. */
export type LoadRules = (ruleset: string) => Promise<unknown>;

/** How often in a row the kernel may refuse rules. */
const patience = 5;

/**
 * Follows pods, namespaces and policies until the signal is given, and keeps the node's rules in step.
 *
 * A pod is open for the moment between its address and the rules, which is told here because it can be longer than in a
 * cluster whose network plug-in does both.
 *
 * @param pause milliseconds before rules that the kernel has refused are tried again
 * @throws Error when they are refused again and again: what is forbidden would be open
 */
export async function enforceNetworkPolicies(
  api: Pick<ApiClient, "follow">,
  load: LoadRules,
  signal: AbortSignal,
  pause = 1000,
): Promise<void> {
  const state: ClusterState = { pods: [], namespaces: [], policies: [] };
  const enforcer = new Enforcer(load, () => rulesetOf(state), pause);
  const follow = async (kind: keyof ClusterState, path: string) => {
    await api.follow(
      path,
      (items) => {
        Object.assign(state, { [kind]: items });
        enforcer.changed();
      },
      signal,
    );
  };
  const following = Promise.all([
    follow("pods", "/api/v1/pods"),
    follow("namespaces", "/api/v1/namespaces"),
    follow("policies", "/apis/networking.k8s.io/v1/networkpolicies"),
  ]);
  await Promise.race([following, enforcer.failed]);
}

/** Loads one ruleset at a time, and skips those that the next one would replace anyway. */
class Enforcer {
  readonly #load: LoadRules;
  readonly #ruleset: () => string;
  readonly #pause: number;
  readonly #failed = Promise.withResolvers<never>();
  #loaded = "";
  #stale = false;
  #running = false;

  constructor(load: LoadRules, ruleset: () => string, pause: number) {
    this.#load = load;
    this.#ruleset = ruleset;
    this.#pause = pause;
  }

  /** Fails when rules cannot be loaded. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  changed(): void {
    this.#stale = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let failures = 0; this.#stale && failures < patience;) {
      this.#stale = false;
      const ruleset = this.#ruleset();
      if (ruleset === this.#loaded) continue;
      try {
        await this.#load(ruleset);
        this.#loaded = ruleset;
        failures = 0;
      } catch (error) {
        console.error(`network policies: ${String(error)}`);
        this.#stale = true;
        failures += 1;
        if (failures === patience) this.#failed.reject(error);
        else await sleep(this.#pause);
      }
    }
    this.#running = false;
  }
}
