/** What ran first under the tag of an image: nothing else remembers it, and a tag can be moved. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

import { z } from "zod";

/** What was seen first. */
const firstSeen = z.strictObject({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** Day, in UTC. */
  seen: z.iso.date(),
});

/** By image, with its tag. */
const memory = z.record(z.string(), firstSeen);

export type FirstSeen = z.infer<typeof firstSeen>;

export class FirstImages {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Empty before anything was seen. @throws Error where the file cannot be read, or is not one of the doctor's */
  read(): Readonly<Record<string, FirstSeen>> {
    let text: string;
    try {
      text = readFileSync(this.file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
    return memory.parse(JSON.parse(text));
  }

  /** Adds to what is remembered; what is there stays. @throws Error where the file cannot be written */
  add(images: Readonly<Record<string, FirstSeen>>): void {
    const all = Object.entries({ ...images, ...this.read() }).toSorted(([a], [b]) => (a < b ? -1 : 1));
    // Whole or not at all: a broken one would be an alarm.
    const draft = `${this.file}.new`;
    writeFileSync(draft, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
    renameSync(draft, this.file);
  }
}

/** Where that is kept: beside the stack file, to be committed with it, so that everybody compares with the same. */
export function firstImagesFile(stackFile: string): string {
  return `${stackFile.replace(/\.ya?ml$/, "")}.images.json`;
}
