/** The object store: its logins, its policies. */
import { text } from "node:stream/consumers";

import { ownBucketPolicy, type PolicyDocument } from "../../../components/object-store/bucket-policy.ts";
import { access, hosts, setUpStore } from "../../support/doctor-servers.ts";
import { forward } from "../../support/front.ts";
import { type Break, type Breaks, nobodyListens, otherRoute } from "./break.ts";

/** A store whose logins get another policy. */
function otherPolicy(make: (own: PolicyDocument) => PolicyDocument): Break {
  return otherRoute(hosts.objectStore, async (bench) => {
    const store = await bench.startStore();
    await store.waitFor("/minio/health/cluster/read", 200);
    await setUpStore(store, make(ownBucketPolicy(access)));
    return store.endpoint;
  });
}

/** The platform's store, which gives no keys for longer than an hour, as a role of AWS by default. */
const refusesLongKeys: Break = (bench) => {
  const { routes } = bench.front.behaviour;
  const before = routes.get(hosts.objectStore)!;
  routes.set(hosts.objectStore, (call, answer) => {
    if (call.method !== "POST") {
      forward(bench.store.endpoint, call, answer);
      return;
    }
    text(call).then(
      (body) => {
        if (Number(new URLSearchParams(body).get("DurationSeconds")) <= 3600) {
          forward(bench.store.endpoint, call, answer, body);
          return;
        }
        const message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        answer.writeHead(400).end(`<Error><Code>ValidationError</Code><Message>${message}</Message></Error>`);
      },
      (error: unknown) => answer.destroy(error as Error),
    );
  });
  return Promise.resolve({
    mend: () => {
      routes.set(hosts.objectStore, before);
    },
  });
};

function allowed(Action: string[]): PolicyDocument["Statement"][number] {
  return { Sid: "TooMuch", Effect: "Allow", Action, Resource: ["arn:aws:s3:::*"] };
}

export const objectStore: Breaks = {
  "an object store that is down": {
    step: "object-store",
    hop: "ingress controller → object store",
    says: /answers 502/,
    cause: /no pod/,
    breaks: otherRoute(hosts.objectStore, () => Promise.resolve(nobodyListens)),
  },
  "an object store that cannot reach the realm": {
    step: "object-store",
    hop: "object store",
    says: /answers 503/,
    cause: /cannot reach or trust the realm/,
    breaks: otherRoute(hosts.objectStore, async (bench) => {
      const store = await bench.startStore({ MINIO_IDENTITY_OPENID_CONFIG_URL: `${nobodyListens}/configuration` });
      await store.waitFor("/minio/health/live", 200);
      return store.endpoint;
    }),
  },
  "an object store that lets other pages in (CORS)": {
    step: "cors",
    hop: "browser → object store",
    says: /does not allow PUT from https:\/\/datalab\.demo\.test/,
    cause: /allowed origins/,
    breaks: otherRoute(hosts.objectStore, async (bench) => {
      const store = await bench.startStore({ MINIO_API_CORS_ALLOW_ORIGIN: "https://elsewhere.test" });
      await store.waitFor("/minio/health/cluster/read", 200);
      return store.endpoint;
    }),
  },
  "a store without the policy": {
    step: "exchange",
    hop: "object store → Keycloak",
    says: /gives no keys for the token: 400/,
    cause: /does not know the policy/,
    breaks: otherRoute(hosts.objectStore, async (bench) => {
      const store = await bench.startStore();
      await store.waitFor("/minio/health/cluster/read", 200);
      return store.endpoint;
    }),
  },
  "a store that gives no keys for so long": {
    step: "exchange",
    hop: "object store → Keycloak",
    says: /gives no keys for the token: 400 ValidationError/,
    cause: /43200 s, for which every browser asks/,
    breaks: refusesLongKeys,
  },
  "a policy for other buckets": {
    step: "own-bucket",
    hop: "object store",
    says: /may not list s3:\/\/user-alice\/: 403 AccessDenied/,
    cause: /policy of the store is not the one/,
    breaks: otherPolicy(() => ownBucketPolicy({ ...access, home: { bucket: "x{username}", prefix: "" } })),
  },
  "a policy for all buckets": {
    step: "foreign-bucket",
    hop: "object store",
    says: /not refused s3:\/\/user-doctor-nobody\/: 404 NoSuchBucket/,
    cause: /wider than/,
    breaks: otherPolicy((own) => ({ ...own, Statement: [allowed(["s3:*"])] })),
  },
  "a policy for all objects, but not for the lists of them": {
    step: "foreign-bucket",
    hop: "object store",
    says: /not refused s3:\/\/user-doctor-nobody\/: 404/,
    cause: /wider than/,
    breaks: otherPolicy((own) => ({ ...own, Statement: [...own.Statement, allowed(["s3:GetObject"])] })),
  },
  "a policy that lets nobody write": {
    step: "write",
    hop: "object store",
    says: /s3:\/\/user-alice\/\.datalab-doctor-\w+ could not be written: 403 AccessDenied/,
    cause: /policy of the store is not the one/,
    breaks: otherPolicy((own) => ({
      ...own,
      Statement: own.Statement.map((statement) => ({
        ...statement,
        Action: statement.Action.filter((action) => action !== "s3:PutObject"),
      })),
    })),
  },
};
