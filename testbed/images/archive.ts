/** Writes images as OCI archives: a tar of an image layout. @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
import { createHash } from "node:crypto";
import { link, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { run } from "../toolchain/run.ts";
import { type LayerFile, reproducible, type Workshop } from "./layer.ts";
import { taggedName } from "./reference.ts";

/** How a container of the image is started, where the pod does not say otherwise. Keys as in the specification. */
export interface ImageConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
}

/** A reference to a blob. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Readonly<Record<string, string>>;
}

const types = {
  layer: "application/vnd.oci.image.layer.v1.tar",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};

const platform = { os: process.platform, architecture: process.arch === "x64" ? "amd64" : process.arch };

/** Writes the image into the archive `file`, which appears when it is complete. */
export async function writeArchive(
  image: { readonly reference: string; readonly config: ImageConfig; readonly layers: readonly LayerFile[] },
  file: string,
  workshop: Workshop,
): Promise<void> {
  const place = await mkdtemp(join(workshop.scratch, "archive-"));
  const layout = join(place, "layout");
  const blobs = join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
  // One layer may be in an image twice.
  const layers = new Map(image.layers.map((layer) => [layer.digest, layer]));
  for (const layer of layers.values()) await link(layer.file, join(blobs, hexOf(layer.digest)));

  const config = await writeBlob(blobs, types.config, {
    created: "1970-01-01T00:00:00Z",
    ...platform,
    config: image.config,
    rootfs: { type: "layers", diff_ids: image.layers.map(({ digest }) => digest) },
  });
  const manifest = await writeBlob(blobs, types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: image.layers.map(({ digest, size }) => ({ mediaType: types.layer, digest, size })),
  });
  await writeLayout(layout, named({ ...manifest, platform }, image.reference));
  await packLayout(layout, file, workshop);
  await rm(place, { recursive: true, force: true });
}

/** The image with its name for containerd, and the one that other programs look for. */
export function named(image: Descriptor, reference: string): Descriptor {
  const name = taggedName(reference);
  return {
    ...image,
    annotations: {
      ...image.annotations,
      "io.containerd.image.name": name,
      "org.opencontainers.image.ref.name": name,
    },
  };
}

/** Writes what makes a folder with blobs the layout of one image. */
export async function writeLayout(layout: string, image: Descriptor): Promise<void> {
  await writeFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(
    join(layout, "index.json"),
    JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: [image] }),
  );
}

/** Packs a layout; the archive appears when it is complete. */
export async function packLayout(layout: string, file: string, { signal }: Workshop): Promise<void> {
  const draft = `${layout}.tar`;
  // Other programs want to see first what kind of archive it is.
  const members = ["oci-layout", "index.json", "blobs"];
  await run("tar", [...reproducible, "--owner=0", "--group=0", "-C", layout, "-cf", draft, ...members], { signal });
  await mkdir(dirname(file), { recursive: true });
  await rename(draft, file);
}

async function writeBlob(blobs: string, mediaType: string, content: object): Promise<Descriptor> {
  const text = JSON.stringify(content);
  const hex = createHash("sha256").update(text).digest("hex");
  await writeFile(join(blobs, hex), text);
  return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
}

function hexOf(digest: string): string {
  return digest.slice("sha256:".length);
}

export type { Descriptor };
