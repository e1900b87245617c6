/** The policy, the server's settings and the setup script, on a real MinIO-compatible server. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { ensureMinio } from "../../testbed/minio/minio.ts";
import { accessModel, homeOf } from "../../components/access/access-model.ts";
import { hostsOf } from "../../components/names.ts";
import { ownBucketPolicy, type PolicyDocument } from "../../components/object-store/bucket-policy.ts";
import {
  secretEnvironment,
  serverArguments,
  serverEnvironment,
  serverStatefulSet,
} from "../../components/object-store/server.ts";
import { minioSettings } from "../../components/object-store/settings.ts";
import { setupScript } from "../../components/object-store/setup-job.ts";
import { RunningObjectStore } from "../support/object-store.ts";
import type { Outcome } from "../support/started-program.ts";
import { login, S3Client, type S3Credentials } from "../support/s3-requests.ts";
import { TokenIssuer } from "../support/token-issuer.ts";

const domain = "example.org";
const access = accessModel({ domain, realm: "datalab" });
const bucketOf = (username: string) => homeOf(access, username).bucket;
const settings = minioSettings.parse({ kind: "minio", credentialsLifetime: "2h" });
const secrets = {
  rootUser: "root-of-this-test",
  rootPassword: "password-of-this-test",
  tokenSecret: "secret-of-this-test",
};
const root = `${secrets.rootUser}:${secrets.rootPassword}`;

// A busy machine starts programs slowly.
jest.setTimeout(60_000);

let issuer: TokenIssuer;
let store: RunningObjectStore;

beforeAll(async () => {
  const programs = await ensureMinio();
  issuer = await TokenIssuer.start();
  const inputs = {
    hosts: hostsOf({ domain }),
    access,
    realm: { issuerUrl: issuer.url },
    publicHosts: { clusterIp: undefined, caBundle: undefined, ingress: { namespace: "ingress", podHttpsPort: 8443 } },
    settings,
  };
  store = await RunningObjectStore.start(programs, {
    args: serverArguments(settings),
    environment: { ...serverEnvironment(inputs), ...secretValues() },
  });
  const { ready, live } = probesOf(serverStatefulSet(inputs));
  await store.waitFor(live, 200);
  readyBeforeRealm = await store.probe(ready);
  issuer.open();
  await store.waitFor(ready, 200);
  const outcome = await setUp(ownBucketPolicy(access));
  if (outcome.code !== 0) throw new Error(outcome.output);
}, 900_000);

afterAll(async () => {
  // They are missing if the programs could not be had: that error is the one to show.
  await (store as RunningObjectStore | undefined)?.stop();
  await (issuer as TokenIssuer | undefined)?.stop();
});

let readyBeforeRealm: number;

describe("a server that is starting", () => {
  it("is not ready before the realm has handed out its keys", () => {
    expect(readyBeforeRealm).toBe(503);
  });
});

describe("the setup script", () => {
  it("stores the very policy, and changes nothing when it runs again", async () => {
    const policy = ownBucketPolicy(access);
    const first = await storedPolicy();
    expect(first).toEqual(normalized(policy));
    expect(await setUp(policy)).toMatchObject({ code: 0 });
    expect(await storedPolicy()).toEqual(first);
  });

  it("brings a changed policy up to date", async () => {
    const shared = ownBucketPolicy(access, { publicSharing: true });
    expect(await setUp(shared)).toMatchObject({ code: 0 });
    expect(await storedPolicy()).toEqual(normalized(shared));
    expect(await setUp(ownBucketPolicy(access))).toMatchObject({ code: 0 });
  });

  it("fails with a wrong password, and with a policy that the server does not understand", async () => {
    expect((await setUp(ownBucketPolicy(access), "wrong-password")).code).not.toBe(0);
    const misspelt = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["s3:GetObjekt"] }] };
    expect((await setUp(misspelt as unknown as PolicyDocument)).code).not.toBe(0);
  });
});

describe("a login", () => {
  it("yields credentials that live as long as the settings say, however long the caller wants them", async () => {
    for (const asked of ["900", "31536000"]) {
      const { credentials } = await login(store.endpoint, tokenOf("ada"), { DurationSeconds: asked });
      const seconds = ((credentials?.expiration.getTime() ?? 0) - Date.now()) / 1000;
      expect(Math.abs(seconds - 7200)).toBeLessThan(60);
    }
  });

  const refused: Readonly<Record<string, () => string>> = {
    "for another audience": () => issuer.token({ ...claimsOf("ada"), aud: "onyxia", azp: "onyxia" }),
    "whose content was changed": () => {
      const [header, , signature] = tokenOf("ada").split(".");
      return [header, tokenOf("eve").split(".")[1], signature].join(".");
    },
    "that has expired": () => issuer.token({ ...claimsOf("ada"), exp: Math.floor(Date.now() / 1000) - 60 }),
    "that names no policy": () => tokenWithout(access.objectStore.policyClaim),
    "that names an unknown policy": () => issuer.token({ ...claimsOf("ada"), policy: "everything" }),
    "that its bearer signed with the client's empty secret": () =>
      issuer.forgedToken(claimsOf("ada"), access.objectStore.clientId, ""),
    "without a signature": () => issuer.unsignedToken(claimsOf("ada")),
  };
  it.each(Object.entries(refused))("is refused with a token %s", async (_, token) => {
    const answer = await login(store.endpoint, token());
    expect(answer.credentials).toBeUndefined();
    expect(answer.status).toBe(400);
  });
});

describe("a user", () => {
  it("creates, fills, lists, reads and deletes the own bucket", async () => {
    const ada = await clientOf("ada");
    const bucket = `/${bucketOf("ada")}`;
    expect(await statusOf(ada.send("PUT", bucket))).toBe(200);
    expect(await statusOf(ada.send("GET", `${bucket}?location`))).toBe(200);
    expect(await statusOf(ada.send("PUT", `${bucket}/notes/a%20b.txt`, "hello"))).toBe(200);
    expect(await ada.send("GET", `${bucket}/notes/a%20b.txt`)).toMatchObject({ status: 200, text: "hello" });
    const list = await ada.send("GET", `${bucket}?list-type=2&prefix=notes%2F`);
    expect(list.text).toContain("<Key>notes/a b.txt</Key>");
    expect(await statusOf(ada.send("DELETE", `${bucket}/notes/a%20b.txt`))).toBe(204);
    expect(await statusOf(ada.send("DELETE", bucket))).toBe(204);
  });

  it("keeps versions, and deletes single ones", async () => {
    const ada = await clientOf("versions");
    const bucket = `/${bucketOf("versions")}`;
    const enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    expect(await statusOf(ada.send("PUT", bucket))).toBe(200);
    expect(await statusOf(ada.send("PUT", `${bucket}?versioning`, enable))).toBe(200);
    const versions: string[] = [];
    for (const content of ["one", "two"]) {
      const { headers } = await ada.send("PUT", `${bucket}/file`, content);
      versions.push(headers.get("x-amz-version-id") ?? "");
    }
    const [first = "", second = ""] = versions;
    expect((await ada.send("GET", `${bucket}?versions`)).text).toContain(first);
    expect(await ada.send("GET", `${bucket}/file?versionId=${first}`)).toMatchObject({ status: 200, text: "one" });
    expect(await statusOf(ada.send("DELETE", `${bucket}/file?versionId=${second}`))).toBe(204);
    expect(await ada.send("GET", `${bucket}/file`)).toMatchObject({ status: 200, text: "one" });
  });

  it("uploads in parts", async () => {
    const ada = await clientOf("parts");
    const file = `/${bucketOf("parts")}/file`;
    await ada.send("PUT", `/${bucketOf("parts")}`);
    const { text } = await ada.send("POST", `${file}?uploads=`);
    const upload = /<UploadId>([^<]+)</.exec(text)?.[1] ?? "";
    const part = await ada.send("PUT", `${file}?partNumber=1&uploadId=${upload}`, "part");
    const tag = part.headers.get("etag") ?? "";
    expect(await statusOf(ada.send("GET", `${file}?uploadId=${upload}`))).toBe(200);
    const parts = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${tag}</ETag></Part></CompleteMultipartUpload>`;
    expect(await statusOf(ada.send("POST", `${file}?uploadId=${upload}`, parts))).toBe(200);
    expect(await ada.send("GET", file)).toMatchObject({ status: 200, text: "part" });
  });

  it("is kept out of every other bucket, and is not told which there are", async () => {
    const bob = await clientOf("bob");
    const theirs = `/${bucketOf("bob")}`;
    await bob.send("PUT", theirs);
    await bob.send("PUT", `${theirs}/secret`, "secret");
    // A name that begins like the other's opens nothing.
    for (const name of ["eve", "bo", "bob-2"]) {
      const eve = await clientOf(name);
      const attempts: [string, string, string?][] = [
        ["GET", `${theirs}?list-type=2`],
        ["GET", `${theirs}/secret`],
        ["PUT", `${theirs}/secret`, "mine"],
        ["DELETE", `${theirs}/secret`],
        ["DELETE", theirs],
        ["PUT", "/another-bucket"],
        ["PUT", `/${bucketOf("nobody")}`],
      ];
      for (const [method, path, body] of attempts) {
        expect([name, method, path, await statusOf(eve.send(method, path, body))]).toEqual([name, method, path, 403]);
      }
      expect((await eve.send("GET", "/")).text).not.toContain(theirs.slice(1));
    }
    expect(await bob.send("GET", `${theirs}/secret`)).toMatchObject({ status: 200, text: "secret" });
  });

  it("opens nothing with a token that carries no username", async () => {
    const nobody = await clientWith(tokenWithout(access.claims.username));
    for (const bucket of [bucketOf(""), bucketOf("ada"), bucketOf("").replace("-", "")]) {
      expect(await statusOf(nobody.send("PUT", `/${bucket}`))).not.toBe(200);
    }
  });

  it("gains nothing by naming a policy or a role in the request", async () => {
    const everything = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] }],
    });
    const wishes: Record<string, string>[] = [
      { Policy: everything },
      { RoleArn: "arn:minio:iam:::role/consoleAdmin", RoleSessionName: "ada" },
      { policy: "consoleAdmin" },
    ];
    for (const wish of wishes) {
      const ada = await clientWith(tokenOf("ada"), wish);
      expect(await statusOf(ada.send("PUT", "/another-bucket"))).toBe(403);
    }
  });

  it("cannot open the own bucket to everybody unless the settings allow it", async () => {
    const bucket = bucketOf("carol");
    const open = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: ["*"] },
          Action: ["s3:GetObject"],
          Resource: [`arn:aws:s3:::${bucket}/*`],
        },
      ],
    });
    const carol = await clientOf("carol");
    await carol.send("PUT", `/${bucket}`);
    expect(await statusOf(carol.send("PUT", `/${bucket}?policy`, open))).toBe(403);
    await setUp(ownBucketPolicy(access, { publicSharing: true }));
    expect(await statusOf(carol.send("PUT", `/${bucket}?policy`, open))).toBe(204);
    await setUp(ownBucketPolicy(access));
  });

  it("may not administer the server, nor make keys that outlive the login", async () => {
    const { accessKey, secretKey, sessionToken } = await credentialsOf(tokenOf("ada"));
    const ada = `${accessKey}:${secretKey}:${sessionToken}`;
    const commands = [
      ["admin", "info", "store"],
      ["admin", "policy", "list", "store"],
      ["admin", "user", "list", "store"],
      ["admin", "config", "get", "store", "identity_openid"],
      ["admin", "accesskey", "create", "store/"],
    ];
    for (const command of commands) {
      // The same command must work for the account that may do it, or the refusal would prove nothing.
      expect([...command, await store.client(root, ...command)]).toEqual([
        ...command,
        expect.objectContaining({ code: 0 }),
      ]);
      const refusal = await store.client(ada, ...command);
      expect(refusal.code).not.toBe(0);
      expect(refusal.output).toMatch(/access denied/i);
    }
  });
});

describe("a web page", () => {
  const preflight = (origin: string) =>
    fetch(`${store.endpoint}/${bucketOf("ada")}/file`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "PUT", "access-control-request-headers": "authorization" },
    });

  it("may send requests if it is the portal's", async () => {
    const answer = await preflight(`https://${hostsOf({ domain }).portal}`);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://datalab.example.org");
    expect(answer.headers.get("access-control-allow-methods")).toContain("PUT");
  });

  it.each(["https://evil.example.com", "https://user-eve.lab.example.org", "https://datalab.example.org.evil.com"])(
    "may not if it is %s",
    async (origin) => {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
    },
  );
});

/** What the Secret would hold, under the variables that the pods read it from. */
function secretValues(): Record<string, string> {
  return Object.fromEntries(Object.entries(secretEnvironment).map(([variable, key]) => [variable, secrets[key]]));
}

