/** A failure that the user can cure: its message is printed without a stack trace. */
export class ToolchainError extends Error {
  override readonly name = "ToolchainError";
}

/** The installation was cut short from outside. What was finished stays in the cache. */
export class ToolchainInterrupted extends Error {
  override readonly name = "ToolchainInterrupted";
}

/** The code of a system error, such as "ENOENT". */
export function errorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
