/** A person in front of the portal, in a real browser. */
import type { BrowserContext, Page, Request, Response } from "playwright-core";

import type { RealPlatform } from "../support/real-platform.ts";
import type { PortalPage, Visit } from "./portal-page.ts";
import { shownPortal } from "./shown-portal.ts";

/** Tokens that Keycloak has given the page, by client. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
}

/** Milliseconds that the browser waits for what a person would see next. */
const patience = 60_000;

export class Person {
  readonly username: string;
  readonly page: Page;
  readonly context: BrowserContext;
  /** Newest answer of the token endpoint for each client: the page itself keeps tokens out of reach. */
  readonly tokens = new Map<string, TokenAnswer>();
  readonly #tokenTimes = new Map<string, number>();
  #portal: PortalPage | undefined;
  readonly #platform: RealPlatform;
  /** Answers that are still being read. */
  readonly #notes = new Set<Promise<void>>();
  /** Requests that got no answer or a refusal, newest last. */
  readonly #troubles: string[] = [];
  /** Requests that wait for their answer. */
  readonly #waiting = new Set<Request>();

  private constructor(platform: RealPlatform, username: string, context: BrowserContext, page: Page) {
    this.#platform = platform;
    this.username = username;
    this.context = context;
    this.page = page;
    page.on("response", (response) => {
      // The body of an answer is gone when the page is left meanwhile.
      const note = this.#note(response).catch(() => undefined);
      this.#notes.add(note);
      void note.then(() => this.#notes.delete(note));
    });
    page.on("request", (request) => this.#waiting.add(request));
    page.on("requestfinished", (request) => this.#waiting.delete(request));
    page.on("requestfailed", (request) => {
      this.#waiting.delete(request);
      const { errorText } = request.failure() ?? {};
      this.#troubles.push(`${request.method()} ${withoutQuery(request.url())}: ${errorText ?? "no answer"}`);
    });
    page.on("pageerror", (error) => this.#troubles.push(`the page: ${error.message}`));
  }

  /** A person with a browser of the own. */
  static async arrive(platform: RealPlatform, username: string): Promise<Person> {
    const context = await platform.visit();
    context.setDefaultTimeout(patience);
    return new Person(platform, username, context, await context.newPage());
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  /** Opens the portal and waits until somebody asks for something, or everything is there. */
  async openPortal(): Promise<"login" | "portal"> {
    const url = `https://${this.#platform.hosts.portal}/`;
    await this.#told("opening the portal", async () => {
      await this.page.goto(url);
    });
    return this.settle();
  }

  /** Waits until the browser shows Keycloak's form or the portal, ready. @throws with the hop, if the portal is not */
  async settle(): Promise<"login" | "portal"> {
    return this.#told("waiting for the login page or the portal", async () => {
      const portal = await shownPortal(this.#visit());
      if (portal === undefined) return "login";
      this.#portal = portal;
      return "portal";
    });
  }

  /** The portal's page. @throws Error before the person has seen it */
  get portal(): PortalPage {
    if (this.#portal === undefined) throw new Error(`${this.username} has not seen the portal`);
    return this.#portal;
  }

  /** Ends the session, and waits for what the browser shows then. */
  async logOut(): Promise<"login" | "portal"> {
    await this.portal.logOut();
    return this.settle();
  }

  /** Fills in Keycloak's form. */
  async logIn(password: string): Promise<void> {
    await this.#told("logging in at Keycloak", async () => {
      await this.page.fill("#username", this.username);
      await this.page.fill("#password", password);
      await this.#leavePage("#kc-login");
    });
  }

  /** Fills in the form that asks for a new password. */
  async choosePassword(password: string): Promise<void> {
    await this.#told("choosing a password at Keycloak", async () => {
      await this.page.fill("#password-new", password);
      await this.page.fill("#password-confirm", password);
      await this.#leavePage('#kc-passwd-update-form [type="submit"]');
    });
  }

  /** Goes from Keycloak's login page to that for new people, and fills it in. */
  async register(password: string): Promise<void> {
    await this.#told("registering at Keycloak", async () => {
      await this.#leavePage("#kc-registration a");
      const fields = {
        email: `${this.username.replaceAll(/[^a-z]/g, "")}@${this.#platform.hosts.domain}`,
        firstName: "Some",
        lastName: "Person",
      };
      for (const [id, value] of Object.entries(fields)) await this.page.fill(`#${id}`, value);
      await this.page.fill("#username", this.username);
      await this.page.fill("#password", password);
      await this.page.fill("#password-confirm", password);
      await this.#leavePage('#kc-register-form [type="submit"]');
    });
  }

  /** What Keycloak's page says is wrong. */
  async complaint(): Promise<string> {
    return this.#told("reading what Keycloak complains about", async () => {
      const text = await this.page.locator('[id^="input-error"], .pf-m-danger, .pf-v5-c-alert').first().innerText();
      return text.trim();
    });
  }

  /** Newest access token for a client. */
  token(clientId: string): string {
    const found = this.tokens.get(clientId);
    if (found === undefined) throw new Error(`${this.username}'s browser got no token for ${clientId}`);
    return found.access_token;
  }

  #visit(): Visit {
    return {
      page: this.page,
      url: `https://${this.#platform.hosts.portal}/`,
      told: (what, work) => this.#told(what, work),
      noted: async () => {
        await Promise.all(this.#notes);
      },
      tokenTime: (clientId) => this.#tokenTimes.get(clientId) ?? 0,
    };
  }

  /** Presses a button that leads to another page, and waits for that. */
  async #leavePage(button: string): Promise<void> {
    await Promise.all([this.page.waitForEvent("domcontentloaded"), this.page.click(button)]);
  }

  async #note(response: Response): Promise<void> {
    const request = response.request();
    if (response.status() >= 400) {
      this.#troubles.push(`${request.method()} ${withoutQuery(response.url())}: ${response.status()}`);
    }
    if (!response.url().endsWith("/protocol/openid-connect/token") || response.status() !== 200) return;
    const clientId = new URLSearchParams(request.postData() ?? "").get("client_id");
    if (clientId === null) return;
    this.tokens.set(clientId, (await response.json()) as TokenAnswer);
    this.#tokenTimes.set(clientId, Date.now());
  }

  async #told<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const steps = await this.page.locator("#steps li").allTextContents();
      const shown =
        steps.length > 0
          ? steps.join("\n")
          : await this.page
              .locator("body")
              .innerText()
              .catch(() => "");
      throw new Error(this.#story(what, `${String(error)}\n${withoutQuery(this.page.url())} shows:\n${shown}`), {
        cause: error,
      });
    }
  }

  #story(what: string, text: string): string {
    const troubles = this.#troubles.slice(-5);
    const waiting = [...this.#waiting].slice(-5).map((request) => `${request.method()} ${withoutQuery(request.url())}`);
    return [
      `${this.username}, ${what}: ${text}`,
      ...(troubles.length === 0 ? [] : ["Requests in trouble:", ...troubles]),
      ...(waiting.length === 0 ? [] : ["Requests without an answer yet:", ...waiting]),
    ].join("\n");
  }
}

function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
