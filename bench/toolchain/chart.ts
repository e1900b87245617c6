import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { tarArchive } from "./tar.ts";

/**
 * Packages a chart's source directory as cert-manager's release does, under the given version. The same directory gives the same bytes on
 * every machine, so that the digest of the archive can be pinned: no times, no owners, and no compression, whose output differs between
 * libraries.
 */
export function packageChart(directory: string, version: string): Buffer {
  const templates = readdirSync(join(directory, "templates"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
  const chart = text("Chart.yaml")
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: ${version}`);
  const name = /^name: (.+)$/m.exec(chart)?.[1] ?? "chart";
  const files: [path: string, content: string][] = [
    ["Chart.yaml", chart],
    ["README.md", text("README.template.md").replaceAll("{{RELEASE_VERSION}}", version)],
    ...["values.yaml", "values.schema.json", ...templates].map((path): [string, string] => [path, text(path)]),
  ];
  return gzipStored(tarArchive(files.map(([path, text]) => ({ path: `${name}/${path}`, content: Buffer.from(text) }))));

  function text(path: string): string {
    return readFileSync(join(directory, path), "utf8");
  }
}

/** A gzip stream of stored blocks. */
function gzipStored(data: Buffer): Buffer {
  const blockSize = 65_535;
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let start = 0; start < data.length; start += blockSize) {
    const block = data.subarray(start, start + blockSize);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + blockSize >= data.length ? 1 : 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data));
  trailer.writeUInt32LE(data.length, 4);
  return Buffer.concat([...parts, trailer]);
}
