/** A server's certificate and those above it. */
import type { DetailedPeerCertificate } from "node:tls";

/** The server's own comes first. */
export function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  const seen = new Set<string>();
  // The chain ends with a certificate that names itself, or with none.
  for (let at: DetailedPeerCertificate | undefined = leaf; at !== undefined; at = issuerIn(at, seen)) chain.push(at);
  return chain;
}

export function firstToEnd(chain: readonly DetailedPeerCertificate[]): { ends: Date; name: string } {
  const all = chain.map((one) => ({ ends: endOf(one), name: nameOf(one) }));
  return all.reduce((first, one) => (one.ends < first.ends ? one : first));
}

export function endOf(certificate: DetailedPeerCertificate): Date {
  return new Date(certificate.valid_to);
}

function issuerIn(certificate: DetailedPeerCertificate, seen: Set<string>): DetailedPeerCertificate | undefined {
  seen.add(certificate.fingerprint256);
  // Missing where the server sends no more, whatever the typings say.
  const issuer = certificate.issuerCertificate as DetailedPeerCertificate | undefined;
  return issuer === undefined || seen.has(issuer.fingerprint256) ? undefined : issuer;
}

export function nameOf(certificate: DetailedPeerCertificate): string {
  // Missing in certificates that have only alternative names.
  const common = certificate.subject as { CN?: string | string[] } | undefined;
  return String(common?.CN ?? certificate.subjectaltname?.replaceAll("DNS:", "") ?? certificate.serialNumber);
}
