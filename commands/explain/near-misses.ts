/** Words that were probably meant. */
import { distance } from "fastest-levenshtein";

/** At most three, the nearest first. */
export function nearMisses(word: string, known: readonly string[]): string[] {
  const asked = word.toLowerCase();
  const different = new Map(known.map((one) => [one.toLowerCase(), one]));
  const ranked = [...different.values()]
    .map((one) => ({ one, away: awayFrom(asked, one.toLowerCase()) }))
    .filter(({ away }) => away <= Math.max(2, asked.length / 3))
    .toSorted((a, b) => a.away - b.away || a.one.length - b.one.length || (a.one < b.one ? -1 : 1));
  return ranked.slice(0, 3).map(({ one }) => one);
}

/** A part of a longer name is near to it. */
function awayFrom(asked: string, known: string): number {
  const away = distance(asked, known);
  return asked.length >= 3 && known.includes(asked) ? Math.min(away, 1) : away;
}
