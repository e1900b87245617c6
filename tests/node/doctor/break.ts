/** What the doctor must find, and how hops are broken for it. */
import type { DoctorBench, ExamineOptions } from "../../support/doctor-bench.ts";

/** What a broken hop must lead to. */
export interface Named {
  /** Id of the first step that fails. */
  readonly step: string;
  readonly hop: string;
  readonly says: RegExp;
  readonly cause: RegExp;
}

/** Breaks a hop and returns what mends it. */
export type Break = (
  bench: DoctorBench,
) => Promise<{ readonly mend: () => unknown; readonly options?: ExamineOptions }>;

/** What is broken, by a name for people. */
export type Breaks = Readonly<Record<string, Named & { readonly breaks: Break }>>;

/** Options with which the doctor goes all the way. */
export const asAlice = ["--user", "alice", "--write"];

/** An address at which nobody listens. */
export const nobodyListens = "http://127.0.0.1:9";

export function otherRoute(host: string, target: (bench: DoctorBench) => Promise<string>): Break {
  return async (bench) => {
    const { routes } = bench.front.behaviour;
    const before = routes.get(host)!;
    routes.set(host, await target(bench));
    return {
      mend: () => {
        routes.set(host, before);
      },
    };
  };
}
