import type { Image } from "../versions.ts";

/** The same image, held to a digest if there is one. */
export function withDigest(image: Image, digest: Image["digest"]): Image {
  return digest === undefined ? image : { ...image, digest };
}

/**
 * The reference a pod names, by tag and digest.
 *
 * @param mirror Registry prefix of a mirror. The whole upstream name follows it (`mirror.example.org/docker.io/library/…`),
 *   because two upstream registries may hold the same repository name.
 */
export function imageReference(image: Image, mirror?: string): string {
  const prefix = mirror === undefined ? "" : `${mirror}/`;
  const digest = image.digest === undefined ? "" : `@${image.digest}`;
  return `${prefix}${image.repository}:${image.tag}${digest}`;
}
