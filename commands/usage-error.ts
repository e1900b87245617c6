/** What is wrong with a command line, or with the stack file that it names: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly problems: readonly string[];

  /** @param problems all of them at once; one alone may be a text */
  constructor(problems: string | readonly string[]) {
    const all = typeof problems === "string" ? [problems] : problems;
    super(all.length === 1 ? all[0] : all.map((problem) => `- ${problem}`).join("\n"));
    this.problems = all;
  }
}
