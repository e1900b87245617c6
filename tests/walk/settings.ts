/** The running realm follows the settings in place. What can be shown on Keycloak alone is in realm-reconcile.test.ts. */
import { describe, expect, it } from "@jest/globals";

import { reservedNamesWorkload } from "../../components/identity/names.ts";
import { usernameError } from "../../components/identity/user-profile.ts";
import { namespaces } from "../../components/names.ts";
import { claimsOf } from "../support/keycloak.ts";
import { authorize, tokensFor } from "./flow.ts";
import { Person } from "./person.ts";
import { expectAnswer } from "./requests.ts";
import { minutes, type Walk } from "./walk.ts";

interface Identified {
  readonly id: string;
  readonly clientId?: string;
  readonly name?: string;
  readonly username?: string;
}

/** What must keep its identity: the realm, its users, its clients by name. */
function identities(walk: Walk): Promise<Record<string, string>> {
  const { access } = walk;
  return walk.asAdministrator(async (admin) => {
    const list = (path: string) => admin.get<Identified[]>(`${access.realm}/${path}`);
    const [realm, clients, roles, users] = [
      await admin.get<Identified>(access.realm),
      await list("clients"),
      await list("roles"),
      await list("users"),
    ];
    return Object.fromEntries([
      ["realm", realm.id],
      ...clients.map(({ clientId = "", id }) => [`client ${clientId}`, id]),
      ...roles.map(({ name = "", id }) => [`role ${name}`, id]),
      ...users.map(({ username = "", id }) => [`user ${username}`, id]),
    ]) as Record<string, string>;
  });
}

