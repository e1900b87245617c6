/** What RFC 5280 wants of a chain and most programs do not look at. Python does from 3.13 on, also in notebooks. */
import type { DetailedPeerCertificate } from "node:tls";

/** Object identifiers of extensions, as they stand in a certificate. */
const extensions = {
  keyUsage: Buffer.from("0603551d0f", "hex"),
  subjectKeyIdentifier: Buffer.from("0603551d0e", "hex"),
  authorityKeyIdentifier: Buffer.from("0603551d23", "hex"),
};

/** A certificate that lacks something. */
export interface Lax {
  readonly certificate: DetailedPeerCertificate;
  /** The extension's name. */
  readonly lacks: string;
}

/**
 * The first certificate that such programs refuse; undefined if there is none.
 *
 * @param chain The server's own certificate, and those above it.
 * @see https://docs.python.org/3/whatsnew/3.13.html#ssl
 */
export function laxIn(chain: readonly DetailedPeerCertificate[]): Lax | undefined {
  for (const [index, certificate] of chain.entries()) {
    const has = (extension: Buffer) => certificate.raw.includes(extension);
    if (index > 0 && !has(extensions.keyUsage)) return { certificate, lacks: "Key Usage" };
    if (index > 0 && !has(extensions.subjectKeyIdentifier)) return { certificate, lacks: "Subject Key Identifier" };
    const isLast = index === chain.length - 1;
    if (!isLast && !has(extensions.authorityKeyIdentifier)) return { certificate, lacks: "Authority Key Identifier" };
  }
  return undefined;
}
