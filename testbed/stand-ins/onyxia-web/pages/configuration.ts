/** What `/public/configuration` says, as far as the page needs it. */
import type { Claims, OidcSettings } from "./oidc.ts";

export interface Configuration {
  readonly regions: readonly Region[];
  readonly oidcConfiguration?: OidcSettings;
}

export interface Region {
  readonly id: string;
  readonly data?: { readonly S3?: OneOrMany<S3> };
}

export interface S3 {
  readonly URL: string;
  readonly region?: string;
  readonly pathStyleAccess?: boolean;
  readonly sts?: Sts;
  readonly bookmarks?: readonly Bookmark[];
}

export interface Sts {
  readonly URL?: string;
  readonly durationSeconds?: number;
  readonly role: OneOrMany<Role>;
  readonly oidcConfiguration?: Partial<OidcSettings>;
}

export interface Role {
  readonly profileName: string;
  readonly roleARN: string;
  readonly roleSessionName: string;
}

export interface Bookmark {
  readonly s3Uri: string;
  readonly claimName?: string;
  readonly includedClaimPattern?: string;
  readonly excludedClaimPattern?: string;
}

type OneOrMany<T> = T | readonly T[];

/** The first of one or many. */
export function first<T extends object>(value: OneOrMany<T> | undefined): T | undefined {
  return Array.isArray(value) ? (value as readonly T[])[0] : (value as T | undefined);
}

/** The storage's own login: what it does not say is that of the portal. */
export function storageLogin(portal: OidcSettings, sts: Sts): OidcSettings {
  return { ...portal, ...sts.oidcConfiguration };
}

/** Places that the bookmarks point to, for the person of these claims. */
export function bookmarkedPlaces(bookmarks: readonly Bookmark[], claims: Claims): string[] {
  return bookmarks.flatMap((bookmark) => {
    if (bookmark.claimName === undefined) return [bookmark.s3Uri];
    const included = new RegExp(bookmark.includedClaimPattern ?? "^(.+)$");
    const excluded =
      bookmark.excludedClaimPattern === undefined ? undefined : new RegExp(bookmark.excludedClaimPattern);
    return [claims[bookmark.claimName]]
      .flat()
      .filter((value) => typeof value === "string")
      .filter((value) => excluded?.test(value) !== true)
      .flatMap((value) => {
        const match = included.exec(value);
        return match === null ? [] : [bookmark.s3Uri.replaceAll(/\$(\d)/g, (_, n: string) => match[Number(n)] ?? "")];
      });
  });
}

/** A bucket, or the part of it below a prefix that ends with a slash. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** Place of an address such as `s3://bucket/folder/`. */
export function placeOf(uri: string): Place {
  const { hostname, pathname } = new URL(uri);
  return { bucket: hostname, prefix: decodeURIComponent(pathname.slice(1)) };
}
