/** Runs of CronJobs come by the clock, also in the middle of a test: what they leave is no work of the program. */

interface Owned {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
}

/** Whether it is a run of a CronJob, or a pod of one: Kubernetes ends the names of such Jobs with the minute. */
export function isRun({ metadata: { ownerReferences = [] } }: Owned): boolean {
  return ownerReferences.some(({ kind, name }) => kind === "CronJob" || (kind === "Job" && /-\d{8}$/.test(name)));
}

/** The objects without such runs, and CronJobs without the notes of their last ones. */
export function withoutRuns<T extends object>(objects: readonly T[]): T[] {
  return objects
    .filter((object) => !isRun(object as unknown as Owned))
    .map((object) => {
      const { kind, metadata } = object as unknown as Owned;
      if (kind !== "CronJob") return object;
      return {
        ...object,
        status: undefined,
        metadata: { ...metadata, resourceVersion: undefined, managedFields: undefined },
      };
    });
}