function claimsOf(username: string): Record<string, unknown> {
  return {
    sub: `id-of-${username}`,
    aud: access.objectStore.audience,
    azp: access.objectStore.clientId,
    [access.claims.username]: username,
    [access.objectStore.policyClaim]: access.objectStore.policyName,
  };
}

function tokenOf(username: string): string {
  return issuer.token(claimsOf(username));
}

function tokenWithout(claim: string): string {
  return issuer.token(Object.fromEntries(Object.entries(claimsOf("ada")).filter(([name]) => name !== claim)));
}

async function credentialsOf(token: string, parameters: Record<string, string> = {}): Promise<S3Credentials> {
  const answer = await login(store.endpoint, token, { DurationSeconds: "3600", ...parameters });
  if (answer.credentials === undefined) throw new Error(answer.text);
  return answer.credentials;
}

async function clientWith(token: string, parameters?: Record<string, string>): Promise<S3Client> {
  return new S3Client(store.endpoint, settings.region, await credentialsOf(token, parameters));
}

function clientOf(username: string): Promise<S3Client> {
  return clientWith(tokenOf(username));
}

async function statusOf(answer: Promise<{ readonly status: number }>): Promise<number> {
  return (await answer).status;
}

function setUp(policy: PolicyDocument, password = secrets.rootPassword): Promise<Outcome> {
  return store.script(setupScript, {
    ROOT_USER: secrets.rootUser,
    ROOT_PASSWORD: password,
    STORE: store.endpoint.replace("http://", ""),
    POLICY_NAME: access.objectStore.policyName,
    POLICY_FILE: store.file("policy.json", JSON.stringify(policy)),
  });
}

/** The policy as the server keeps it. */
async function storedPolicy(): Promise<unknown> {
  const { output } = await store.client(
    root,
    "--json",
    "admin",
    "policy",
    "info",
    "store",
    access.objectStore.policyName,
  );
  const { policyInfo } = JSON.parse(output) as { policyInfo: { Policy: PolicyDocument } };
  return normalized(policyInfo.Policy);
}

/** Servers keep actions as sets. */
function normalized(policy: PolicyDocument): unknown {
  return policy.Statement.map((statement) => ({ ...statement, Action: statement.Action.toSorted() }));
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

function probesOf(set: unknown): { ready: string; live: string } {
  const { spec } = set as {
    spec: { template: { spec: { containers: { readinessProbe: Probe; livenessProbe: Probe }[] } } };
  };
  const container = spec.template.spec.containers[0]!;
  return { ready: container.readinessProbe.httpGet.path, live: container.livenessProbe.httpGet.path };
}
