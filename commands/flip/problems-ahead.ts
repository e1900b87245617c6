/** Finds in one attempt what the checks of a stack file would tell one after the other. */
import { yamlPath } from "../../stacks/settings/config-commands.ts";
import { ask, by, type Fix, isWithin, type Path } from "../../stacks/settings/cures.ts";
import type { Problem } from "../../stacks/settings/problems.ts";
import { valueAt } from "../../stacks/settings/schema-paths.ts";
import type { StackFile } from "../../stacks/settings/stack-file.ts";
import {
  awsWords,
  type Combination,
  refusalsOf,
  type Switch,
  switches,
  switchProblems,
} from "../../stacks/settings/switches.ts";
import { check, firstSetting, isRemoval, type Reader } from "./check.ts";
import type { EditableStackFile } from "./stack-file.ts";

/**
 * Everything at once. The checks of a stack file stop at what is missing or refused: what a missing object must hold,
 * and rules that read it, would only come to light one attempt after the other. So the cures are followed on a copy.
 */
export function problemsAhead(file: EditableStackFile, found: readonly Problem[], read: Reader): readonly Problem[] {
  if (found.length === 0) return found;
  let probe = file.copy();
  const words = problemsOfWords(read(file));
  const way = wayOut(read(file));
  for (const problem of way) follow(problem, probe);
  const there = way.length === 0 ? [] : withoutObsolete(probe, read);
  // The last word on a setting is that of the way out.
  const problems = new Map([...found, ...words, ...way, ...there].map((problem) => [keyOf(problem), problem]));
  const done = new Set([...words, ...way].filter((problem) => emptyOf(problem) === undefined).map(keyOf));
  const answered = new Set<Problem>();
  // A Map hands out what is added meanwhile too.
  for (const [key, problem] of problems) {
    if (done.has(key)) continue;
    if (isForAnotherWord(problem, probe, read)) answered.add(problem);
    for (const attempt of attemptsAt(problem)) {
      const tried = probe.copy();
      for (const path of attempt.inTheWay ?? []) tried.delete(path);
      tried.set(attempt.path, attempt.value);
      const all = withoutObsolete(tried, read);
      if (isWrong(attempt, all)) continue;
      probe = tried;
      const news = all.filter((one) => !problems.has(keyOf(one)));
      for (const one of news) problems.set(keyOf(one), one);
      const isInside = news.some(({ path }) => isWithin(path, problem.path));
      if (isInside && emptyOf(problem) !== undefined) answered.add(problem);
      if (isInside || attempt.isGuess) break;
    }
  }
  const all = [...problems.values()].filter((problem) => !answered.has(problem));
  return all.filter((problem) => !isSaidBetter(problem, all));
}

/** Whether a rule says of the same setting why it must not be missing. */
function isSaidBetter({ path, fault }: Problem, all: readonly Problem[]): boolean {
  if (fault.kind !== "missing" && !(fault.kind === "choice" && fault.isMissing)) return false;
  return all.some((other) => other.fault.kind === "rule" && yamlPath(other.path) === yamlPath(path));
}

/** Whether what has no value is no setting of the words that the cures lead to. */
function isForAnotherWord({ path }: Problem, probe: EditableStackFile, read: Reader): boolean {
  if (probe.has(path)) return false;
  const tried = probe.copy();
  tried.set(path, "x");
  return check(read(tried)).problems.some(
    (problem) => yamlPath(problem.path) === yamlPath(path) && problem.fault.kind === "unknown",
  );
}

function follow(problem: Problem, file: EditableStackFile): void {
  const fix = firstSetting(problem);
  if (fix?.do === "set") file.set(fix.path, fix.value);
}

/** Problems after what the cures make meaningless is gone. */
function withoutObsolete(probe: EditableStackFile, read: Reader): Problem[] {
  for (;;) {
    const problems = [...problemsOfWords(read(probe)), ...check(read(probe)).problems];
    const obsolete = problems.filter((problem) => isRemoval(problem) && problem.path.at(-1) !== anyName);
    if (!obsolete.some(({ path }) => probe.has(path))) return problems;
    for (const { path } of obsolete) probe.delete(path);
  }
}

