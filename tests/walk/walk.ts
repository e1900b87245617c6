/** What all parts of the walk share: one platform, and two people who use it. */
import process from "node:process";

import { until } from "../../testbed/node/until.ts";
import { accessModel } from "../../components/access/access-model.ts";
import { firstUsersSecret, reconcileClient, reconcileSecret } from "../../components/identity/names.ts";
import { namespaces } from "../../components/names.ts";
import { xmlField } from "../../commands/doctor/s3.ts";
import type { WebClient } from "../../commands/doctor/web-client.ts";
import { AdminApi } from "../support/keycloak.ts";
import { type OutsideClient, type RealPlatform, startRealPlatform } from "../support/real-platform.ts";
import { Person } from "./person.ts";
import { expectAnswer, Store } from "./requests.ts";

export const minutes = 60_000;

/** Folder of a platform that stays between runs, for those who work on the walk. */
const keptVariable = "DATALAB_WALK";

export class Walk {
  readonly platform: RealPlatform;
  /** Somebody in front of the platform, without a browser. */
  readonly client: OutsideClient;
  readonly store: Store;
  readonly access = accessModel({ domain: "demo.test", realm: "datalab" });
  readonly #people = new Map<string, Promise<Person>>();

  private constructor(platform: RealPlatform, client: OutsideClient) {
    this.platform = platform;
    this.client = client;
    this.store = new Store(client.web, platform.hosts);
  }

  static async begin(): Promise<Walk> {
    const platform = await startRealPlatform({ kept: process.env[keptVariable] });
    const times = Object.entries(platform.times).map(([part, time]) => `${part} ${(time / 1000).toFixed(1)} s`);
    process.stderr.write(`The platform is up: ${times.join(", ")}.\n`);
    try {
      const walk = new Walk(platform, await platform.clientFrom());
      if (platform.node.reused) await walk.#forgetPeople();
      return walk;
    } catch (error) {
      await platform.stop();
      throw error;
    }
  }

  get web(): WebClient {
    return this.client.web;
  }

  async end(): Promise<void> {
    await this.platform.stop();
  }

  /** One of the first users, who has gone through the first login. */
  person(username: "alice" | "bob"): Promise<Person> {
    const known = this.#people.get(username) ?? this.#firstLogin(username);
    this.#people.set(username, known);
    return known;
  }

  /** The same, with a bucket that holds a file, whoever has made it. */
  async personWithBucket(username: "alice" | "bob"): Promise<Person> {
    const person = await this.person(username);
    const bucket = `user-${username}`;
    const keys = await this.store.credentials(person.token(this.access.objectStore.clientId));
    const made = await this.store.send(keys, { method: "PUT", bucket });
    if (xmlField(made.text, "Code") !== "BucketAlreadyOwnedByYou") {
      expectAnswer(`object store, making ${bucket}`, made, { status: 200 });
    }
    const filled = await this.store.send(keys, { method: "PUT", bucket, key: "data.csv", body: "a,b\n1,2" });
    expectAnswer(`object store, filling ${bucket}`, filled, { status: 200 });
    return person;
  }

  /** Waits until each pod that is to go has gone: until then it may answer, as the one that it was. */
  async settled(): Promise<void> {
    await until("the platform's pods", AbortSignal.timeout(5 * minutes), async () => {
      const { items } = JSON.parse(await this.platform.kubectl(["get", "pods", "-A", "-o", "json"])) as {
        items: { metadata: { deletionTimestamp?: string } }[];
      };
      return items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
    });
  }

  /** The password that a person chose at the first login. */
  chosenPassword(username: string): string {
    return `${username} chose this one`;
  }

  /** The one-time password that an operator reads to a first user. */
  async firstPassword(username: string): Promise<string> {
    const password = (await this.platform.secret(namespaces.identity, firstUsersSecret))[username];
    if (password === undefined) throw new Error(`the Secret ${firstUsersSecret} has no password of ${username}`);
    return password;
  }

  /** Does something as Keycloak's administrator: from inside the cluster, for outside there is no way. */
  async asAdministrator<T>(work: (admin: AdminApi, url: string) => Promise<T>): Promise<T> {
    const { [reconcileSecret.key]: secret = "" } = await this.platform.secret(
      namespaces.identity,
      reconcileSecret.name,
    );
    const way = await this.platform.portForward(namespaces.identity, "service/keycloak", 8080);
    try {
      return await work(new AdminApi(way.url, { id: reconcileClient, secret }), way.url);
    } finally {
      await way.close();
    }
  }

  async #firstLogin(username: string): Promise<Person> {
    const person = await Person.arrive(this.platform, username);
    await person.openPortal();
    await person.logIn(await this.firstPassword(username));
    await person.choosePassword(this.chosenPassword(username));
    await person.settle();
    return person;
  }

  /** On a platform that an earlier run has used, everybody begins anew. */
  async #forgetPeople(): Promise<void> {
    const remove = "rm -rf /data/user-alice /data/user-bob";
    const store = ["--namespace", namespaces.objectStore, "object-store-0"];
    await this.platform.kubectl(["exec", ...store, "--", "sh", "-c", remove]);
    await this.asAdministrator(async (admin) => {
      for (const username of ["alice", "bob"]) {
        const [user] = await admin.get<{ id: string }[]>(`datalab/users?exact=true&username=${username}`);
        const value = await this.firstPassword(username);
        await admin.send("PUT", `datalab/users/${user?.id ?? ""}`, { requiredActions: ["UPDATE_PASSWORD"] });
        await admin.send("PUT", `datalab/users/${user?.id ?? ""}/reset-password`, {
          type: "password",
          value,
          temporary: true,
        });
      }
    });
  }
}