export function settingsChange(walk: () => Walk): void {
  describe("a change of settings", () => {
    let before: Record<string, string>;

    const change = async (identity: object): Promise<void> => {
      const { platform } = walk();
      platform.configure((config) => {
        config["datalab:identity"] = { ...config["datalab:identity"], ...identity };
      });
      const up = await platform.engine.up();
      if (up.exitCode !== 0) throw new Error(`pulumi up: exit code ${up.exitCode}\n${up.text}`);
    };
    const wiki = { clientId: "wiki", redirectUri: "https://wiki.demo.test/old" };

    it(
      "adds clients, whose tokens carry their own audience and nothing of the store",
      async () => {
        const alice = await walk().person("alice");
        expect(await authorize(walk(), alice, wiki)).toMatchObject({ redirect: undefined, status: 400 });
        await change({
          registration: "open",
          clients: {
            wiki: { kind: "public", redirectUris: ["https://wiki.demo.test/old"] },
            notes: { kind: "public", redirectUris: ["https://notes.demo.test/"] },
          },
        });
        const { access_token } = await tokensFor(walk(), alice, wiki);
        expect([claimsOf(access_token)["aud"]].flat()).toContain("wiki");
        expect(claimsOf(access_token)).not.toHaveProperty("policy");
        const answer = await walk().store.exchange(access_token);
        expect(answer.status).toBe(400);
        before = await identities(walk());
      },
      15 * minutes,
    );

    it(
      "changes redirect addresses and removes a client, and leaves alone what a person has made by hand",
      async () => {
        const { access } = walk();
        const alice = await walk().person("alice");
        await walk().asAdministrator(async (admin) => {
          const made = { clientId: "by-hand", publicClient: true, redirectUris: ["https://by-hand.demo.test/"] };
          const answers = [
            await admin.send("POST", `${access.realm}/clients`, made),
            await admin.send("POST", `${access.realm}/roles`, { name: "role-by-hand" }),
          ];
          // 409: an earlier run on a kept platform has made it.
          for (const { status } of answers) expect([201, 409]).toContain(status);
        });
        const moved = { clientId: "wiki", redirectUri: "https://wiki.demo.test/new" };
        expect(await authorize(walk(), alice, moved)).toMatchObject({ redirect: undefined, status: 400 });
        await change({ clients: { wiki: { kind: "public", redirectUris: [moved.redirectUri] } } });

        await tokensFor(walk(), alice, moved);
        for (const gone of [wiki, { clientId: "notes", redirectUri: "https://notes.demo.test/" }]) {
          expect(await authorize(walk(), alice, gone)).toMatchObject({ redirect: undefined, status: 400 });
        }
        const after = await identities(walk());
        const { "client notes": notes, ...rest } = before;
        expect(notes).toEqual(expect.any(String));
        expect(after).toMatchObject(rest);
        expect(after).not.toHaveProperty(["client notes"]);
        expect(after).toHaveProperty(["client by-hand"]);
        expect(after).toHaveProperty(["role role-by-hand"]);
      },
      15 * minutes,
    );

    it(
      "keeps sessions and passwords",
      async () => {
        const alice = await walk().person("alice");
        expect(await alice.openPortal()).toBe("portal");
        const bob = await Person.arrive(walk().platform, "bob");
        await bob.openPortal();
        await bob.logIn(walk().chosenPassword("bob"));
        expect(await bob.settle()).toBe("portal");
        await bob.leave();
      },
      2 * minutes,
    );
  });

  describe("registration", () => {
    const username = `carol${Date.now().toString(36)}`;

    it(
      "refuses usernames that no bucket and no namespace can have, and says why",
      async () => {
        for (const username of ["Jean.Dupont", "a@b", "ab", "x".repeat(41), "-carol", "alice-x"]) {
          const person = await Person.arrive(walk().platform, username);
          await person.openPortal();
          await person.register("a long enough password");
          const complaint = await person.complaint();
          const wrongLength = username.length < 3 || username.length > 40;
          expect({ username, complaint }).toEqual({
            username,
            complaint: wrongLength
              ? expect.stringMatching(/length|between 3 and 40/i)
              : expect.stringContaining(usernameError(walk().access)),
          });
          await person.leave();
        }
      },
      3 * minutes,
    );

    it(
      "lets others in, who have their own bucket at once",
      async () => {
        const carol = await Person.arrive(walk().platform, username);
        await carol.openPortal();
        await carol.register("a long enough password");
        expect(await carol.settle()).toBe("portal");
        const bucket = `user-${username}`;
        await carol.portal.createBucket(bucket);
        expect(await carol.portal.open("user-alice")).toMatchObject({ refusal: "AccessDenied" });
        const { store, access } = walk();
        const keys = await store.credentials(carol.token(access.objectStore.clientId));
        expectAnswer("object store, deleting carol's bucket", await store.send(keys, { method: "DELETE", bucket }), {
          status: 204,
        });
        await carol.leave();
      },
      2 * minutes,
    );

    it(
      "gives nobody the name of somebody who has left",
      async () => {
        await lookAtNames(walk());
        await walk().asAdministrator(async (admin) => {
          const [account] = await admin.get<{ id: string }[]>(`datalab/users?exact=true&username=${username}`);
          const deleted = await admin.send("DELETE", `datalab/users/${account?.id ?? ""}`);
          expect(deleted.status).toBe(204);
        });
        await lookAtNames(walk());
        const namesake = await Person.arrive(walk().platform, username);
        await namesake.openPortal();
        await namesake.register("a long enough password");
        expect(await namesake.complaint()).toMatch(/already exists/i);
        await namesake.leave();
      },
      8 * minutes,
    );
  });
}

/** Has the CronJob of the names run now. */
async function lookAtNames({ platform }: Walk): Promise<void> {
  const job = ["job/names-now", "--namespace", namespaces.identity];
  const cronJob = `--from=cronjob/${reservedNamesWorkload}`;
  await platform.kubectl(["create", "job", "names-now", cronJob, "--namespace", namespaces.identity]);
  await platform.kubectl(["wait", ...job, "--for=condition=complete", "--timeout=3m"]);
  await platform.kubectl(["delete", ...job, "--wait"]);
}
