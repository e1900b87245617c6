import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { tarArchive, tarBlockSize } from "../../components/catalogue/tar.ts";

/** Digest of the image's manifest or index: it names all of the image's bytes. */
export async function archiveDigest(archive: string): Promise<string> {
  const text = statSync(archive).isDirectory()
    ? readFileSync(join(archive, "index.json"), "utf8")
    : await readMember(archive, "index.json");
  const { manifests } = JSON.parse(text) as { readonly manifests: readonly { readonly digest: string }[] };
  // An archive may list its image once for each of its names.
  const [first, ...others] = new Set(manifests.map(({ digest }) => digest));
  if (first === undefined || others.length > 0) {
    throw new Error(`${archive} holds ${others.length === 0 ? "no image" : "several images"}; exactly one is needed`);
  }
  return first;
}

/** A file of a tar archive. Only headers are read on the way to it: layers are large. */
async function readMember(archive: string, name: string): Promise<string> {
  const file = await open(archive);
  try {
    const header = Buffer.alloc(tarBlockSize);
    for (let at = 0; (await file.read(header, 0, tarBlockSize, at)).bytesRead === tarBlockSize;) {
      const path = text(header, 0, 100).replace(/^\.\//, "");
      const size = Number.parseInt(text(header, 124, 12), 8) || 0;
      if (path === name) {
        const content = Buffer.alloc(size);
        await file.read(content, 0, size, at + tarBlockSize);
        return content.toString();
      }
      at += tarBlockSize + Math.ceil(size / tarBlockSize) * tarBlockSize;
    }
  } finally {
    await file.close();
  }
  throw new Error(`${archive} is not an OCI archive: it has no ${name}`);

  function text(from: Buffer, start: number, length: number): string {
    return from.toString("latin1", start, start + length).replace(/\0.*$/s, "");
  }
}

/** An OCI archive whose image holds one static program and runs it. */
export function programImage(program: string, args: readonly string[]): Buffer {
  const path = basename(program);
  const layer = tarArchive([{ path, mode: 0o755, content: readFileSync(program) }]);
  const config = json({
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Entrypoint: [`/${path}`, ...args] },
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  });
  const image = "application/vnd.oci.image";
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${image}.manifest.v1+json`,
    config: { mediaType: `${image}.config.v1+json`, digest: digest(config), size: config.length },
    layers: [{ mediaType: `${image}.layer.v1.tar`, digest: digest(layer), size: layer.length }],
  });
  const index = json({
    schemaVersion: 2,
    manifests: [{ mediaType: `${image}.manifest.v1+json`, digest: digest(manifest), size: manifest.length }],
  });
  return tarArchive([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", content: index },
    ...[config, manifest, layer].map((content) => ({ path: `blobs/${digest(content).replace(":", "/")}`, content })),
  ]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digest(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
