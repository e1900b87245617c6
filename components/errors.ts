import * as pulumi from "@pulumi/pulumi";

/** An error meant for the person who runs `pulumi up`: printed without a stack trace. */
export class PlatformError extends pulumi.RunError {
  /**
   * @param what What is wrong, with the name of the thing.
   * @param cure What to do about it.
   */
  constructor(what: string, cure: string) {
    super(`${what}\n  ${cure}`);
  }
}
