/** Pods are replaced, those that hold people's data too: it comes back, and nothing is lost. */
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "@jest/globals";

import { until } from "../../testbed/node/until.ts";
import { namespaces } from "../../components/names.ts";
import { Person } from "./person.ts";
import { expectAnswer } from "./requests.ts";
import { minutes, type Walk } from "./walk.ts";

export function recovery(walk: () => Walk): void {
  /** Deletes the only pod of a StatefulSet, and waits until another one is ready. */
  const replacePod = async (namespace: string, name: string): Promise<void> => {
    const { platform } = walk();
    const pod = ["pod", `${name}-0`, "--namespace", namespace];
    const uid = () => platform.kubectl(["get", ...pod, "-o", "jsonpath={.metadata.uid}"]);
    const before = await uid();
    await platform.kubectl(["delete", ...pod]);
    await platform.kubectl(["rollout", "status", `statefulset/${name}`, "--namespace", namespace, "--timeout=15m"]);
    expect(await uid()).not.toBe(before);
  };

  /** Waits until a host answers again: the ingress controller learns of the new pod a moment after it is ready. */
  const answered = async (url: string): Promise<void> => {
    const signal = AbortSignal.timeout(60_000);
    await until(url, signal, async () => (await walk().web.request(url)).status === 200, 60_000);
  };

  const logInAnew = async (username: "alice" | "bob"): Promise<void> => {
    await walk().person(username);
    const person = await Person.arrive(walk().platform, username);
    expect(await person.openPortal()).toBe("login");
    await person.logIn(walk().chosenPassword(username));
    expect(await person.settle()).toBe("portal");
    await person.leave();
  };

  /** Sends requests, ten a second, until the work is done; tells what came back that is not a page. */
  const losses = async (urls: readonly string[], work: () => Promise<void>): Promise<string[]> => {
    const lost: string[] = [];
    const requests: Promise<void>[] = [];
    const ask = async (url: string): Promise<void> => {
      const answer = await walk()
        .web.request(url)
        .then(
          ({ status }) => String(status),
          (error: unknown) => String(error),
        );
      if (answer !== "200") lost.push(`${url}: ${answer}`);
    };
    const done = new AbortController();
    const asking = (async () => {
      while (!done.signal.aborted) {
        requests.push(...urls.map(ask));
        await sleep(100);
      }
    })();
    try {
      await work();
    } finally {
      done.abort();
      await asking;
      await Promise.all(requests);
    }
    expect(requests.length).toBeGreaterThan(100);
    return lost;
  };

  describe("recovery", () => {
    it(
      "of the ways in and the portal: other pods take over, and no request is lost",
      async () => {
        const { platform } = walk();
        const portal = `https://${platform.hosts.portal}`;
        const lost = await losses([portal, `${portal}/api/public/configuration`], async () => {
          for (const [namespace, name] of [
            [namespaces.portal, "onyxia-api"],
            [namespaces.portal, "onyxia-web"],
            [namespaces.ingress, "traefik"],
          ] as const) {
            const deployment = ["--namespace", namespace, `deployment/${name}`];
            await platform.kubectl(["rollout", "restart", ...deployment]);
            await platform.kubectl(["rollout", "status", ...deployment, "--timeout=5m"]);
          }
          await walk().settled();
        });
        expect(lost).toEqual([]);
      },
      20 * minutes,
    );

    it(
      "of Keycloak: sessions go on, passwords hold",
      async () => {
        const alice = await walk().person("alice");
        await alice.openPortal();
        await replacePod(namespaces.identity, "keycloak");
        await answered(`${walk().access.issuerUrl}/.well-known/openid-configuration`);
        expect(await alice.portal.renewTokens()).toBe(true);
        expect(await alice.openPortal()).toBe("portal");
        await logInAnew("bob");
      },
      20 * minutes,
    );

    it(
      "of the store: objects and policies are there, keys that people hold still open them",
      async () => {
        const { store } = walk();
        const alice = await walk().person("alice");
        await alice.openPortal();
        const keys = await store.credentials(alice.token("onyxia-minio"));
        await store.send(keys, { method: "PUT", bucket: "user-alice" });
        await alice.portal.upload("user-alice", "before.txt", "before the store went");
        await replacePod(namespaces.objectStore, "object-store");
        await answered(`https://${walk().platform.hosts.objectStore}/minio/health/live`);
        const read = await store.send(keys, { method: "GET", bucket: "user-alice", key: "before.txt" });
        expectAnswer("object store, alice's object with keys from before", read, { status: 200 });
        expect(read.text).toBe("before the store went");
        const other = await store.send(keys, { method: "GET", bucket: "user-bob", query: "list-type=2" });
        expectAnswer("object store, bob's bucket", other, { status: 403, code: "AccessDenied" });
        await alice.portal.download("user-alice", "before.txt");
        await alice.openPortal();
        await alice.portal.upload("user-alice", "after.txt", "x");
      },
      20 * minutes,
    );

    it(
      "of the database: users, passwords and sessions are there",
      async () => {
        const alice = await walk().person("alice");
        await alice.openPortal();
        await replacePod(namespaces.identity, "keycloak-database");
        // Each connection that Keycloak had open costs one request, which ends in 500.
        await until("Keycloak with its database", AbortSignal.timeout(5 * minutes), () => alice.portal.renewTokens());
        expect(await alice.openPortal()).toBe("portal");
        await logInAnew("alice");
        await logInAnew("bob");
      },
      20 * minutes,
    );
  });
}
