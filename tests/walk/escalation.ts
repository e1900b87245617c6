/** Rights that nobody gets by asking for them. */
import { beforeAll, describe, expect, it } from "@jest/globals";

import { xmlField } from "../../commands/doctor/s3.ts";
import { claimsOf } from "../support/keycloak.ts";
import { tokensFor } from "./flow.ts";
import { expectAnswer } from "./requests.ts";
import { minutes, type Walk } from "./walk.ts";

export function escalation(walk: () => Walk): void {
  const storeToken = async () => (await walk().person("alice")).token("onyxia-minio");
  const portalUrl = () => `https://${walk().platform.hosts.portal}/`;

  describe("what nobody gets by asking", () => {
    beforeAll(async () => {
      for (const username of ["alice", "bob"] as const) await walk().personWithBucket(username);
    }, 10 * minutes);

    const widest = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] }],
    });

    it("another policy in the token, by the parameters of the login", async () => {
      const alice = await walk().person("alice");
      const { access_token } = await tokensFor(walk(), alice, {
        clientId: "onyxia-minio",
        redirectUri: portalUrl(),
        parameters: {
          claims: JSON.stringify({ access_token: { policy: { value: "consoleAdmin", essential: true } } }),
          policy: "consoleAdmin",
        },
      });
      expect(claimsOf(access_token)).toMatchObject({ policy: "own-bucket" });
    });

    it("another policy, name or attribute, by the account page's API", async () => {
      const { access } = walk();
      const alice = await walk().person("alice");
      const redirectUri = `${access.issuerUrl}/account/`;
      const { access_token } = await tokensFor(walk(), alice, { clientId: "account-console", redirectUri });
      const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
      const url = `${access.issuerUrl}/account/`;
      const read = async () => {
        const answer = await walk().web.request(url, { headers: { ...headers, accept: "application/json" } });
        expectAnswer("Keycloak, alice's account", answer, { status: 200 });
        return JSON.parse(answer.text) as { readonly attributes?: object; readonly username: string };
      };
      const account = await read();
      const change = (fields: object) =>
        walk().web.request(url, { method: "POST", headers, body: JSON.stringify({ ...account, ...fields }) });
      expectAnswer("Keycloak, another first name", await change({ firstName: "Alicia" }), { status: 204 });
      expect(await read()).toMatchObject({ firstName: "Alicia" });

      const attributes = { ...account.attributes, policy: ["consoleAdmin"] };
      for (const fields of [{ attributes }, { username: "bob2" }]) {
        // Ignored or refused: either is right.
        expect([204, 400]).toContain((await change(fields)).status);
      }
      const [user] = await walk().asAdministrator((admin) =>
        admin.get<{ readonly attributes?: object }[]>(`${access.realm}/users?exact=true&username=alice`),
      );
      expect(user).toMatchObject({ username: "alice" });
      expect(user?.attributes ?? {}).not.toHaveProperty("policy");
    });

    it("keys that last longer than the platform allows", async () => {
      const answer = await walk().store.exchange(await storeToken(), { DurationSeconds: String(7 * 24 * 3600) });
      expectAnswer("object store, keys for a week", answer, { status: 200 });
      const life = new Date(xmlField(answer.text, "Expiration")).getTime() - Date.now();
      // Twelve hours, unless the settings say otherwise; seconds are cut off.
      expect(life).toBeLessThanOrEqual(12 * 3600 * 1000 + 1000);
      expect(life).toBeGreaterThan(11 * 3600 * 1000);
    });

    it("more rights by a session policy, or by the name of a role", async () => {
      const { store } = walk();
      for (const parameters of [
        { Policy: widest },
        { RoleArn: "arn:minio:iam:::role/consoleAdmin", RoleSessionName: "alice" },
      ]) {
        const keys = await store.credentials(await storeToken(), parameters);
        const own = await store.send(keys, { method: "GET", bucket: "user-alice", query: "list-type=2" });
        expectAnswer("object store, own bucket with further parameters", own, { status: 200 });
        const other = await store.send(keys, { method: "GET", bucket: "user-bob", query: "list-type=2" });
        expectAnswer("object store, bob's bucket with further parameters", other, {
          status: 403,
          code: "AccessDenied",
        });
      }
    });
  });
}
