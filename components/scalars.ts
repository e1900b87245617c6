/** Values that several settings share: each is a zod schema with its own message. */
import { z } from "zod";

/** DNS name of at least two labels, lower case. */
export const domainName = z
  .string()
  .max(200, "must be at most 200 characters, host names are put in front of it")
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "must be a DNS name of two or more labels in lower case, like example.org",
  );

/** RFC 1123 label, as Kubernetes wants it in names. */
export const dnsLabel = z
  .string()
  .max(63, "must be at most 63 characters")
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be lower-case letters, digits and inner hyphens");

/**
 * RFC 1123 subdomain: what most kinds of Kubernetes take for a name, StorageClass, IngressClass and ClusterIssuer among
 * them.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export const dnsSubdomain = z
  .string()
  .max(253, "must be at most 253 characters")
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    "must be lower-case letters and digits, with hyphens and dots inside",
  );

/** Amount of memory or storage as Kubernetes writes it. */
export const quantity = z
  .string()
  .regex(/^[1-9][0-9]*(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)$/, "must be a number with a unit such as Mi, Gi or Ti, like 10Gi");

const unitBytes: Readonly<Record<string, number>> = {
  ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi"].map((unit, index) => [unit, 1024 ** (index + 1)])),
  ...Object.fromEntries(["k", "M", "G", "T", "P"].map((unit, index) => [unit, 1000 ** (index + 1)])),
};

/** Bytes of a {@link quantity}. */
export function bytesOf(value: string): number {
  const [, amount = "0", unit = ""] = /^([0-9]+)([A-Za-z]+)$/.exec(value) ?? [];
  return Number(amount) * (unitBytes[unit] ?? 1);
}

const cpuRule = "must be cores or thousandths, like 2 or 250m";
const cpuText = z.string().regex(/^([1-9][0-9]*m|[1-9][0-9]*(\.[0-9]{1,3})?|0\.[0-9]{1,3})$/, cpuRule);

/** Amount of CPU as Kubernetes writes it. Like there, a number needs no quotes. */
export const cpuQuantity = z.union([cpuText, z.number().transform(String).pipe(cpuText)], cpuRule);

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86400 } as const;

/** Length of time such as `15m`, `12h` or `7d`. It stays a string; {@link secondsOf} reads it. */
export const duration = z.string().regex(/^[1-9][0-9]*[smhd]$/, "must be a number with s, m, h or d, like 12h");

/** Seconds of a {@link duration}. */
export function secondsOf(value: string): number {
  const unit = value.slice(-1) as keyof typeof unitSeconds;
  return Number(value.slice(0, -1)) * unitSeconds[unit];
}

/** A {@link duration} within bounds, both inclusive. */
export function durationBetween(shortest: string, longest: string) {
  return duration.refine(
    // A text that is not a duration has its own message already.
    (value) => !duration.safeParse(value).success || isBetween(value, shortest, longest),
    `must be between ${shortest} and ${longest}`,
  );
}

function isBetween(value: string, shortest: string, longest: string): boolean {
  const seconds = secondsOf(value);
  return seconds >= secondsOf(shortest) && seconds <= secondsOf(longest);
}

/** HTTPS address without a trailing slash. */
export const httpsUrl = z
  .string()
  .regex(/^https:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?(\/[^\s?#]*)?$/, "must be an https:// address")
  .refine((value) => !value.endsWith("/"), "must not end with a slash");

/** Requests of a container; memory is its limit too. */
export const resources = z.strictObject({
  cpu: cpuQuantity.describe("CPU that is requested."),
  memory: quantity.describe("Memory that is requested, and the limit."),
});

/** A claim for storage. */
export const volume = z.strictObject({
  size: quantity.describe("Size of each volume."),
  storageClass: dnsSubdomain.optional().describe("StorageClass; the cluster's default class when absent."),
});
