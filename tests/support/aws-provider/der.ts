/** As much of DER and X.509 as an authority for tests needs. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

const oids = {
  basicConstraints: "551d13",
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectAlternativeName: "551d11",
} as const;

/** A certificate and its key. */
export interface Identity {
  /** In DER. */
  readonly certificate: Buffer;
  readonly key: KeyObject;
  readonly commonName: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  /** The subject's public key as `SubjectPublicKeyInfo`, in DER. */
  readonly publicKey: Buffer;
  readonly authority?: boolean;
}

/** An authority that has signed itself. */
export function authority(commonName: string): Identity {
  const key = newKey();
  const request = { commonName, dnsNames: [], publicKey: publicKeyOf(key), authority: true };
  return { certificate: certify(request, { key, commonName }), key, commonName };
}

/** A server's certificate with its key. */
export function serverIdentity(host: string, issuer: Identity): Identity {
  const key = newKey();
  const request = { commonName: host, dnsNames: [host], publicKey: publicKeyOf(key) };
  return { certificate: certify(request, issuer), key, commonName: host };
}

/** A certificate that ends in ninety days. */
export function certify(request: CertificateRequest, issuer: Pick<Identity, "key" | "commonName">): Buffer {
  const { commonName, dnsNames, publicKey } = request;
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const serial = createHash("sha256").update(publicKey).update(String(Date.now())).digest().subarray(0, 16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const begin = Date.now() - 60_000;
  const content = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm,
    name(issuer.commonName),
    sequence(time(begin), time(begin + 90 * 86_400_000)),
    name(commonName),
    publicKey,
    tagged(
      0xa3,
      sequence(
        extension(oids.basicConstraints, sequence(...(request.authority ? [tagged(0x01, Buffer.from([0xff]))] : []))),
        ...(dnsNames.length === 0
          ? []
          : [
              extension(
                oids.subjectAlternativeName,
                sequence(...dnsNames.map((dns) => tagged(0x82, Buffer.from(dns)))),
              ),
            ]),
      ),
    ),
  );
  const signature = sign("sha256", content, issuer.key);
  return sequence(content, algorithm, tagged(0x03, Buffer.from([0]), signature));
}

/** The public key of a certificate request (PKCS #10). */
export function requestedKey(csr: Buffer): Buffer {
  const [information = csr] = elements(contentOf(csr));
  const [, , publicKey = csr] = elements(contentOf(information));
  return publicKey;
}

export function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function newKey(): KeyObject {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
}

function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key.export({ type: "pkcs8", format: "pem" })).export({ type: "spki", format: "der" });
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function name(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(oids.commonName), tagged(0x0c, Buffer.from(commonName)))));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return tagged(0x18, Buffer.from(digits));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(0x04, value));
}

/** Offset and length of the content of the element at the beginning. */
function extent(element: Buffer): { readonly start: number; readonly end: number } {
  const first = element[1] ?? 0;
  const bytes = first & 0x80 ? first & 0x7f : 0;
  const length = bytes === 0 ? first : element.readUIntBE(2, bytes);
  return { start: 2 + bytes, end: 2 + bytes + length };
}

function contentOf(element: Buffer): Buffer {
  const { start, end } = extent(element);
  return element.subarray(start, end);
}

function elements(content: Buffer): Buffer[] {
  if (content.length === 0) return [];
  const { end } = extent(content);
  return [content.subarray(0, end), ...elements(content.subarray(end))];
}
