/** What the API reads from a chart's archive: the schema that a launch is checked against, and the default values. */
import { gunzipSync } from "node:zlib";

export interface ChartFiles {
  /** Undefined without a `values.schema.json`: nothing is checked then. */
  readonly schema: unknown;
  readonly defaultValues: string | undefined;
}

const blockSize = 512;

/** @throws Error if the bytes are no chart's archive. */
export function chartFiles(name: string, archive: Buffer): ChartFiles {
  let schema: unknown;
  let defaultValues: string | undefined;
  for (const { path, content } of tarEntries(gunzipSync(archive))) {
    // The chart's own, not those of the charts inside it.
    if (path === `${name}/values.schema.json`) schema = JSON.parse(content.toString("utf8"));
    if (path === `${name}/values.yaml`) defaultValues = content.toString("utf8");
  }
  return { schema, defaultValues };
}

/** Entries with short names, which helm's own packages have. */
function* tarEntries(archive: Buffer): Generator<{ readonly path: string; readonly content: Buffer }> {
  for (let start = 0; start + blockSize <= archive.length;) {
    const text = (offset: number, length: number) =>
      archive
        .subarray(start + offset, start + offset + length)
        .toString("utf8")
        .replace(/\0.*$/s, "");
    const name = text(0, 100);
    if (name === "") return;
    const prefix = text(345, 155);
    const size = Number.parseInt(text(124, 12), 8);
    if (Number.isNaN(size)) throw new Error("it is not a tar archive");
    const begin = start + blockSize;
    yield { path: prefix === "" ? name : `${prefix}/${name}`, content: archive.subarray(begin, begin + size) };
    start = begin + Math.ceil(size / blockSize) * blockSize;
  }
}
