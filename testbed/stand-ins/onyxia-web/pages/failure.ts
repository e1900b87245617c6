/** A step that did not go well, with what a person has to know. */
export class Failure extends Error {
  /** Step that failed. */
  readonly step: string;
  /** HTTP status, 0 when there was no answer that the page may read. */
  readonly status: number;
  /** The other side's own word for it. @example "AccessDenied" */
  readonly code: string;

  constructor(step: string, status: number, code: string, message: string) {
    super(message);
    this.step = step;
    this.status = status;
    this.code = code;
  }
}

/** A request whose lack of an answer becomes a {@link Failure}: browsers do not tell a page why. */
export async function ask(step: string, url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const host = new URL(url).host;
    const reason = `${host} gave no answer that this page may read: unreachable, not trusted, or closed to this page (CORS).`;
    throw new Failure(step, 0, "NoAnswer", `${reason} ${String(error)}`);
  }
}
