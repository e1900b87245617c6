import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate } from "node:tls";

import { describe, expect, it } from "@jest/globals";

import { laxIn } from "../../commands/doctor/steps/strict-chain.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import { authority, wildcard } from "../support/certificates.ts";

const server = { names: ["s3.example.test"], ...validNow };
const peer = (pem: string) => ({ raw: new X509Certificate(pem).raw }) as DetailedPeerCertificate;

describe("a chain", () => {
  it("is taken by everybody where its authority says what its key is for", async () => {
    const own = await makeAuthority("own");
    const leaf = await issue(own, server);
    expect(laxIn([leaf, own].map(({ certificate }) => peer(certificate)))).toBeUndefined();
  });

  it("is refused by some where it does not", async () => {
    const old = await makeAuthority("old", false);
    const leaf = await issue(old, server);
    const chain = [leaf, old].map(({ certificate }) => peer(certificate));
    expect(laxIn(chain)).toEqual({ certificate: chain[1], lacks: "Key Usage" });
    // One that has an identifier alone, and one that has a use alone.
    expect(laxIn([peer(wildcard), peer(authority)])).toMatchObject({ lacks: "Key Usage" });
    const withUse = { raw: Buffer.from("0603551d0f", "hex") } as DetailedPeerCertificate;
    expect(laxIn([peer(wildcard), withUse])).toMatchObject({ lacks: "Subject Key Identifier" });
  });

  it("is refused by some where nothing says which key has signed", async () => {
    const own = await makeAuthority("own");
    expect(laxIn([peer(own.certificate), peer(own.certificate)])).toMatchObject({ lacks: "Authority Key Identifier" });
  });

  it("of a server's certificate alone has nobody above it", async () => {
    const own = await makeAuthority("own");
    expect(laxIn([peer(own.certificate)])).toBeUndefined();
  });
});
