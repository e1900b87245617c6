/** A digest for machines: the same for the same change, byte for byte. */
import type { Digest } from "../digest.ts";

export function json({ picture, changes, ...digest }: Digest): string {
  // The inputs are long, and differ by what `fields` tells.
  const told = changes.map(({ urn, fate, type, label, part, fields, replacing, protected: isProtected }) => {
    return { urn, fate, type, label, part, protected: isProtected, replacing, fields };
  });
  return `${JSON.stringify({ ...digest, parts: digest.parts, arrows: picture.arrows, changes: told }, undefined, 2)}\n`;
}
