/** The portal's API. */
import type { Configuration } from "./configuration.ts";
import { ask, Failure } from "./failure.ts";

export interface UserInfo {
  readonly idep: string;
  readonly nomComplet?: string;
  readonly projects: readonly Project[];
}

export interface Project {
  readonly id: string;
  readonly group?: string;
  readonly namespace: string;
}

export class Api {
  readonly #url: string;
  /** Of the person, for everything but the configuration. */
  accessToken: () => Promise<string> = () => Promise.reject(new Failure("api", 0, "", "Nobody is logged in."));

  /** @param url Absolute, without a slash at the end. */
  constructor(url: string) {
    this.#url = url;
  }

  async configuration(): Promise<Configuration> {
    const response = await ask("configuration", `${this.#url}/public/configuration`);
    if (!response.ok) throw new Failure("configuration", response.status, "", "The portal's API has no configuration.");
    return (await response.json()) as Configuration;
  }

  async user(region: string): Promise<UserInfo> {
    return (await this.#send("user", "GET", "/user/info", region)).json() as Promise<UserInfo>;
  }

  /** Makes the project's namespace, or brings it up to date. */
  async onboard(region: string, { group }: Project): Promise<void> {
    await this.#send("onboarding", "POST", "/onboarding", region, group === undefined ? {} : { group });
  }

  async #send(step: string, method: string, path: string, region: string, body?: object): Promise<Response> {
    const response = await ask(step, `${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.accessToken()}`,
        "onyxia-region": region,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const challenge = response.headers.get("www-authenticate") ?? "";
    throw new Failure(step, response.status, "", `${challenge} ${await response.text()}`.trim());
  }
}
