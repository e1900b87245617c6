/**
 * Ends of names that no public DNS has, and that no public authority vouches for. `test` is none of them: whoever takes it has a
 * DNS and an authority for tests.
 * @see https://www.iana.org/assignments/special-use-domain-names/
 * @see https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en `internal`
 * @see https://www.rfc-editor.org/rfc/rfc6762#appendix-G
 */
const privateEnds = [
  ...["alt", "example", "home.arpa", "internal", "invalid", "local", "localhost", "onion"],
  ...["corp", "home", "intranet", "lan", "mail", "private"],
] as const;

/** Whether a name means something in a private network only. */
export function isPrivateName(name: string): boolean {
  const lower = name.toLowerCase();
  return privateEnds.some((end) => lower === end || lower.endsWith(`.${end}`));
}
