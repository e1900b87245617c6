/** The portal's API as its page asks it: services of one person. */
import type { WebAnswer } from "../../commands/doctor/web-client.ts";
import { claimsOf } from "../support/keycloak.ts";
import type { Person } from "./person.ts";
import { pageHost } from "./page-host.ts";
import { expectAnswer } from "./requests.ts";
import type { Walk } from "./walk.ts";

/** The chart that the bench's catalogue has, from the repository's address inside the cluster. */
const hello = { catalogId: "inside", packageName: "hello", packageVersion: "1.0.0", share: false, dryRun: false };

export interface RunningService {
  readonly name: string;
  readonly urls: readonly string[];
  readonly suspended: boolean;
  readonly owner: string;
  readonly tasks: readonly { readonly id: string }[];
  readonly controllers: readonly { readonly healthy: boolean; readonly details: { readonly desired: number } }[];
}

export class Lab {
  readonly namespace: string;
  readonly #walk: Walk;
  readonly #person: Person;

  private constructor(walk: Walk, person: Person) {
    this.#walk = walk;
    this.#person = person;
    this.namespace = `user-${person.username}`;
  }

  static async of(walk: Walk, username: "alice" | "bob"): Promise<Lab> {
    return new Lab(walk, await walk.person(username));
  }

  /** @param project Whose services are meant. @default the person's own */
  async send(method: string, path: string, body?: object, project = this.namespace): Promise<WebAnswer> {
    const token = await this.#token();
    return this.#walk.web.request(`https://${this.#walk.platform.hosts.portal}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "onyxia-project": project,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** One that is good for the next minute. */
  async #token(): Promise<string> {
    const { clientId } = this.#walk.access.portal;
    const expiry = Number(claimsOf(this.#person.token(clientId))["exp"]) * 1000;
    if (expiry < Date.now() + 60_000) await this.#person.portal.renewTokens();
    return this.#person.token(clientId);
  }

  /** Values that the portal's form would have filled in, and those given. */
  launch(name: string, options: object = {}): Promise<WebAnswer> {
    const given = { ingress: { hostname: this.host(name) }, global: { suspend: false }, ...options };
    return this.send("PUT", "/my-lab/app", { ...hello, name, friendlyName: name, options: given });
  }

  /** Address of a service's page. */
  host(name: string): string {
    return pageHost(this.namespace, name, this.#walk.platform.hosts.services);
  }

  async services(): Promise<readonly RunningService[]> {
    const answer = await this.send("GET", "/my-lab/services");
    expectAnswer("portal's API, list of services", answer, { status: 200 });
    return (JSON.parse(answer.text) as { apps: readonly RunningService[] }).apps;
  }

  async change(what: "suspend" | "resume", name: string): Promise<void> {
    const answer = await this.send("POST", `/my-lab/app/${what}`, { serviceID: name });
    expectAnswer(`portal's API, ${what}`, answer, { status: 200 });
  }

  async remove(name: string): Promise<boolean> {
    const answer = await this.send("DELETE", `/my-lab/app?path=${name}`);
    expectAnswer("portal's API, end of a service", answer, { status: 200 });
    return (JSON.parse(answer.text) as { success: boolean }).success;
  }
}
