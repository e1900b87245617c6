import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipStored } from "../../components/catalogue/gzip.ts";
import { tarArchive } from "../../components/catalogue/tar.ts";

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