interface Attempt {
  readonly path: Path;
  readonly value: unknown;
  /** Whether the value itself may be wrong: then the next one is tried. */
  readonly isGuess: boolean;
  /** What must go first, such as a text where an object is wanted. @default nothing */
  readonly inTheWay?: readonly Path[];
}

/** An empty one where a whole object or list is missing. */
function emptyOf({ fault }: Problem): object | undefined {
  if (fault.kind !== "missing") return undefined;
  return { object: {}, array: [] }[fault.wanted];
}

/** Texts of the kinds that settings ask for: a name, a mail address, an address. */
const guesses = ["x", "x@example.org", "https://example.org", "192.0.2.1"];

/** Whether the attempt itself is what is wrong now. */
function isWrong({ path, isGuess }: Attempt, problems: readonly Problem[]): boolean {
  return problems.some((problem) =>
    isGuess
      ? yamlPath(problem.path) === yamlPath(path)
      : isWithin(problem.path, path) && problem.fault.kind === "unknown",
  );
}

/** Stands for a name that is free to choose. */
const anyName = "name";

/** Values that get past a problem. The first that shows what is needed inside is enough. */
function attemptsAt(problem: Problem): Attempt[] {
  const { path, fault } = problem;
  const value = emptyOf(problem);
  if (value !== undefined) {
    const first = { path, value, isGuess: false };
    // A map whose keys are free shows what each entry must hold when there is one.
    return Array.isArray(value) ? [first] : [first, { path, value: { [anyName]: {} }, isGuess: false }];
  }
  if (fault.kind === "missing" && fault.wanted === "string")
    return guesses.map((value) => ({ path, value, isGuess: true }));
  const fix = firstSetting(problem);
  if (fix?.do !== "set" || hasManyChoices(problem)) return [];
  return [{ path: fix.path, value: fix.value, isGuess: false, inTheWay: removalsBefore(problem, fix) }];
}

function removalsBefore({ cures: [usual] }: Problem, setting: Fix): Path[] {
  const fixes = usual?.fixes ?? [];
  return fixes.slice(0, fixes.indexOf(setting)).flatMap((fix) => (fix.do === "remove" ? [fix.path] : []));
}

function keyOf({ path, fault }: Problem): string {
  return JSON.stringify([path, fault]);
}

/** Where there are more than a few words to choose from, the first is no good guess. */
export function hasManyChoices({ fault }: Problem): boolean {
  return fault.kind === "choice" && fault.choices.length > 4;
}

/** The fewest cures that lead to words which do not exclude each other: some lead to the next refusal. */
function wayOut(file: StackFile): readonly Problem[] {
  const words = wordsOf(file);
  const ways: { readonly words: Combination; readonly problems: readonly Problem[] }[] =
    words === undefined ? [] : [{ words, problems: [] }];
  // An array hands out what is added meanwhile too.
  for (const way of ways) {
    const refused = refusalsOf(way.words);
    if (refused.length === 0) return way.problems;
    const problems = switchProblems(way.words);
    refused.forEach(({ instead }, index) => {
      ways.push({
        words: { ...way.words, ...instead },
        problems: [...way.problems, ...problems.slice(index, index + 1)],
      });
    });
  }
  return [];
}

/** What the words alone ask for, even where the rest of the settings cannot be read yet. */
function problemsOfWords(file: StackFile): Problem[] {
  const words = wordsOf(file);
  if (words === undefined) return [];
  const onAws = awsWords(words).length > 0;
  const path = ["aws"];
  const aws: Problem = { path, fault: { kind: "missing", wanted: "object" }, cures: [by(ask(path, "object"))] };
  return [...(onAws && file.values["aws"] === undefined ? [aws] : []), ...switchProblems(words)];
}

/** The words of a file; undefined when one is missing or unknown. */
function wordsOf({ values }: Pick<StackFile, "values">): Combination | undefined {
  const words = (Object.keys(switches) as Switch[]).map((name) => {
    const [key, field] = switches[name].path;
    const component = values[key] ?? {};
    const isObject = typeof component === "object" && !Array.isArray(component);
    const word = isObject ? (valueAt(component, [field]) ?? (name === "dns" ? "none" : undefined)) : undefined;
    return [name, (switches[name].words as readonly unknown[]).includes(word) ? word : undefined] as const;
  });
  return words.some(([, word]) => word === undefined) ? undefined : (Object.fromEntries(words) as Combination);
}
