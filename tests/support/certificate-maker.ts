/** Makes certificates that an honest issuer would not: expired ones, ones for another name, ones of a stranger. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto";

export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOrder {
  readonly names: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

const day = 86_400_000;

/** A validity around today. */
export const validNow = { from: new Date(Date.now() - day), to: new Date(Date.now() + 60 * day) };

/** A server's certificate, signed by an authority. */
export function issue(authority: CertificateAndKey, { names, from, to }: CertificateOrder): CertificateAndKey {
  const { subject } = partsOf(new X509Certificate(authority.certificate).raw);
  const extension = sequence(oid(0x55, 0x1d, 0x11), octets(sequence(...names.map(dnsName))));
  const validity = { from, to };
  return make({ issuer: subject, subject: name(names[0] ?? ""), validity, extension }, createPrivateKey(authority.key));
}

/** An authority of nobody's. */
export function strangeAuthority(): CertificateAndKey {
  const subject = name("Somebody else");
  const isAuthority = sequence(oid(0x55, 0x1d, 0x13), bytes(0x01, [0xff]), octets(sequence(bytes(0x01, [0xff]))));
  return make({ issuer: subject, subject, validity: validNow, extension: isAuthority });
}

interface Content {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: { readonly from: Date; readonly to: Date };
  readonly extension: Buffer;
}

/** Signed by its own key if by no other. */
function make({ issuer, subject, validity, extension }: Content, signer?: KeyObject): CertificateAndKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const content = sequence(
    tagged(0xa0, bytes(0x02, [2])),
    bytes(0x02, [0x01, ...randomBytes(15)]),
    algorithm,
    issuer,
    sequence(time(validity.from), time(validity.to)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(extension)),
  );
  const signature = sign("sha256", content, signer ?? privateKey);
  const certificate = sequence(content, algorithm, tagged(0x03, Buffer.from([0]), signature));
  // Never a blank line at the end: OpenSSL refuses the whole certificate for it.
  const lines = certificate.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** The subject of a certificate, byte by byte. */
function partsOf(certificate: Buffer): { subject: Buffer } {
  const [content] = children(certificate);
  const [, , , , , subject] = children(content ?? Buffer.alloc(0));
  if (subject === undefined) throw new Error("not a certificate");
  return { subject };
}

function children(element: Buffer): Buffer[] {
  const { start, end } = extent(element, 0);
  const found: Buffer[] = [];
  for (let at = start; at < end;) {
    const next = extent(element, at).end;
    found.push(element.subarray(at, next));
    at = next;
  }
  return found;
}

/** Where the content of the element at a place begins and ends. */
function extent(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  const start = at + 2 + count;
  return { start, end: start + der.readUIntBE(at + 2, count) };
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function bytes(tag: number, content: readonly number[]): Buffer {
  return tagged(tag, Buffer.from(content));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function oid(...content: readonly number[]): Buffer {
  return bytes(0x06, content);
}

function name(common: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), tagged(0x0c, Buffer.from(common)))));
}

function dnsName(host: string): Buffer {
  return tagged(0x82, Buffer.from(host));
}

function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d{3}/g, "")));
}
