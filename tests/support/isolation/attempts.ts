import type { Attempt } from "./attempt.ts";
import { hyphenatedAttempts, ingressAttempts } from "./ingresses.ts";
import { neighbourAttempts } from "./neighbours.ts";
import { podAttempts } from "./pods.ts";
import { portalAttempts } from "./portal-account.ts";
import { almightyAttempts, hyphenatedPortalAttempts } from "./portal-extremes.ts";
import { quantityAttempts } from "./quantities.ts";
import { rightsAttempts } from "./rights.ts";
import { serviceAttempts } from "./services.ts";
import { wallAttempts } from "./walls.ts";

/** A part of the table. */
export interface Group {
  readonly title: string;
  readonly attempts: readonly Attempt[];
}

/** What is tried with the default settings. */
export const groups: readonly Group[] = [
  { title: "Pods", attempts: podAttempts },
  { title: "Services", attempts: serviceAttempts },
  { title: "Ingresses", attempts: ingressAttempts },
  { title: "Neighbours, platform, cluster", attempts: neighbourAttempts },
  { title: "Rights within a workspace", attempts: rightsAttempts },
  { title: "The walls themselves, connections, certificates", attempts: wallAttempts },
  { title: "Quantities", attempts: quantityAttempts },
  { title: "The portal's account", attempts: portalAttempts },
];

/** What is tried when the portal's account holds every right. */
export const withEveryRight: Group = { title: "The portal's account with every right", attempts: almightyAttempts };

/** What is tried where names may hold hyphens. */
export const withHyphens: Group = {
  title: "Names with hyphens",
  attempts: [...hyphenatedAttempts, ...hyphenatedPortalAttempts],
};
