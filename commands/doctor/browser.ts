/** The part of a browser that a login needs: cookies, redirects and forms. */
import type { WebAnswer, WebClient } from "./web-client.ts";

/** Where a visit ended. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
}

export class Browser {
  readonly #web: WebClient;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(web: WebClient) {
    this.#web = web;
  }

  /** Follows redirects within the site; one to another site is a page of its own, which is not opened. */
  open(address: string): Promise<Page> {
    return this.#follow(new URL(address), undefined, new URL(address).origin, 0);
  }

  /** Fills in the page's first form and sends it; undefined if there is none. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> | undefined {
    const [, action, content = ""] = /<form[^>]*\saction="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(page.html) ?? [];
    if (action === undefined) return undefined;
    const body = new URLSearchParams(fields);
    for (const [input] of content.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      const name = attribute(input, "name");
      if (name !== undefined && !(name in fields)) body.set(name, attribute(input, "value") ?? "");
    }
    const url = new URL(decoded(action), page.url);
    return this.#follow(url, body, page.url.origin, 0);
  }

  async #follow(url: URL, body: URLSearchParams | undefined, site: string, redirects: number): Promise<Page> {
    if (url.origin !== site) return { url, status: 0, html: "" };
    if (redirects > 10) throw new Error(`${url.href} redirects without end`);
    const answer = await this.#web.request(url.href, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        cookie: [...(this.#cookies.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      ...(body === undefined ? {} : { body: body.toString() }),
    });
    this.#keep(url.host, answer);
    const { location } = answer.headers;
    if (location !== undefined && answer.status >= 300 && answer.status < 400) {
      return this.#follow(new URL(location, url), undefined, site, redirects + 1);
    }
    return { url, status: answer.status, html: answer.text };
  }

  #keep(host: string, answer: WebAnswer): void {
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    for (const cookie of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/;\s*max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    this.#cookies.set(host, jar);
  }
}

/** Text of an element, without tags, by a pattern of its opening tag. */
export function elementText(html: string, opening: RegExp): string | undefined {
  const begin = opening.exec(html);
  if (begin === null) return undefined;
  const rest = html.slice(begin.index + begin[0].length);
  const text = decoded((rest.split(/<\/(?:span|p|div|h1)>/)[0] ?? "").replaceAll(/<[^>]*>/g, " "));
  return text.replaceAll(/\s+/g, " ").trim() || undefined;
}

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : decoded(value);
}

function decoded(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
