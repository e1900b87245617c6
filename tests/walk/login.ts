/** First login, tokens, own bucket: what every person does on the first day. */
import { describe, expect, it } from "@jest/globals";

import { claimsOf } from "../support/keycloak.ts";
import { Person } from "./person.ts";
import { picture } from "./pictures.ts";
import { expectAnswer } from "./requests.ts";
import { minutes, type Walk } from "./walk.ts";

const usernames = ["alice", "bob"] as const;

export function firstLogin(walk: () => Walk): void {
  describe("first login", () => {
    it(
      "asks for a new password, and ends in the portal under the own name",
      async () => {
        const alice = await Person.arrive(walk().platform, "alice");
        expect(await alice.openPortal()).toBe("login");
        await picture(alice, "login");
        await alice.leave();
        for (const username of usernames) {
          const person = await walk().person(username);
          expect(await person.portal.owner()).toEqual({ username, bucket: `user-${username}` });
        }
      },
      5 * minutes,
    );

    it(
      "cannot be done again with the one-time password",
      async () => {
        await walk().person("alice");
        const alice = await Person.arrive(walk().platform, "alice");
        await alice.openPortal();
        await alice.logIn(await walk().firstPassword("alice"));
        expect(await alice.complaint()).toBe("Invalid username or password.");
        await alice.leave();
      },
      2 * minutes,
    );

    it("yields a token for the portal and one for the store, with the claims that each reads", async () => {
      const { access } = walk();
      const alice = await walk().person("alice");
      const claims = (clientId: string) => claimsOf(alice.token(clientId));
      const common = { iss: access.issuerUrl, typ: "Bearer", preferred_username: "alice", sub: expect.any(String) };
      expect(claims("onyxia")).toMatchObject({ ...common, azp: "onyxia", roles: expect.any(Array) });
      expect([claims("onyxia")["aud"]].flat()).toContain("onyxia");
      expect(claims("onyxia")).not.toHaveProperty("policy");
      // Nothing but the store is opened by it: no role, no other audience.
      expect(claims("onyxia-minio")).toMatchObject({
        ...common,
        azp: "onyxia-minio",
        aud: "onyxia-minio",
        policy: "own-bucket",
      });
      expect(claims("onyxia-minio")).not.toHaveProperty("resource_access");
    });
  });

  describe("own bucket", () => {
    it(
      "is made, filled, listed and read by each in the browser",
      async () => {
        for (const username of usernames) {
          const { portal } = await walk().person(username);
          const bucket = `user-${username}`;
          await portal.createBucket(bucket);
          // Every kind of character that signatures and addresses treat in their own way.
          const key = "notes/a b+ç(1)~%.txt";
          await portal.upload(bucket, key, `written by ${username}`);
          await portal.upload(bucket, "data.csv", "a,b\n1,2");
          expect(await portal.open(bucket)).toEqual({ keys: ["data.csv", key], refusal: "" });
          expect(await portal.download(bucket, key)).toBe(`written by ${username}`);
        }
        await picture(await walk().person("alice"), "own-bucket");
      },
      3 * minutes,
    );

    it(
      "gives up what is deleted",
      async () => {
        const [bucket, key] = ["user-alice", "passing.txt"];
        const alice = await walk().person("alice");
        await alice.portal.upload(bucket, key, "not for long");
        await alice.portal.remove(bucket, key);
        expect((await alice.portal.open(bucket)).keys).not.toContain(key);
        const { store, access } = walk();
        const keys = await store.credentials(alice.token(access.objectStore.clientId));
        const read = await store.send(keys, { method: "GET", bucket, key });
        expectAnswer("object store, an object that was deleted", read, { status: 404, code: "NoSuchKey" });
      },
      2 * minutes,
    );

    it(
      "is there again after a reload, without a question",
      async () => {
        const alice = await walk().person("alice");
        expect(await alice.openPortal()).toBe("portal");
        expect((await alice.portal.open("user-alice")).keys).toContain("data.csv");
      },
      2 * minutes,
    );

    it(
      "is closed by a logout: whoever comes next is asked who he is",
      async () => {
        await walk().person("bob");
        const bob = await Person.arrive(walk().platform, "bob");
        await bob.openPortal();
        await bob.logIn(walk().chosenPassword("bob"));
        expect(await bob.settle()).toBe("portal");
        expect(await bob.logOut()).toBe("login");
        expect(await bob.openPortal()).toBe("login");
        await bob.leave();
      },
      2 * minutes,
    );

    it("answers the portal's pages, and no others", async () => {
      const { web, platform } = walk();
      const ask = (origin: string) =>
        web.request(`https://${platform.hosts.objectStore}/user-alice`, {
          method: "OPTIONS",
          headers: {
            origin,
            "access-control-request-method": "PUT",
            "access-control-request-headers": "authorization,x-amz-content-sha256,x-amz-date,x-amz-security-token",
          },
        });
      const own = await ask(`https://${platform.hosts.portal}`);
      expect(own.headers["access-control-allow-origin"]).toBe(`https://${platform.hosts.portal}`);
      for (const origin of ["https://evil.test", `https://user-bob-1-x.${platform.hosts.services}`]) {
        expect((await ask(origin)).headers).not.toHaveProperty("access-control-allow-origin");
      }
    });
  });
}
