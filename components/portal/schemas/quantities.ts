/**
 * Bounds on quantities as patterns: quantities are texts, which JSON Schema cannot compare. They take what the form
 * writes, and what a person may write instead.
 */
import { gibibytesOf, millicoresOf } from "../../workspaces/settings.ts";

/** Whole numbers from 0 to `most`, without leading zeros, as a group of alternatives. */
function upTo(most: number): string {
  const digits = String(most);
  const shorter = digits.length > 1 ? [`[1-9][0-9]{0,${digits.length - 2}}`] : [];
  // The same beginning, then a smaller digit, then whatever follows.
  const smaller = Array.from(digits).flatMap((digit, at) => {
    const lowest = at === 0 && digits.length > 1 ? 1 : 0;
    const below = Number(digit) - 1;
    if (below < lowest) return [];
    const rest = digits.length - at - 1;
    return [`${digits.slice(0, at)}[${lowest}-${below}]${rest > 0 ? `[0-9]{${rest}}` : ""}`];
  });
  const zero = digits.length > 1 ? ["0"] : [];
  return `(${[...zero, ...shorter, ...smaller, digits].join("|")})`;
}

/** CPU up to `most`: thousandths as in `1500m`, or cores as in `1.5`. */
export function cpuUpTo(most: string): string {
  const millicores = millicoresOf(most);
  const cores = Math.floor(millicores / 1000);
  const below = cores > 0 ? [`${upTo(cores - 1)}(\\.[0-9]{1,3})?`] : [];
  // The last core: its thousandths are bounded, and written with three digits or none.
  const rest = String(millicores % 1000).padStart(3, "0");
  const last = rest === "000" ? `${cores}(\\.0{1,3})?` : `${cores}(\\.${upToFraction(rest)})?`;
  return `^(${upTo(millicores)}m|${[...below, last].join("|")})$`;
}

/** Up to three decimals that are not above the three given. */
function upToFraction(most: string): string {
  const smaller = Array.from(most).flatMap((digit, at) => {
    const below = Number(digit) - 1;
    return below < 0 ? [] : [`${most.slice(0, at)}[0-${below}][0-9]{0,${2 - at}}`];
  });
  const itself = [3, 2, 1].map((length) => most.slice(0, length));
  return `(${[...smaller, ...itself].join("|")})`;
}

/** Memory or storage up to `most`: whole `Gi` or `Mi`. Their decimal sisters `G` and `M` are smaller. */
export function bytesUpTo(most: string): string {
  const gibibytes = gibibytesOf(most);
  return `^(${upTo(gibibytes)}Gi?|${upTo(gibibytes * 1024)}Mi?)$`;
}
