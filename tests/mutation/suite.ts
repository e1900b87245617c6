/**
 * The few words of jest that unit tests use, for tests that stay loaded and run again and again: a mutant is switched
 * on in a process that has Pulumi's SDK in memory, instead of in a new one.
 */
type Body = () => unknown;
// A row of a table has the types that the test names.
type TableBody = (...row: never[]) => unknown;

interface Step {
  readonly body: Body;
  readonly limit: number;
}

interface Block {
  readonly title: string;
  readonly parent: Block | undefined;
  readonly before: Step[];
  readonly after: Step[];
  readonly beforeEach: Step[];
  readonly afterEach: Step[];
  /** Its own and those of the blocks inside it. */
  readonly tests: Test[];
}

/** A test and where it stands. */
export interface Test extends Step {
  /** File and titles; the same in every run. */
  readonly id: string;
  readonly block: Block;
  /** Counted from 0. */
  readonly position: { readonly line: number; readonly column: number };
}

/** Milliseconds; jest's. */
const defaultLimit = 5_000;

let file = "";
let open = newBlock("", undefined);
let found: Test[] = [];

function newBlock(title: string, parent: Block | undefined): Block {
  return { title, parent, before: [], after: [], beforeEach: [], afterEach: [], tests: [] };
}

/** Collects the tests that a file defines while `load` imports it. */
export async function testsOf(name: string, load: () => Promise<unknown>): Promise<readonly Test[]> {
  file = name;
  open = newBlock(name, undefined);
  found = [];
  await load();
  return found;
}

function block(title: string, body: Body): void {
  const outer = open;
  open = newBlock(`${outer.title} › ${title}`, outer);
  body();
  open = outer;
}

function test(title: string, body: Body, limit = defaultLimit): void {
  const base = `${open.title} › ${title}`;
  const twins = found.filter(({ id }) => id === base || id.startsWith(`${base} #`)).length;
  const one = {
    id: twins === 0 ? base : `${base} #${twins + 1}`,
    block: open,
    body,
    limit,
    position: callerIn(file),
  };
  found.push(one);
  for (const each of ancestry(open)) each.tests.push(one);
}

function each(define: (title: string, body: Body, limit?: number) => void) {
  return (table: readonly unknown[]) =>
    (title: string, body: TableBody, limit?: number): void => {
      for (const row of table) {
        const cells = (Array.isArray(row) ? row : [row]) as never[];
        define(title, () => body(...cells), limit);
      }
    };
}

function hook(list: (of: Block) => Step[]) {
  return (body: Body, limit = defaultLimit): void => {
    list(open).push({ body, limit });
  };
}

/** Where a test file calls, so that a later run knows a changed test from one that has moved. */
function callerIn(name: string): Test["position"] {
  const line = new Error().stack?.split("\n").find((one) => one.includes(name));
  const [, row = "1", column = "1"] = /:(\d+):(\d+)\)?$/.exec(line ?? "") ?? [];
  return { line: Number(row) - 1, column: Number(column) - 1 };
}

export const describe = Object.assign(block, { each: each(block), skip: () => undefined });
export const it = Object.assign(test, { each: each(test), skip: () => undefined });
export const beforeAll = hook((of) => of.before);
export const afterAll = hook((of) => of.after);
export const beforeEach = hook((of) => of.beforeEach);
export const afterEach = hook((of) => of.afterEach);
export { it as test };
export { expect } from "expect";

/** What is told about a run while it goes on. */
export interface Watcher {
  /** A test starts, or its preparation, which belongs to all tests of its block. */
  starts(ids: readonly string[]): void;
  /** @returns whether to go on */
  ends(test: Test, failure: string | undefined, milliseconds: number): boolean;
}

/** Runs tests in the order given, each block's preparation before its first and its end after its last. */
export async function runTests(tests: readonly Test[], watcher: Watcher): Promise<void> {
  const prepared = new Map<Block, string | undefined>();
  for (const one of tests) {
    const begin = performance.now();
    const failure = await runTest(one, prepared, watcher);
    if (!watcher.ends(one, failure, performance.now() - begin)) break;
  }
  for (const one of [...prepared.keys()].reverse()) await failureOf(one.after);
}

async function runTest(one: Test, prepared: Map<Block, string | undefined>, watcher: Watcher) {
  const blocks = ancestry(one.block);
  for (const each of blocks) {
    if (!prepared.has(each)) {
      watcher.starts(each.tests.map(({ id }) => id));
      prepared.set(each, await failureOf(each.before));
    }
    const failure = prepared.get(each);
    if (failure !== undefined) return failure;
  }
  watcher.starts([one.id]);
  const steps = [...blocks.flatMap((each) => each.beforeEach), one];
  const failure = await failureOf(steps);
  const afterwards = await failureOf(blocks.reverse().flatMap((each) => each.afterEach));
  return failure ?? afterwards;
}

function ancestry(of: Block): Block[] {
  return of.parent === undefined ? [of] : [...ancestry(of.parent), of];
}

async function failureOf(steps: readonly Step[]): Promise<string | undefined> {
  try {
    for (const step of steps) await timed(step);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function timed({ body, limit }: Step): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not done after ${limit} ms`));
    }, limit);
  });
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}
