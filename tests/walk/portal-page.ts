/** What a person does with the portal's page, whichever page it is: Onyxia's own or the stand-in for it. */
import type { Page } from "playwright-core";

/** What a bucket shows when it is opened. */
export interface OpenBucket {
  /** Keys of its objects, sorted. */
  readonly keys: readonly string[];
  /** Code of the store's refusal, such as `AccessDenied`; empty where it lists. */
  readonly refusal: string;
}

/** Steps that do not go well throw, with the hop and what the page says. */
export interface PortalPage {
  readonly kind: "stand-in" | "onyxia";
  /** Whom the page takes the person for, and the bucket that it offers. */
  owner(): Promise<{ readonly username: string; readonly bucket: string }>;
  createBucket(bucket: string): Promise<void>;
  open(bucket: string): Promise<OpenBucket>;
  upload(bucket: string, key: string, content: string): Promise<void>;
  /** @returns the object's text */
  download(bucket: string, key: string): Promise<string>;
  remove(bucket: string, key: string): Promise<void>;
  /** Lets the page get new tokens for the portal and the store. Whether it got them. */
  renewTokens(): Promise<boolean>;
  /** Ends the session. */
  logOut(): Promise<void>;
}

/** A person's browser, as a page of the portal is given it. */
export interface Visit {
  readonly page: Page;
  /** Address of the portal. */
  readonly url: string;
  /** Does something, and tells what the browser showed if it fails. */
  readonly told: <T>(what: string, work: () => Promise<T>) => Promise<T>;
  /** Waits until the answers that have come are read. */
  readonly noted: () => Promise<void>;
  /** When the newest token for a client came, in milliseconds; 0 for none. */
  readonly tokenTime: (clientId: string) => number;
}
