/** The first lines of a digest: what is new, replaced, lost, exposed, dearer. */
import type { Digest } from "./digest.ts";
import { code, counted, type Inline, line, listed, type Text } from "./page.ts";
import { settingLine } from "./sections/parts.ts";

/** One line for each thing that matters, the worst first. */
export function headlineOf(digest: Digest): Text[] {
  if (digest.changes.length === 0) return [["Nothing changes: both sides make the same platform."]];
  return [
    ...dataLine(digest),
    ...exposureLine(digest),
    ...rightsLine(digest),
    ...anewLine(digest),
    ...partsLine(digest),
    ...versionsLine(digest),
    ...roomLine(digest),
    ...priceLine(digest),
    reasonLine(digest),
  ];
}

function dataLine({ data }: Digest): Text[] {
  const held = data.filter(({ holds }) => holds !== undefined);
  if (data.length === 0) return [];
  if (held.length === 0)
    return [
      line`🟠 ${{ strong: "Protected things go:" }} ${counted(data.length, "resource")}, none of which holds data.`,
    ];
  const names = held.slice(0, 4).map(({ label, fate }) => line`${code(label)} is ${fate}`);
  return [line`🔴 ${{ strong: "Data at risk:" }} ${some(names, held.length)}.`];
}

function exposureLine({ exposure }: Digest): Text[] {
  const names = [...exposure.opened, ...exposure.policiesGone.map((name) => `${name} goes`)];
  if (names.length === 0) return [];
  return [line`🔴 ${{ strong: "Opens to the outside:" }} ${some(names.slice(0, 3).map(code), names.length)}.`];
}

function rightsLine({ rights: { wider } }: Digest): Text[] {
  const [first] = wider;
  if (first === undefined) return [];
  const others = wider.length > 1 ? `, and ${counted(wider.length - 1, "more such line")}` : "";
  return [line`🟠 ${{ strong: "More rights:" }} ${code(first)}${others}.`];
}

function anewLine({ changes, data }: Digest): Text[] {
  const anew = changes.filter(
    ({ fate, custom, type, urn }) =>
      custom && fate === "replaced" && !type.endsWith(":Job") && !data.some((one) => one.urn === urn),
  );
  if (anew.length === 0) return [];
  return [
    line`🟠 ${{ strong: "Made anew, without data:" }} ${some(
      anew.slice(0, 2).map(({ label }) => code(label)),
      anew.length,
    )}.`,
  ];
}

function partsLine({ parts }: Digest): Text[] {
  const fates = ["added", "removed", "replaced", "changed"] as const;
  const groups = fates.flatMap((fate) => {
    const own = parts.filter((part) => part.fate === fate);
    if (own.length === 0) return [];
    // A part that becomes another one has one name: its type tells which.
    const isTwice = (name: string) => parts.filter((part) => part.name === name).length > 1;
    const names = own.map(({ name, type }) => (isTwice(name) ? `${name} (${type})` : name));
    const list: Text = names.length > 5 ? [counted(names.length, "part")] : listed(names);
    return [line`${list} ${fate === "replaced" ? "replaced in part" : fate}`];
  });
  return groups.length === 0 ? [] : [line`🔵 ${{ strong: "Parts:" }} ${joined(groups)}.`];
}

function versionsLine({ versions }: Digest): Text[] {
  const { changes } = versions;
  if (changes.length === 0) return [];
  const names = changes.slice(0, 3).map(({ what, before, after }) => {
    const short = what.replace(/^image .*\//, "");
    if (before === undefined) return `${short} comes`;
    return after === undefined ? `${short} goes` : `${short} ${bare(before)} → ${bare(after)}`;
  });
  return [line`🔵 ${{ strong: "Versions:" }} ${some(names, changes.length)}.`];
}

function bare(version: string): string {
  return version.replaceAll(/ \([^)]*\)/g, "");
}

function roomLine({ capacity: { fit } }: Digest): Text[] {
  if (fit === undefined || fit.fitsWithoutOne) return [];
  return [
    line`🟠 ${{ strong: "Room:" }} ${fit.fits ? "the platform does not fit on its nodes with one of them lost" : "the platform does not fit on its nodes"}.`,
  ];
}

function priceLine({ price }: Digest): Text[] {
  if (price === undefined || price.dearerBy === 0) return [];
  const isDearer = price.dearerBy > 0;
  const amount = Math.abs(price.dearerBy).toFixed(2);
  return [
    line`${isDearer ? "🟠" : "🟢"} ${{ strong: isDearer ? "Dearer:" : "Cheaper:" }} ${amount} US dollars a month, as far as prices are known.`,
  ];
}

function reasonLine({ settings, program }: Digest): Text {
  const shown = settings.slice(0, 3).map(settingLine);
  const rest = settings.length > 3 ? [counted(settings.length - 3, "more setting")] : [];
  const files =
    program === undefined || program.length === 0 ? [] : [line`the program (${counted(program.length, "file")})`];
  const all = [...shown, ...rest, ...files];
  if (all.length === 0) return ["Because what is deployed is not what the program and the settings say."];
  return line`${{ strong: "Why:" }} ${joined(all)}.`;
}

/** Some names, and how many there are beside them. */
function some(names: readonly (Inline | Text)[], all: number): Text {
  return listed(all > names.length ? [...names, `${all - names.length} more`] : names);
}

/** Texts that have commas in them. */
function joined(texts: readonly (Inline | Text)[]): Text {
  return texts.flatMap((text, index): Inline[] => {
    const own: Text = Array.isArray(text) ? (text as Text) : [text as Inline];
    return index === 0 ? [...own] : ["; ", ...own];
  });
}
