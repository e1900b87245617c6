/**
 * What the providers would have in the state for a value that exists already. Neither provider can import these as they are:
 * a password gets other inputs than the program's and is replaced, and the provider for keys imports nothing.
 */
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";

import type { Inputs } from "../flip/engine-events.ts";

/** Marks a value that the CLI encrypts when it reads the state, with this text beside it. */
const secretMark = "4dabf18193072939515e22adb298388d";
const secretKind = "1b47061264138c4ac30d75fd1eb44270";

/** A value as a state in clear holds it. */
export function secret(value: string): object {
  return { [secretMark]: secretKind, plaintext: JSON.stringify(value) };
}

/** Identity and outputs of a resource. */
export interface Made {
  readonly id: string;
  readonly outputs: Inputs;
}

type Maker = (value: string, inputs: Inputs) => Made;

const makers: Readonly<Record<string, Maker>> = {
  "random:index/randomPassword:RandomPassword": (value, inputs) => ({
    id: "none",
    outputs: { ...inputs, id: "none", result: secret(value) },
  }),
  "tls:index/privateKey:PrivateKey": (pem, inputs) => {
    const publicKey = createPublicKey(pem);
    const id = createHash("sha1")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("hex");
    const publicKeyPem = publicKey.export({ type: "spki", format: "pem" });
    // The provider's default, whatever the algorithm.
    return { id, outputs: { rsaBits: 2048, ...inputs, id, privateKeyPem: secret(pem), publicKeyPem } };
  },
  "tls:index/selfSignedCert:SelfSignedCert": (certPem, inputs) => {
    const { serialNumber, validFromDate, validToDate, publicKey } = new X509Certificate(certPem);
    const id = BigInt(`0x${serialNumber}`).toString();
    const times = { validityStartTime: validFromDate.toISOString(), validityEndTime: validToDate.toISOString() };
    const keyAlgorithm = { ec: "ECDSA", rsa: "RSA", ed25519: "ED25519" }[String(publicKey.asymmetricKeyType)];
    const defaults = { earlyRenewalHours: 0, readyForRenewal: false, setAuthorityKeyId: false };
    return { id, outputs: { ...defaults, ...inputs, id, certPem, keyAlgorithm, ...times } };
  },
};

/** Whether a resource of this type can be made of its value. */
export function canBeMade(type: string): boolean {
  return Object.hasOwn(makers, type);
}

/**
 * @param value text of the Secret's entry
 * @param inputs those of the program, secrets marked
 */
export function madeOf(type: string, value: string, inputs: Inputs): Made {
  const maker = makers[type];
  if (maker === undefined) throw new Error(`no value makes a ${type}`);
  return maker(value, inputs);
}

/** Whether a Secret's certificate belongs to its key. */
export function belongTogether(certPem: string, privateKeyPem: string): boolean {
  return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(privateKeyPem));
}
