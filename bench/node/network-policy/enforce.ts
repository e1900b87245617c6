/** Enforces NetworkPolicies on the node, in the place of the agent that a cluster's network brings. */
import type { ApiClient } from "../../control-plane/api-client.ts";
import type { ClusterState } from "./objects.ts";
import { rulesetOf } from "./ruleset.ts";

/** Loads rules into the kernel of the node's network, as `nft --file -` does. */
export type LoadRules = (ruleset: string) => Promise<unknown>;

/**
 * Follows pods, namespaces and policies until the signal is given, and keeps the node's rules in step.
 *
 * A pod is open for the moment between its address and the rules, which is told here because it can be longer than in a
 * cluster whose network plug-in does both.
 */
export async function enforceNetworkPolicies(api: ApiClient, load: LoadRules, signal: AbortSignal): Promise<void> {
  const state: ClusterState = { pods: [], namespaces: [], policies: [] };
  const enforcer = new Enforcer(load, () => rulesetOf(state));
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
  await Promise.all([
    follow("pods", "/api/v1/pods"),
    follow("namespaces", "/api/v1/namespaces"),
    follow("policies", "/apis/networking.k8s.io/v1/networkpolicies"),
  ]);
}

/** Loads one ruleset at a time, and skips those that the next one would replace anyway. */
class Enforcer {
  readonly #load: LoadRules;
  readonly #ruleset: () => string;
  #loaded = "";
  #stale = false;
  #running = false;

  constructor(load: LoadRules, ruleset: () => string) {
    this.#load = load;
    this.#ruleset = ruleset;
  }

  changed(): void {
    this.#stale = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#stale) {
      this.#stale = false;
      const ruleset = this.#ruleset();
      if (ruleset === this.#loaded) continue;
      try {
        await this.#load(ruleset);
        this.#loaded = ruleset;
      } catch (error) {
        console.error(`network policies: ${String(error)}`);
      }
    }
    this.#running = false;
  }
}
