import { PlatformError } from "../../components/errors.ts";

/** What stands in the way of an `up`. */
export interface Obstacle {
  /** A sentence. */
  readonly message: string;
  /** Ways out, each a command or a sentence. */
  readonly cures: readonly string[];
}

/** Everything that stands in the way, in one error. Nothing has been written. */
export class PreflightError extends PlatformError {
  readonly obstacles: readonly Obstacle[];

  constructor(stack: string, obstacles: readonly Obstacle[]) {
    super(`Stack ${stack} cannot be brought up as it is; nothing has been changed.`, textOfObstacles(obstacles));
    this.obstacles = obstacles;
  }
}

export function textOfObstacles(obstacles: readonly Obstacle[]): string {
  return obstacles
    .map(({ message, cures }, index) =>
      [`${index + 1}. ${message}`, ...cures.map((cure) => `     ${cure}`)].join("\n").replaceAll("\n", "\n  "),
    )
    .join("\n  ");
}
