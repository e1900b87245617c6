import { controlPlaneStatus, stopControlPlane } from "../control-plane/control-plane.ts";
import { nodeStatus, stopNode } from "../node/node.ts";
import type { Places } from "./places.ts";

/** What the demo's pods are: simulated, or processes of a real node. */
export type Kind = "simulated" | "real";

/** Where one kind is, and how it is looked at and ended. */
export interface Cluster {
  readonly kind: Kind;
  /** In messages. */
  readonly name: string;
  readonly command: string;
  status(): Promise<{
    readonly state: "absent" | "starting" | "running" | "broken";
    readonly server?: string | undefined;
    readonly error?: string | undefined;
  }>;
  /** False where there was none. */
  stop(): Promise<boolean>;
}

/** Both kinds, of which one at most is there. */
export function clusters(places: Places): Readonly<Record<Kind, Cluster>> {
  return {
    simulated: {
      kind: "simulated",
      name: "control plane",
      command: "npm run demo",
      status: () => controlPlaneStatus(places.controlPlane),
      stop: () => stopControlPlane(places.controlPlane),
    },
    real: {
      kind: "real",
      name: "real node",
      command: "npm run demo -- --real",
      status: () => nodeStatus(places.node),
      stop: () => stopNode(places.node),
    },
  };
}

/** The demo is there already, of the other kind. */
export class OtherKindError extends Error {
  override readonly name = "OtherKindError";
}

/** @throws OtherKindError when the demo's other kind is there: they share the state of the stack */
export async function assertOtherIsAbsent(places: Places, kind: Kind): Promise<void> {
  const other = clusters(places)[kind === "real" ? "simulated" : "real"];
  if ((await other.status()).state === "absent") return;
  throw new OtherKindError(
    `The demo is there already, with a ${other.name}. To continue it: ${other.command}\nTo end it first: npm run demo -- --stop`,
  );
}
