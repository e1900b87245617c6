/** `notebooks` beside what it stands on. */
import { notebooks as part } from "../../components/notebooks/part.ts";
import { bytesOf } from "../../components/scalars.ts";
import { by, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

/** A server of every profile, and a home, must find room in what all share. */
export function notebooksProblems({ notebooks }: Pick<ParsedSettings, "notebooks">): Problem[] {
  if (notebooks === undefined) return [];
  const { limits, profiles, homes } = notebooks;
  const tooMuch = Object.entries(profiles).filter(([, { memory }]) => bytesOf(memory.limit) > bytesOf(limits.memory));
  const problems = tooMuch.map(([name, { memory }]) => {
    const path = ["notebooks", "limits", "memory"];
    const reason = `is less than one server of the profile ${name} may have (${memory.limit}): none could start`;
    return broken(path, reason, by(set(path, memory.limit)));
  });
  if (bytesOf(homes.size) <= bytesOf(limits.storage)) return problems;
  const path = ["notebooks", "limits", "storage"];
  const reason = `is less than one home (${homes.size}): nobody could start a server`;
  return [...problems, broken(path, reason, by(set(path, homes.size)))];
}

/** Its host, for a certificate that must hold for it. */
export function notebooksHost(
  notebooks: ParsedSettings["notebooks"],
  { domain }: Pick<ParsedSettings["platform"], "domain">,
): { readonly notebooks?: string } {
  return notebooks === undefined ? {} : { notebooks: `${part.hosts.notebooks}.${domain}` };
}
