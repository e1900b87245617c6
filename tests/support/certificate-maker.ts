/** Makes certificates, also such as an honest issuer would not: expired ones, ones for another name, ones of a stranger. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";

// Needed by the library below, and before it.
import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  Pkcs10CertificateRequest,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** Both in PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOrder {
  /** DNS names, of which the first is the common name too. */
  readonly names: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

const day = 86_400_000;
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A validity around today. */
export const validNow = { from: new Date(Date.now() - day), to: new Date(Date.now() + 60 * day) };

/**
 * An authority that has signed itself.
 *
 * @param strict Whether it says what its key is for and which one it is, as RFC 5280 wants it of authorities.
 */
export async function makeAuthority(commonName: string, strict = true): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = newKeys();
  const subject = commonNameOf(commonName);
  const said = [
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(new PublicKey(publicKey)),
  ];
  const extensions = [new BasicConstraintsExtension(true, undefined, true), ...(strict ? said : [])];
  const certificate = await sign({ subject, issuer: subject, publicKey, extensions, ...validNow }, privateKey);
  return { certificate, key: pemOf(privateKey) };
}

/** A server's certificate with a new key. */
export async function issue(authority: CertificateAndKey, order: CertificateOrder): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = newKeys();
  return { certificate: await issueFor(publicKey, authority, order), key: pemOf(privateKey) };
}

/** A server's certificate that nobody vouches for but itself, as the provider `tls` makes it. */
export async function selfSigned({ names, from, to }: CertificateOrder): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = newKeys();
  const subject = commonNameOf(names[0] ?? "");
  const extensions = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
  ];
  const certificate = await sign({ subject, issuer: subject, publicKey, extensions, from, to }, privateKey);
  return { certificate, key: pemOf(privateKey) };
}

/** A server's certificate for the key of a request, which is all that is taken from the request. */
export async function answerRequest(
  request: Buffer,
  authority: CertificateAndKey,
  order: CertificateOrder,
): Promise<string> {
  return issueFor(Buffer.from(new Pkcs10CertificateRequest(request).publicKey.rawData), authority, order);
}

async function issueFor(
  publicKey: Buffer,
  authority: CertificateAndKey,
  { names, from, to }: CertificateOrder,
): Promise<string> {
  const issuedBy = new X509Certificate(authority.certificate);
  const extensions = [
    new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
    await AuthorityKeyIdentifierExtension.create(issuedBy.publicKey),
  ];
  const issuer = issuedBy.subjectName;
  const subject = commonNameOf(names[0] ?? "");
  return sign({ subject, issuer, publicKey, extensions, from, to }, createPrivateKey(authority.key));
}

interface Content {
  readonly subject: Name;
  readonly issuer: Name;
  /** `SubjectPublicKeyInfo`, in DER. */
  readonly publicKey: Buffer;
  readonly extensions: Extension[];
  readonly from: Date;
  readonly to: Date;
}

async function sign({ from, to, ...content }: Content, key: KeyObject): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    ...content,
    notBefore: from,
    notAfter: to,
    signingKey: key.toCryptoKey(ecdsa, false, ["sign"]),
    signingAlgorithm: ecdsa,
  });
  return `${certificate.toString("pem")}\n`;
}

function commonNameOf(value: string): Name {
  return new Name([{ CN: [value] }]);
}

function newKeys(): { publicKey: Buffer; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: ecdsa.namedCurve });
  return { publicKey: publicKey.export({ type: "spki", format: "der" }), privateKey };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
