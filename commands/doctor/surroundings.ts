/** Where the doctor is called: what it reads from and writes to. */
import type { Readable, Writable } from "node:stream";

export interface Surroundings {
  /** Folder of the project, that of Pulumi.yaml. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
  readonly errors: Writable;
}
