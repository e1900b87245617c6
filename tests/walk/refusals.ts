/** What nobody may do: the buckets of others, everybody's list, administration. */
import { beforeAll, describe, expect, it } from "@jest/globals";

import { adminSecret } from "../../components/identity/names.ts";
import { namespaces } from "../../components/names.ts";
import { picture } from "./pictures.ts";
import { expectAnswer } from "./requests.ts";
import { StandInPortal } from "./stand-in-portal.ts";
import { minutes, type Walk } from "./walk.ts";

const pairs = [
  ["alice", "user-bob"],
  ["bob", "user-alice"],
] as const;

export function refusals(walk: () => Walk): void {
  describe("refused to each", () => {
    beforeAll(async () => {
      for (const [username] of pairs) await walk().personWithBucket(username);
    }, 10 * minutes);

    it(
      "the other's bucket, in the browser: to list, read, write, delete",
      async () => {
        for (const [username, bucket] of pairs) {
          const person = await walk().person(username);
          const { portal } = person;
          expect(await portal.open(bucket)).toEqual({ keys: [], refusal: "AccessDenied" });
          if (username === "alice") await picture(person, "refusal");
          // Onyxia's page has no buttons for what it does not list: there, the requests below are all that there is.
          if (!(portal instanceof StandInPortal)) continue;
          const refused = { outcome: "refused", status: "403", code: "AccessDenied" };
          expect(await portal.press("open-bucket", { bucket })).toMatchObject({ step: "list", ...refused });
          expect(await portal.press("download", { bucket, key: "data.csv" })).toMatchObject(refused);
          expect(await portal.press("upload", { bucket, key: "mine.txt", content: "x" })).toMatchObject(refused);
          expect(await portal.press("delete", { bucket, key: "data.csv" })).toMatchObject(refused);
          expect(await portal.press("delete-bucket", { bucket })).toMatchObject(refused);
        }
      },
      2 * minutes,
    );

    it("the other's bucket, by requests with the own keys", async () => {
      const { store, access } = walk();
      for (const [username, bucket] of pairs) {
        const keys = await store.credentials((await walk().person(username)).token(access.objectStore.clientId));
        for (const request of [
          { method: "GET", bucket, query: "list-type=2" },
          { method: "GET", bucket, key: "data.csv" },
          { method: "PUT", bucket, key: "mine.txt", body: "x" },
          { method: "DELETE", bucket, key: "data.csv" },
          { method: "DELETE", bucket },
        ]) {
          const hop = `object store, ${request.method} in ${bucket} as ${username}`;
          expectAnswer(hop, await store.send(keys, request), { status: 403, code: "AccessDenied" });
        }
      }
    });

    it("buckets of nobody, and whose names begin like the own one", async () => {
      const { store } = walk();
      const keys = await store.credentials((await walk().person("alice")).token("onyxia-minio"));
      for (const bucket of ["user-alice2", "user-alic", "shared"]) {
        const answer = await store.send(keys, { method: "PUT", bucket });
        expectAnswer(`object store, making ${bucket} as alice`, answer, { status: 403, code: "AccessDenied" });
      }
    });

    it("the list of all buckets: only the own one is named", async () => {
      for (const [username] of pairs) {
        const { store, access } = walk();
        const keys = await store.credentials((await walk().person(username)).token(access.objectStore.clientId));
        const answer = await store.send(keys, { method: "GET", bucket: "" });
        expectAnswer(`object store, list of buckets as ${username}`, answer, { status: 200 });
        expect([...answer.text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name]) => name)).toEqual([
          `user-${username}`,
        ]);
      }
    });

    it("a bucket that is open to everybody", async () => {
      const { store } = walk();
      const keys = await store.credentials((await walk().person("bob")).token("onyxia-minio"));
      const policy = JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::user-bob/*"] },
        ],
      });
      const shared = await store.send(keys, { method: "PUT", bucket: "user-bob", query: "policy=", body: policy });
      expectAnswer("object store, bucket policy of bob", shared, { status: 403, code: "AccessDenied" });
    });

    it("the store's admin API and its metrics", async () => {
      const { store, web, platform } = walk();
      const keys = await store.credentials((await walk().person("alice")).token("onyxia-minio"));
      for (const key of ["list-users", "info", "list-canned-policies", "config"]) {
        const answer = await store.send(keys, { method: "GET", bucket: "minio", key: `admin/v3/${key}` });
        expect({ key, status: answer.status, text: answer.text }).toMatchObject({
          status: 403,
          text: expect.stringContaining("AccessDenied"),
        });
      }
      const metrics = await web.request(`https://${platform.hosts.objectStore}/minio/v2/metrics/cluster`);
      expect(metrics.status).toBe(403);
    });

    it("the store's console: a token opens no session, the own keys open nothing but the own bucket", async () => {
      const { store, web, platform } = walk();
      const api = `https://${platform.hosts.objectStoreConsole}/api/v1`;
      const token = (await walk().person("alice")).token("onyxia-minio");
      for (const path of ["session", "buckets", "buckets/user-alice/objects"]) {
        const answer = await web.request(`${api}/${path}`, { headers: { cookie: `token=${token}` } });
        expectAnswer(`console, ${path} with a token as session`, answer, { status: 403 });
      }
      const { accessKey, secretKey, sessionToken } = await store.credentials(token);
      const login = await web.request(`${api}/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ accessKey, secretKey, sts: sessionToken }),
      });
      expectAnswer("console, login with keys of a user", login, { status: 204 });
      const cookie = (login.headers["set-cookie"] ?? []).map((value) => value.split(";")[0]).join("; ");
      const buckets = await web.request(`${api}/buckets`, { headers: { cookie } });
      expect(JSON.parse(buckets.text)).toMatchObject({ buckets: [{ name: "user-alice" }], total: 1 });
      const other = await web.request(`${api}/buckets/user-bob/objects`, { headers: { cookie } });
      expectAnswer("console, bob's objects", other, { status: 403 });
    });

    it("Keycloak's administration, from outside and with a user's token", async () => {
      const { web, platform } = walk();
      const token = (await walk().person("alice")).token("onyxia");
      const headers = { authorization: `Bearer ${token}` };
      const paths = [
        "admin/realms/datalab/users",
        "admin/master/console/",
        "realms/master/account",
        "health",
        "metrics",
      ];
      for (const path of paths) {
        const answer = await web.request(`https://${platform.hosts.identity}/${path}`, { headers });
        expectAnswer(`ingress controller, /${path} of Keycloak`, answer, { status: 404 });
      }
      const { username = "", password = "" } = await platform.secret(namespaces.identity, adminSecret);
      await walk().asAdministrator(async (_, url) => {
        const answer = await fetch(`${url}/admin/realms/datalab/users`, { headers });
        expect(answer.status).toBe(403);
        // The administrator of the Secret gets in where users do not.
        const login = await fetch(`${url}/realms/master/protocol/openid-connect/token`, {
          method: "POST",
          body: new URLSearchParams({ grant_type: "password", client_id: "admin-cli", username, password }),
        });
        expect(login.status).toBe(200);
      });
    });

    it("the portal's API in another's name", async () => {
      const { web, platform, access } = walk();
      const alice = await walk().person("alice");
      const ask = (path: string, token: string, project = "user-alice") =>
        web.request(`https://${platform.hosts.portal}/api${path}`, {
          headers: { authorization: `Bearer ${token}`, "onyxia-region": "datalab", "onyxia-project": project },
        });
      const own = alice.token(access.portal.clientId);
      expectAnswer("portal's API, own services", await ask("/my-lab/services", own), { status: 200 });
      expectAnswer("portal's API, bob's services", await ask("/my-lab/services", own, "user-bob"), { status: 403 });
      const foreign = await ask("/user/info", alice.token(access.objectStore.clientId));
      expectAnswer("portal's API, token for the store", foreign, { status: 401 });
      for (const path of ["/actuator/env", "/v3/api-docs"]) {
        expect((await ask(path, own)).headers["content-type"]).toMatch(/^text\/html/);
      }
    });
  });
}
