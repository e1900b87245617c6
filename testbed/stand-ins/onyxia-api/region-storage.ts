/** `data.S3` of a region, as web 5.5 reads it. */
import type { Fields } from "./fields.ts";

/** Longest life that an S3 server grants, in seconds. */
const year = 31_536_000;

/** @throws Refusal where the parts do not fit together: the portal would show a blank page, or STS would refuse. */
export function checkS3(s3: Fields, withLogin: boolean): void {
  checkUrl(s3, "URL", s3.string("URL"));
  s3.boolean("pathStyleAccess", true);
  s3.optionalString("region", /./);
  const sts = s3.optionalObject("sts");
  if (sts !== undefined) {
    if (!withLogin) s3.refuse("sts", "needs authentication.mode openidconnect");
    checkSts(sts);
  }
  for (const bookmark of s3.oneOrMany("bookmarks")) checkBookmark(bookmark);
  s3.done();
}

function checkSts(sts: Fields): void {
  const url = sts.optionalString("URL");
  if (url !== undefined) checkUrl(sts, "URL", url);
  const seconds = sts.any("durationSeconds") ?? 604_800;
  if (!Number.isInteger(seconds) || Number(seconds) < 900 || Number(seconds) > year) {
    sts.refuse("durationSeconds", `is ${JSON.stringify(seconds)}, not a whole number of seconds from 900 to ${year}`);
  }
  const roles = sts.oneOrMany("role");
  if (roles.length === 0) sts.refuse("role", "is missing: the portal would show a blank page");
  for (const role of roles) checkRole(role);
  const oidc = sts.optionalObject("oidcConfiguration");
  if (oidc !== undefined) {
    oidc.optionalString("issuerURI", /[^/]$/);
    oidc.optionalString("clientID", /./);
    oidc.ignore("extraQueryParams", "scope", "idleSessionLifetimeInSeconds", "audience");
    oidc.done();
  }
  sts.done();
}

function checkRole(role: Fields): void {
  role.string("profileName", /./);
  const arn = role.string("roleARN");
  const session = role.string("roleSessionName");
  if ((arn === "") !== (session === "")) {
    role.refuse("roleSessionName", "and roleARN must both be empty, as MinIO wants them, or both be set");
  }
  checkClaim(role);
  role.done();
}

function checkBookmark(bookmark: Fields): void {
  const uri = bookmark.string("s3Uri", /^s3:\/\/[a-z0-9$][-.a-z0-9$]*\/([^/]+\/)*$/);
  if (bookmark.any("title") === undefined) bookmark.refuse("title", "is missing");
  const claim = checkClaim(bookmark);
  if (uri.includes("$1") && claim === undefined) bookmark.refuse("s3Uri", "has $1, but there is no claimName");
  if (claim !== undefined && !uri.includes("$1")) bookmark.refuse("s3Uri", `has no place for the claim ${claim}`);
  bookmark.ignore("forProfileName");
  bookmark.done();
}

function checkClaim(fields: Fields): string | undefined {
  for (const key of ["includedClaimPattern", "excludedClaimPattern"]) {
    const pattern = fields.optionalString(key);
    if (pattern === undefined) continue;
    try {
      new RegExp(pattern);
    } catch {
      fields.refuse(key, "is not a regular expression");
    }
    if (key === "includedClaimPattern" && !pattern.includes("(")) fields.refuse(key, "captures nothing for $1");
  }
  return fields.optionalString("claimName", /./);
}

function checkUrl(fields: Fields, key: string, text: string): void {
  const url = URL.parse(text);
  if (url === null) fields.refuse(key, `is "${text}", not an address`);
  const loopback = ["127.0.0.1", "localhost"].includes(url.hostname);
  if (url.protocol !== "https:" && !loopback) fields.refuse(key, `is "${text}": browsers refuse it on an https page`);
}
