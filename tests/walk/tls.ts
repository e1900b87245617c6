/** The way in: certificates, redirects, allow lists, long connections, large uploads. */
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { network } from "../../testbed/node/node.ts";
import { type Echo, echoHost, startEcho } from "./echo.ts";
import { nobodysHost } from "../support/real-platform.ts";
import { certificateFor, connectTo, endOf, statusesOf } from "./raw.ts";
import { expectAnswer } from "./requests.ts";
import { upload } from "./upload.ts";
import { minutes, type Walk } from "./walk.ts";

const [first, second] = network.outside;

export function wayIn(walk: () => Walk): void {
  const open = () => echoHost(walk().platform.hosts.services, 1);
  const restricted = () => echoHost(walk().platform.hosts.services, 2);
  const platformHosts = () => {
    const { portal, identity, objectStore, objectStoreConsole } = walk().platform.hosts;
    return [portal, identity, objectStore, objectStoreConsole];
  };

  describe("the way in", () => {
    let quiet: { readonly socket: TLSSocket; readonly since: number; readonly end: Promise<never> };
    let slow: { readonly socket: TLSSocket; readonly end: Promise<never> };

    beforeAll(async () => {
      await walk().person("alice");
      await startEcho(walk(), first);
      // Said nothing until the test at the end of this part.
      const socket = await connectTo(walk(), open());
      socket.write(`GET /socket HTTP/1.1\r\nHost: ${open()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      if (!/^HTTP\/1\.1 101 /.test(String(answer))) throw new Error(`${open()}, upgrade: ${String(answer)}`);
      quiet = { socket, since: Date.now(), end: endOf(socket, `${open()}, silent websocket`) };
      const posting = await connectTo(walk(), open());
      slow = { socket: posting, end: endOf(posting, `${open()}, slow request`) };
      posting.write(`POST /slow HTTP/1.1\r\nHost: ${open()}\r\nConnection: close\r\nContent-Length: 11\r\n\r\nfirst `);
    }, 10 * minutes);

    it("shows the certificate of the host's wildcard, from the platform's own authority", async () => {
      const { domain, services } = walk().platform.hosts;
      for (const host of [...platformHosts(), open(), restricted()]) {
        // Trust and name are checked by the connection.
        (await connectTo(walk(), host)).destroy();
        const { subjectaltname, issuer } = await certificateFor(walk(), host);
        const wildcard = platformHosts().includes(host) ? domain : services;
        expect({ host, subjectaltname, issuer: issuer.CN }).toEqual({
          host,
          subjectaltname: `DNS:*.${wildcard}`,
          issuer: `datalab CA of ${domain}`,
        });
      }
    });

    it("sends plain HTTP to HTTPS, path and query included", async () => {
      for (const host of [...platformHosts(), open()]) {
        // Of Keycloak only a part is public.
        const path = host === walk().platform.hosts.identity ? "/realms/datalab/some/where?q=1" : "/some/where?q=1";
        const answer = await walk().web.request(`http://${host}${path}`);
        expectAnswer(`ingress controller, http://${host}${path}`, answer, { status: 308 });
        expect(answer.headers.location).toBe(`https://${host}${path}`);
      }
    });

    it("tells browsers to come to the portal by HTTPS alone", async () => {
      const { headers } = await walk().web.request(`https://${walk().platform.hosts.portal}/`);
      expect(headers["strict-transport-security"]).toBe("max-age=31536000");
    });

    it("has nothing for unknown hosts", async () => {
      const { web, platform } = walk();
      const { domain, services } = platform.hosts;
      for (const host of [nobodysHost(domain), nobodysHost(services)]) {
        for (const scheme of ["https", "http"]) {
          const answer = await web.request(`${scheme}://${host}/`);
          expectAnswer(`ingress controller, ${scheme}://${host}`, answer, { status: 404 });
          expect(answer.text).toBe("404 page not found\n");
        }
      }
      for (const host of ["example.org", `auth.${domain}.evil.test`, `a.b.${domain}`]) {
        const { subjectaltname, issuer } = await certificateFor(walk(), host);
        expect({ host, issuer: issuer.CN }).toEqual({ host, issuer: "TRAEFIK DEFAULT CERT" });
        expect(subjectaltname).not.toContain(domain);
      }
    });

    it("honours a service's allow list: another address is refused", async () => {
      const { platform, web } = walk();
      const url = `https://${restricted()}/`;
      const allowed = await web.request(url);
      expectAnswer(`ingress controller, ${url} from ${first}`, allowed, { status: 200 });
      expect((JSON.parse(allowed.text) as Echo).headers["x-forwarded-for"]).toBe(first);
      const stranger = await platform.clientFrom(second);
      const refused = await stranger.web.request(url);
      expectAnswer(`ingress controller, ${url} from ${second}`, refused, { status: 403 });
      const headers = { "x-forwarded-for": first, "x-real-ip": first, forwarded: `for=${first}` };
      const lying = await stranger.web.request(url, { headers });
      expectAnswer(`ingress controller, ${url} from ${second}, which claims to be ${first}`, lying, { status: 403 });
      expectAnswer("the open one", await stranger.web.request(`https://${open()}/`), { status: 200 });
    });

    it("tells the portal's API the visitor's address, for the allow lists of services", async () => {
      const answer = await walk().web.request(`https://${walk().platform.hosts.portal}/api/public/ip`, {
        headers: { "x-forwarded-for": "203.0.113.9" },
      });
      expect(JSON.parse(answer.text)).toEqual({ ip: first });
    });

    it(
      "lets 2 GiB through in one request",
      async () => {
        const { store } = walk();
        const keys = await store.credentials((await walk().person("alice")).token("onyxia-minio"));
        const large = { bucket: "user-alice", key: "large.bin" };
        // Made on the first day, unless that part is left out.
        await store.send(keys, { method: "PUT", bucket: large.bucket });
        expect(await upload(walk(), keys, `/${large.bucket}/${large.key}`, 2048)).toBe(200);
        const head = await store.send(keys, { method: "HEAD", ...large });
        expect(head.headers["content-length"]).toBe(String(2 * 1024 ** 3));
        await store.send(keys, { method: "DELETE", ...large });
      },
      10 * minutes,
    );

    it("follows no Service out of its namespace", async () => {
      const host = echoHost(walk().platform.hosts.services, 3);
      const answer = await walk().web.request(`https://${host}/realms/master/.well-known/openid-configuration`);
      expectAnswer(`ingress controller, https://${host}, which leads to Keycloak`, answer, { status: 503 });
    });

    it(
      "keeps a websocket that says nothing, and a request whose body is slow, for more than a minute",
      async () => {
        const { socket, since, end } = quiet;
        await Promise.race([sleep(Math.max(0, since + 65_000 - Date.now())), end, slow.end]);
        const answered = once(socket, "data") as Promise<[Buffer]>;
        socket.write("still here?");
        expect(String((await Promise.race([answered, end]))[0])).toBe("still here?");
        socket.destroy();
        slow.socket.write("last!");
        const answer = await text(slow.socket);
        expect(statusesOf(answer)).toEqual([200]);
        expect(answer).toContain('"body":"first last!"');
      },
      2 * minutes,
    );
  });
}
