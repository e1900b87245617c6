/** Which of the allowed words was probably meant. */
import { distance } from "fastest-levenshtein";

/** The candidate that differs from the text by no more than a third of its letters, or that it abbreviates. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const alike = candidates.filter((candidate) => isComparable(text, candidate));
  const short = alike.filter((candidate) => abbreviates(text, candidate) || abbreviates(candidate, text));
  if (short.length === 1) return short[0];
  const ranked = alike
    .map((candidate) => ({ candidate, away: distance(text.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.away - b.away);
  const best = ranked[0];
  return best !== undefined && best.away <= Math.max(2, text.length / 3) ? best.candidate : undefined;
}

/** `prod` means `production`, however many letters are missing. */
function abbreviates(text: string, candidate: string): boolean {
  return text.length >= 3 && candidate.toLowerCase().startsWith(text.toLowerCase());
}

/** Letters mislead where a word has parts with a meaning: a region lies in a jurisdiction, a version has an order. */
function isComparable(text: string, candidate: string): boolean {
  const [region, other] = [partitionOf(text), partitionOf(candidate)];
  if (region !== undefined || other !== undefined) return region === other;
  const [version, allowed] = [versionOf(text), versionOf(candidate)];
  return version === undefined || allowed === undefined || allowed >= version;
}

/** The continent, or the partition of AWS, that a region belongs to: `eu`, `us-gov`, `cn`. */
function partitionOf(region: string): string | undefined {
  return /^([a-z]{2}(-(?:gov|iso[a-z]?))?)-[a-z]+-?\d+[a-z]?$/.exec(region.toLowerCase())?.[1];
}

/** Versions of the same length, in an order that numbers compare. */
function versionOf(text: string): number | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(text) ?? [];
  return major === undefined ? undefined : Number(major) * 1000 + Number(minor);
}
