/** Requests that mean one thing to the ingress controller and another one to the server behind. */
import { beforeAll, describe, expect, it } from "@jest/globals";

import { network } from "../../testbed/node/node.ts";
import { type Echo, echoHost, startEcho } from "./echo.ts";
import { exchange, statusesOf } from "./raw.ts";
import { minutes, type Walk } from "./walk.ts";

export function smuggling(walk: () => Walk): void {
  const echo = () => echoHost(walk().platform.hosts.services, 1);
  const get = (host: string, path: string, headers: readonly string[] = []) =>
    ["GET " + path + " HTTP/1.1", `Host: ${host}`, "Connection: close", ...headers, "", ""].join("\r\n");
  /** What reached the service, by the request given as lines. */
  const echoed = async (request: string): Promise<Echo> => {
    const answer = await exchange(walk(), echo(), request);
    if (statusesOf(answer)[0] !== 200) throw new Error(`${echo()}: ${answer}`);
    return JSON.parse(/\{.*\}/s.exec(answer)?.[0] ?? "") as Echo;
  };

  describe("smuggling", () => {
    beforeAll(async () => {
      await walk().person("alice");
      await startEcho(walk(), network.outside[0]);
    }, 10 * minutes);

    it("leads no path out of what is public", async () => {
      const { identity, portal } = walk().platform.hosts;
      const ways = (inside: string, outside: string) => [
        `${inside}/../${outside}`,
        `${inside}/..%2f${outside.replaceAll("/", "%2f")}`,
        `${inside}/%2e%2e/${outside}`,
        `${inside}/.%2e/${outside}`,
        `${inside}/..;/${outside}`,
        `${inside}/..\\${outside}`,
        `/${inside}/..//${outside}`,
        `${inside}%2f..%2f${outside.replaceAll("/", "%2f")}`,
      ];
      const paths = [
        // The realm of administrators, and the admin API, are beside the public realm.
        ...ways("/realms/datalab", "master/.well-known/openid-configuration").map((path) => [identity, path]),
        ...ways("/realms/datalab", "../admin/realms/datalab").map((path) => [identity, path]),
        ...ways("/resources", "realms/master/account").map((path) => [identity, path]),
        ...ways("/api/public", "actuator/health").map((path) => [portal, path]),
        ...ways("/api/public", "v3/api-docs").map((path) => [portal, path]),
      ] as const;
      // Who gets there may read there: an answer that only wants to know who asks would look like a refusal.
      const token = await walk().asAdministrator((admin) => admin.token());
      for (const [host = "", path = ""] of paths) {
        const headers = host === identity ? [`Authorization: Bearer ${token}`] : [];
        const answer = await exchange(walk(), host, get(host, path, headers));
        const status = statusesOf(answer)[0];
        const asked = host === portal && status === 401;
        const shown = /"issuer":|"status":"UP"|openapi|realms\/master|"realm":/i.test(answer);
        expect({ path, reached: asked || shown }).toEqual({ path, reached: false });
        // The portal's pages answer what is no file with the page itself.
        const page = host === portal && /^content-type: text\/html/im.test(answer);
        if (!page && (status === undefined || status < 400)) throw new Error(`${host}${path}: ${answer.slice(0, 500)}`);
      }
    });

    it("drops headers that others take for those of the controller", async () => {
      const { headers } = await echoed(
        get(echo(), "/", [
          "X_Forwarded_For: 203.0.113.9",
          "X_Evil: 1",
          "X-Forwarded-For: 203.0.113.9",
          "X-Forwarded-Host: evil.test",
          "X-Forwarded-Proto: http",
          "X-Forwarded-Port: 1",
          "X-Real-Ip: 203.0.113.9",
          "Connection: X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, X-Real-Ip",
        ]),
      );
      expect(Object.keys(headers).filter((header) => header.includes("_"))).toEqual([]);
      expect(headers).toMatchObject({
        "x-forwarded-for": network.outside[0],
        "x-real-ip": network.outside[0],
        "x-forwarded-host": echo(),
        "x-forwarded-proto": "https",
        "x-forwarded-port": "443",
      });
    });

    it("lets no request hide in another one's body", async () => {
      const hidden = get(echo(), "/hidden");
      const post = (...headers: string[]) =>
        [`POST /outer HTTP/1.1`, `Host: ${echo()}`, "Connection: close", ...headers, "", ""].join("\r\n");
      const length = `Content-Length: ${hidden.length + 5}`;
      const chunked = "Transfer-Encoding: chunked";
      const attempts = {
        "two lengths": post("Content-Length: 5", length) + `abcde${hidden}`,
        "length and chunks": post(length, chunked) + `0\r\n\r\n${hidden}`,
        "an unknown coding": post(length, "Transfer-Encoding: xchunked") + `0\r\n\r\n${hidden}`,
        "two codings": post(length, chunked, "Transfer-Encoding: identity") + `0\r\n\r\n${hidden}`,
        "a space before the colon": post("Content-Length : 5") + `abcde${hidden}`,
        "a folded header": post("X-A: b", ` ${chunked}`, length) + `0\r\n\r\n${hidden}`,
      };
      for (const [attempt, bytes] of Object.entries(attempts)) {
        const before = (await echoed(get(echo(), "/"))).requests;
        const answer = await exchange(walk(), echo(), bytes);
        const statuses = statusesOf(answer);
        const { requests } = await echoed(get(echo(), "/"));
        // Refused at once, or understood by both in the same way: never two requests for one.
        const reached = requests - before - 1;
        expect({ attempt, statuses, reached }).toEqual({
          attempt,
          statuses: [expect.any(Number)],
          reached: statuses[0] === 200 ? 1 : 0,
        });
        expect({ attempt, answer }).not.toMatchObject({ answer: expect.stringContaining('"url":"/hidden"') });
      }
    });

    it("passes on one request for one", async () => {
      const before = (await echoed(get(echo(), "/"))).requests;
      const hidden = get(echo(), "/hidden");
      const length = `Content-Length: ${hidden.length}`;
      const sent = await echoed(
        `POST /outer HTTP/1.1\r\nHost: ${echo()}\r\nConnection: close\r\n${length}\r\n\r\n${hidden}`,
      );
      expect(sent).toMatchObject({ url: "/outer", body: hidden, requests: before + 1 });
      expect((await echoed(get(echo(), "/"))).requests).toBe(before + 2);
    });
  });
}
