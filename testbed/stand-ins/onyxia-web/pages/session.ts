/** Logins of one client: without a question in a hidden frame where the person is known, else by leaving the page. */
import { browser, create, page } from "./dom.ts";
import { Failure } from "./failure.ts";
import {
  authorizationRequest,
  type Claims,
  claimsOf,
  discover,
  finishLogin,
  logoutUrl,
  type OidcSettings,
  type PendingLogin,
  type Provider,
  refresh,
  type Tokens,
} from "./oidc.ts";

/** Each of the two clients logs in on its own. */
export type Purpose = "portal" | "storage";

/** The portal's own address, where every login comes back to. */
export const home = `${browser.location.origin}/`;

/** How long the hidden frame may take. */
const framePatienceMs = 15_000;
/** A token is renewed when it has less left than this. */
const leftMs = 30_000;

export class Session {
  readonly #provider: Provider;
  readonly #settings: OidcSettings;
  #tokens: Tokens;

  private constructor(provider: Provider, settings: OidcSettings, tokens: Tokens) {
    this.#provider = provider;
    this.#settings = settings;
    this.#tokens = tokens;
  }

  /** Finishes the login that the person comes back from, or logs in silently. @throws Failure */
  static async open(purpose: Purpose, settings: OidcSettings, returned: Returned | undefined): Promise<Session> {
    const provider = await discover(settings.issuerURI);
    if (returned?.purpose === purpose) {
      return new Session(provider, settings, await finishLogin(provider, returned.pending, returned.sent));
    }
    const { url, pending } = await authorizationRequest(provider, settings, home, true);
    return new Session(provider, settings, await finishLogin(provider, pending, await inFrame(url, pending.state)));
  }

  /** What the ID token says. */
  get claims(): Claims {
    return claimsOf(this.#tokens.id_token);
  }

  get logoutUrl(): string {
    return logoutUrl(this.#provider, this.#settings, this.#tokens, home);
  }

  /** When the access token ends. */
  get expiry(): Date {
    return new Date(Number(claimsOf(this.#tokens.access_token)["exp"]) * 1000);
  }

  async accessToken(): Promise<string> {
    if (this.expiry.getTime() - Date.now() < leftMs) await this.refresh();
    return this.#tokens.access_token;
  }

  async refresh(): Promise<void> {
    this.#tokens = await refresh(this.#provider, this.#settings, this.#tokens);
  }
}

/** Leaves the page for the login. */
export async function leaveForLogin(purpose: Purpose, settings: OidcSettings): Promise<void> {
  const provider = await discover(settings.issuerURI);
  const { url, pending } = await authorizationRequest(provider, settings, home, false);
  browser.sessionStorage.setItem(keyOf(pending.state), JSON.stringify({ purpose, pending }));
  browser.location.assign(url);
}

/** Whether the person has to be asked something. */
export function needsPerson(error: unknown): boolean {
  const codes = ["login_required", "interaction_required", "consent_required", "account_selection_required", "frame"];
  return error instanceof Failure && error.step === "login" && codes.includes(error.code);
}

/** A login that the page comes back from. */
export interface Returned {
  readonly purpose: Purpose;
  readonly pending: PendingLogin;
  readonly sent: URLSearchParams;
}

/** Reads it from the address, which then is clean again. */
export function returnedLogin(): Returned | undefined {
  const sent = new URLSearchParams(browser.location.search);
  const state = sent.get("state");
  if (state === null) return undefined;
  browser.history.replaceState(null, "", home);
  const kept = browser.sessionStorage.getItem(keyOf(state));
  browser.sessionStorage.removeItem(keyOf(state));
  // An address that somebody else has made up, or an old one.
  if (kept === null) return undefined;
  return { ...(JSON.parse(kept) as Pick<Returned, "purpose" | "pending">), sent };
}

/** In the hidden frame the page only hands over what it was called with. */
export function handOverToParent(): boolean {
  const { parent, location } = browser;
  if (parent === (browser as unknown)) return false;
  parent.postMessage(location.search, location.origin);
  return true;
}

async function inFrame(url: string, state: string): Promise<URLSearchParams> {
  const frame = create("iframe", { hidden: true, src: url });
  const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
  const timer = setTimeout(() => {
    reject(new Failure("login", 0, "frame", "The silent login did not come back."));
  }, framePatienceMs);
  const listen = ({ origin, source, data }: { origin: string; source: unknown; data: unknown }) => {
    if (origin !== browser.location.origin || source !== frame.contentWindow || typeof data !== "string") return;
    const sent = new URLSearchParams(data);
    if (sent.get("state") === state) resolve(sent);
  };
  browser.addEventListener("message", listen);
  page.body.append(frame);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    browser.removeEventListener("message", listen);
    frame.remove();
  }
}

function keyOf(state: string): string {
  return `login ${state}`;
}
