/** `datalab:platform.authorities`: who vouches for servers inside a company, beside the public authorities. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { isAuthority } from "./pem.ts";

export const authoritiesRule = "must be certificates of a certificate authority in PEM (BEGIN CERTIFICATE)";

/** Certificates of authorities in one text. */
export const authorities = z.string().refine(isAuthority, authoritiesRule);

/**
 * What pods trust beside the public authorities; undefined where that is nobody.
 *
 * @param own The authority of the platform's certificates; undefined for a public one.
 * @param given Those of the company.
 */
export function trustOf(
  own: pulumi.Output<string> | undefined,
  given: string | undefined,
): pulumi.Output<string> | undefined {
  if (given === undefined) return own;
  return own === undefined ? pulumi.output(given) : own.apply((pem) => joined(pem, given));
}

/** Several texts in PEM as one. */
export function joined(...texts: readonly string[]): string {
  return texts.map((pem) => `${pem.trim()}\n`).join("");
}
