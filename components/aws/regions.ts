/**
 * Regions and their zones. They are written down because a preview looks nothing up. A zone that is new can be added
 * here; which hardware a letter means differs from account to account.
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
export const zoneLetters = {
  "af-south-1": "abc",
  "ap-east-1": "abc",
  "ap-east-2": "abc",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-south-1": "abc",
  "ap-south-2": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ap-southeast-3": "abc",
  "ap-southeast-4": "abc",
  "ap-southeast-5": "abc",
  "ap-southeast-7": "abc",
  "ca-central-1": "abd",
  "ca-west-1": "abc",
  "eu-central-1": "abc",
  "eu-central-2": "abc",
  "eu-north-1": "abc",
  "eu-south-1": "abc",
  "eu-south-2": "abc",
  "eu-west-1": "abc",
  "eu-west-2": "abc",
  "eu-west-3": "abc",
  "il-central-1": "abc",
  "me-central-1": "abc",
  "me-south-1": "abc",
  "mx-central-1": "abc",
  "sa-east-1": "abc",
  "us-east-1": "abcdf",
  "us-east-2": "abc",
  "us-west-1": "abc",
  "us-west-2": "abcd",
} as const;

export type Region = keyof typeof zoneLetters;

export const regions = Object.keys(zoneLetters) as Region[];

/** Zones of a region by their full names, such as `eu-west-3a`. */
export function zonesOf(region: Region): string[] {
  return zoneLetters[region].split("").map((letter) => `${region}${letter}`);
}

/** Region of a zone; undefined for a zone that is not known. */
export function regionOf(zone: string): Region | undefined {
  return regions.find((region) => zonesOf(region).includes(zone));
}

export const zones = regions.flatMap(zonesOf);
