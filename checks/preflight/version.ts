import type { Obstacle } from "./problem.ts";

/** Answer of `/version`. */
export interface ServerVersion {
  readonly major: string;
  /** With a `+` behind it at some providers. */
  readonly minor: string;
  /** Like `v1.36.3+k3s1`. */
  readonly gitVersion: string;
}

/**
 * Minor versions of Kubernetes 1 that the platform is made for: on the oldest, which the newest emulates, the rules around
 * workspaces are tried as well (tests/engine/isolation.test.ts). @see docs/cluster.md
 */
export const minorVersions = { oldest: 33, newest: 36 } as const;

const range = `1.${minorVersions.oldest} to 1.${minorVersions.newest}`;

function minorOf({ major, minor }: ServerVersion): number {
  return major === "1" ? Number.parseInt(minor, 10) : Number.POSITIVE_INFINITY;
}

/** An older cluster lacks APIs that the walls around workspaces are made of. */
export function versionObstacles(version: ServerVersion): Obstacle[] {
  if (minorOf(version) >= minorVersions.oldest) return [];
  return [
    {
      message: `The cluster is Kubernetes ${version.gitVersion}. The platform is made for ${range}.`,
      cures: [
        `Upgrade the cluster to 1.${minorVersions.oldest} or later, or choose another one by \`datalab:cluster.context\`.`,
      ],
    },
  ];
}

/** A newer one may do. */
export function versionNotes(version: ServerVersion): string[] {
  if (minorOf(version) <= minorVersions.newest) return [];
  return [`The cluster is Kubernetes ${version.gitVersion}. The platform was made for ${range}.`];
}
