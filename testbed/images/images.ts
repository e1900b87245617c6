/** The container images of the platform, made on this machine from package registries alone. */
import process from "node:process";

import { imageReference } from "../../components/kubernetes/image.ts";
import { images } from "../../components/versions.ts";
import { findProgram } from "../toolchain/search-path.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { debianUnavailable } from "./debian.ts";
import type { Workshop } from "./layer.ts";
import { providedArchive, type ProvidedImage, providedImages, providedVariable } from "./provided.ts";
import { ensureArchive } from "./recipe.ts";
import { type ImageName, imageNames, recipes } from "./recipes.ts";
import { taggedName } from "./reference.ts";
import { inWorkshop, type WorkshopOptions } from "./workshop.ts";

export { ImageError } from "./errors.ts";
export { type ImageName, imageNames } from "./recipes.ts";

/** An image that a node can be given. */
export interface ImageArchive {
  /** As pods name it, with upstream's digest where `components/versions.ts` has one. */
  readonly reference: string;
  /**
   * OCI archive of this one image. Its index names it without the digest; the node must know it under the reference, for
   * the bytes made here have another digest than upstream's.
   */
  readonly archive: string;
}

export interface EnsureImagesOptions extends WorkshopOptions {
  /** Has the programs of cert-manager. */
  readonly toolchain: Pick<Toolchain, "path">;
  /** @default every image of the platform */
  readonly only?: readonly ImageName[];
  /** Folder with images from outside. @default the variable DATALAB_IMAGES */
  readonly provided?: string | undefined;
}

/** Why no images can be made on this machine; undefined when they can. */
export function imagesUnavailable(): string | undefined {
  if (process.platform !== "linux") return "images are made on Linux only";
  if (process.getuid?.() !== 0) return "images are made by root only: they hold files of several users";
  const missing = ["apt-get", "dpkg", "tar", "unshare", "perl", "mvn", "go", "python3"].filter(
    (program) => findProgram(program, process.env) === undefined,
  );
  if (missing.length > 0) return `images cannot be made without ${missing.join(", ")}`;
  return debianUnavailable();
}

/**
 * Makes sure that every image is in the user's cache, and returns them: first those of the platform, then others from
 * outside. What is cached and up to date costs nothing; an interrupted run goes on where it was.
 *
 * @throws ImageError when an image cannot be had; its message says how to cure that.
 */
export async function ensureImages(options: EnsureImagesOptions): Promise<readonly ImageArchive[]> {
  return inWorkshop(options, (workshop) => makeAll(options, workshop));
}

async function makeAll(options: EnsureImagesOptions, workshop: Workshop): Promise<readonly ImageArchive[]> {
  const folder = options.provided ?? process.env[providedVariable] ?? "";
  const provided = new Map<string, ProvidedImage>(folder === "" ? [] : await providedImages(folder, workshop.signal));
  const made: ImageArchive[] = [];
  for (const name of options.only ?? imageNames) {
    const reference = imageReference(images[name]);
    const given = provided.get(taggedName(reference));
    provided.delete(taggedName(reference));
    const archive =
      given === undefined
        ? await ensureArchive(reference, await recipes[name]({ toolchain: options.toolchain, workshop }), workshop)
        : await providedArchive(given, reference, workshop);
    made.push({ reference, archive });
  }
  for (const image of provided.values()) {
    made.push({ reference: image.name, archive: await providedArchive(image, image.name, workshop) });
  }
  return made;
}
