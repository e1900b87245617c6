/** The reference of an image, `registry/repository:tag@sha256:…`, without its digest. */
export function taggedName(reference: string): string {
  return reference.split("@")[0] ?? reference;
}
