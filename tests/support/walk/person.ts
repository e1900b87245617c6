/** A person in front of the portal, in a real browser. */
import type { BrowserContext, Page, Response } from "playwright-core";

import type { RealPlatform } from "../real-platform.ts";

/** How a step of the portal's page went, as the page tells it. */
export interface Outcome {
  readonly step: string;
  readonly outcome: "ok" | "refused" | "failed";
  /** Step inside it that did not go well; empty if all did. */
  readonly hop: string;
  /** HTTP status, "0" if there was no answer, empty if all went well. */
  readonly status: string;
  /** The other side's own word. */
  readonly code: string;
  readonly text: string;
}

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
  readonly #platform: RealPlatform;
  /** Answers that are still being read. */
  readonly #notes = new Set<Promise<void>>();
  /** Requests that got no answer or a refusal, newest last. */
  readonly #troubles: string[] = [];

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
    page.on("requestfailed", (request) => {
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
      const shown = this.page
        .locator(
          'body[data-state="ready"], body[data-state="failed"], body[data-state="anonymous"], form[action*="login-actions"]',
        )
        .first();
      await shown.waitFor({ state: "attached" });
      const state = await shown.getAttribute("data-state");
      if (state === null) return "login";
      if (state !== "ready") throw new Error(`the portal is ${state}`);
      return "portal";
    });
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

  /** Fills in fields of the portal's page and presses one of its buttons. */
  async press(button: string, fields: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return this.#told(`pressing ${button}`, async () => {
      for (const [id, value] of Object.entries(fields)) await this.page.fill(`#${id}`, value);
      const lines = this.page.locator("#steps li");
      const before = await lines.count();
      await this.page.click(`#${button}`);
      await lines.nth(before).waitFor({ state: "attached" });
      await Promise.all(this.#notes);
      return outcomeOf(await this.page.locator("#message").evaluate(readMessage));
    });
  }

  /** The same, for what has to go well. @throws with the hop if it does not */
  async succeed(button: string, fields: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const outcome = await this.press(button, fields);
    if (outcome.outcome !== "ok") throw new Error(this.#story(`pressing ${button}`, outcome.text));
    return outcome;
  }

  /** Text of an element of the page. */
  async read(id: string): Promise<string> {
    return (await this.page.textContent(`#${id}`)) ?? "";
  }

  /** Keys in the open bucket, as the page lists them. */
  async objects(): Promise<string[]> {
    const rows = this.page.locator("#objects tr");
    return rows.evaluateAll((all) => all.map((row) => (row as unknown as { dataset: { key: string } }).dataset.key));
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
    return [
      `${this.username}, ${what}: ${text}`,
      ...(troubles.length === 0 ? [] : ["Requests in trouble:", ...troubles]),
    ].join("\n");
  }
}

/** Runs in the page. */
function readMessage(element: unknown): { dataset: Record<string, string>; text: string } {
  const { dataset, textContent } = element as { dataset: Record<string, string>; textContent: string };
  return { dataset: { ...dataset }, text: textContent };
}

function outcomeOf({ dataset, text }: ReturnType<typeof readMessage>): Outcome {
  const { step = "", outcome = "failed", hop = "", status = "", code = "" } = dataset;
  return { step, outcome: outcome as Outcome["outcome"], hop, status, code, text };
}

function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
