/** The page that a digest is printed as: sections in the order in which a reviewer needs them. */
import type { Comparison, Digest } from "./digest.ts";
import { headlineOf } from "./headline.ts";
import { line, type Page, type Section } from "./page.ts";
import { capacitySection } from "./sections/capacity.ts";
import { dataSection } from "./sections/data.ts";
import { detailsSection } from "./sections/details.ts";
import { exposureSection } from "./sections/exposure.ts";
import { partsSection } from "./sections/parts.ts";
import { pictureSection } from "./sections/picture.ts";
import { priceSection } from "./sections/price.ts";
import { rightsSection } from "./sections/rights.ts";
import { secretsSection } from "./sections/secrets.ts";
import { unknownsSection } from "./sections/unknowns.ts";
import { versionsSection } from "./sections/versions.ts";

export function pageOf(digest: Digest, { difference }: Pick<Comparison, "difference">): Page {
  const { changes } = digest;
  const from = digest.against ?? "what is deployed";
  const page = { title: `Stack ${digest.stack}: what changes against ${from}`, headline: headlineOf(digest) };
  if (changes.length === 0) return { ...page, sections: [] };
  const sections = [
    dataSection(digest.data, changes, digest.moves),
    exposureSection(digest.exposure),
    rightsSection(digest.rights),
    partsSection(digest.parts, digest),
    secretsSection(digest.secrets),
    versionsSection(digest.versions),
    unknownsSection(digest.unknowns),
    capacitySection(difference),
    priceSection(difference),
  ];
  const told = sections.filter(({ blocks }) => blocks.length > 0);
  const quiet = sections.filter(({ blocks }) => blocks.length === 0);
  return {
    ...page,
    sections: [...told, ...quietSection(quiet), pictureSection(digest.picture), detailsSection(changes)],
  };
}

/** A reviewer must see that it was looked at, and need not read it. */
function quietSection(sections: readonly Section[]): Section[] {
  if (sections.length === 0) return [];
  const items = sections.map(({ title, nothing }) => line`${title}: ${nothing}`);
  return [{ id: "quiet", title: "Looked at, and found the same", blocks: [{ kind: "list", items }], nothing: [] }];
}
