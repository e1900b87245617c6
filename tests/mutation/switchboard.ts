/** What mutated files look at to know which mutant is on, and where they note which test has reached them. */
import { type MutantCoverage } from "@stryker-mutator/api/core";

interface Board {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

/** StrykerJS writes this name into the files. */
export const board: Board = ((globalThis as { __stryker__?: Board }).__stryker__ ??= {});

/** Coverage of a block's preparation is kept under this name until it is given to the block's tests. */
const preparation = "preparation of a block";
let sharers: readonly string[] = [];

/** What is reached from now on is reached by these tests. */
export function noteFor(ids: readonly string[]): void {
  shareOut();
  sharers = ids.length > 1 ? ids : [];
  board.currentTestId = ids.length > 1 ? preparation : ids[0];
}

function shareOut(): void {
  const perTest = board.mutantCoverage?.perTest;
  const hits = perTest?.[preparation];
  if (perTest === undefined || hits === undefined) return;
  for (const id of sharers) {
    const own = (perTest[id] ??= {});
    for (const [mutant, count] of Object.entries(hits)) own[mutant] = (own[mutant] ?? 0) + count;
  }
  Reflect.deleteProperty(perTest, preparation);
}
