/** Checks of certificates that a person gives. None of them looks at the clock: a preview must not depend on the day. */
import { createPrivateKey, X509Certificate } from "node:crypto";

/** Whether the text begins with a certificate that can be read. */
export function isCertificate(pem: string): boolean {
  return firstOf(pem) !== undefined;
}

/**
 * Whether every certificate in the text is one of a certificate authority, and there is at least one. The text goes to
 * everybody, so no private key may have slipped into it.
 */
export function isAuthority(pem: string): boolean {
  if (pem.includes("PRIVATE KEY")) return false;
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return all.length > 0 && all.every((certificate) => firstOf(certificate)?.ca === true);
}

/** Whether the private key belongs to the certificate. */
export function isPrivateKeyOf(privateKey: string, certificate: string): boolean {
  try {
    return firstOf(certificate)?.checkPrivateKey(createPrivateKey(privateKey)) === true;
  } catch {
    return false;
  }
}

/** The hosts for which the certificate does not hold. */
export function hostsNotCovered(certificate: string, hosts: readonly string[]): string[] {
  const first = firstOf(certificate);
  return hosts.filter((host) => first?.checkHost(host, { subject: "never" }) === undefined);
}

function firstOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
