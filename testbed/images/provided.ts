/** Images that come from outside, as OCI archives in a folder. They win over those made here. */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

import { run } from "../toolchain/run.ts";
import { type Descriptor, named, packLayout, writeLayout } from "./archive.ts";
import { ImageError } from "./errors.ts";
import type { Workshop } from "./layer.ts";
import { taggedName } from "./reference.ts";

/** An image from outside. */
export interface ProvidedImage {
  /** Its name with the tag. */
  readonly name: string;
  /** The archive as it was given. */
  readonly file: string;
  /** What its index lists under that name. */
  readonly image: Descriptor;
}

/** Variable that names the folder. */
export const providedVariable = "DATALAB_IMAGES";

/**
 * The archives (`.tar`) in the folder and those below it.
 *
 * @throws ImageError for one that is no OCI archive, is cut short, or has no name.
 */
export async function providedImages(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, ProvidedImage>> {
  const root = resolve(folder);
  if (!existsSync(root)) throw new ImageError(`${providedVariable} names ${root}, which does not exist.`);
  const found = new Map<string, ProvidedImage>();
  for (const path of (await readdir(root, { recursive: true })).filter((each) => each.endsWith(".tar")).sort()) {
    for (const image of await readArchive(join(root, path), path, signal)) {
      const other = found.get(image.name);
      if (other !== undefined) throw new ImageError(`${image.file} and ${other.file} both hold ${image.name}.`);
      found.set(image.name, image);
    }
  }
  return found;
}

async function readArchive(file: string, path: string, signal: AbortSignal): Promise<readonly ProvidedImage[]> {
  const fail = (reason: string): ImageError =>
    new ImageError(
      `${file} in the folder of ${providedVariable} cannot be used: ${reason}. It takes OCI archives, as ` +
        "`skopeo copy … oci-archive:` and `docker buildx build --output type=oci` write them.",
    );
  const tar = async (...args: readonly string[]): Promise<string> => {
    try {
      return await run("tar", args, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw fail(`tar cannot read it (${String(error).split("\n").slice(1).join(" ")})`);
    }
  };
  const members = (await tar("-tf", file)).split("\n");
  const index = members.find((member) => /^(\.\/)?index\.json$/.test(member));
  if (index === undefined) throw fail("it holds no index.json");
  const { manifests } = JSON.parse(await tar("-xOf", file, index)) as { readonly manifests?: readonly Descriptor[] };
  if (manifests === undefined || manifests.length === 0) throw fail("its index lists no image");
  const missing = manifests.find(
    ({ digest }) => !members.some((member) => member.endsWith(`blobs/${digest.replace(":", "/")}`)),
  );
  if (missing !== undefined) throw fail(`it lacks ${missing.digest}, which its index lists`);
  const fileName = taggedName(path.slice(0, -".tar".length));
  return manifests.map((image) => {
    const name = nameOf(image) ?? (manifests.length === 1 && fileName.includes(":") ? fileName : undefined);
    if (name === undefined) {
      throw fail(
        "nothing says which image it is: neither its index (annotation org.opencontainers.image.ref.name with registry, " +
          "repository and tag) nor its path (docker.io/library/postgres:18.6.tar)",
      );
    }
    return { name, file, image };
  });
}

/** Undefined where the annotations hold no full reference: many tools write the tag alone. */
function nameOf({ annotations = {} }: Descriptor): string | undefined {
  const candidates = [annotations["io.containerd.image.name"], annotations["org.opencontainers.image.ref.name"]];
  const full = candidates.find((each) => each !== undefined && /^[^/]+\/.+:[^/]+$/.test(taggedName(each)));
  return full === undefined ? undefined : taggedName(full);
}

/** The archive in the cache, with the names that pods use in its index. */
export async function providedArchive(
  { image, file }: ProvidedImage,
  reference: string,
  workshop: Workshop,
): Promise<string> {
  const { size, mtimeMs } = statSync(file);
  const key = createHash("sha256")
    .update(JSON.stringify([file, size, mtimeMs, reference]))
    .digest("hex")
    .slice(0, 12);
  const archive = join(workshop.cache, "archives", `provided-${key}.tar`);
  if (existsSync(archive)) return archive;
  const place = await mkdtemp(join(workshop.scratch, "provided-"));
  const layout = join(place, "layout");
  await mkdir(layout);
  await run("tar", ["-xf", file, "-C", layout], { signal: workshop.signal });
  await writeLayout(layout, named(image, reference));
  await packLayout(layout, archive, workshop);
  await rm(place, { recursive: true, force: true });
  return archive;
}
