/**
 * A private index of packages: the real server on a real MinIO-compatible store, with the environment of the pods and the
 * bucket, policy and account of the store's Job; people's own twine, pip and uv before it, by HTTPS.
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { accessModel } from "../../components/access/access-model.ts";
import { secretEnvironment, serverArguments } from "../../components/object-store/server.ts";
import { minioSettings } from "../../components/object-store/settings.ts";
import { packagesBucket as bucket } from "../../components/packages/names.ts";
import { packageIndexOf } from "../../components/packages/package-index.ts";
import { pypironSettings } from "../../components/packages/settings.ts";
import { environmentVariables } from "../../components/portal/schemas/environment-variables.ts";
import { ensureMinio } from "../../testbed/minio/minio.ts";
import { ensurePackageClients, ensurePypiron, type PackageClients } from "../../testbed/packages/packages.ts";
import { issue, makeAuthority, validNow } from "../support/certificate-maker.ts";
import { forward, Front } from "../support/front.ts";
import { RunningObjectStore } from "../support/object-store.ts";
import { type Outcome, outcomeOf } from "../support/started-program.ts";
import { passwords, podVariables, RunningPackageServer, setUpPackages } from "../support/package-index.ts";
import { type Relay, startRelay } from "../support/relay.ts";
import { TokenIssuer } from "../support/token-issuer.ts";

// A busy machine starts programs slowly.
jest.setTimeout(120_000);

const domain = "example.org";
const root = { user: "root-of-this-test", password: "password-of-this-test" };
const bucketKey = "KeyOfThisTest0123456789";
const settings = pypironSettings.parse({ engine: "pypiron", privatePrefix: "demo", mirror: {} });
const ready = "/ready";
const page = readFileSync(join(import.meta.dirname, "../../docs/packages.md"), "utf8");

const folder = mkdtempSync(join(tmpdir(), "datalab-packages-"));
const trust = join(folder, "ca.crt");

let issuer: TokenIssuer;
let store: RunningObjectStore;
let relay: Relay;
let front: Front;
let clients: PackageClients;
/** Two pods. */
let servers: [RunningPackageServer, RunningPackageServer];
let index: NonNullable<ReturnType<typeof packageIndexOf>>;
let pypiron: string;
let serverVariables: Record<string, string>;

beforeAll(async () => {
  const programs = await ensureMinio();
  pypiron = await ensurePypiron();
  clients = await ensurePackageClients();

  issuer = await TokenIssuer.start();
  issuer.open();
  store = await startStore(programs);
  await store.waitFor("/minio/health/cluster/read", 200);
  const made = await setUp();
  if (made.code !== 0) throw new Error(made.output);
  relay = await startRelay(store.endpoint);

  front = await Front.start();
  const authority = await makeAuthority("Test");
  writeFileSync(trust, authority.certificate);
  front.behaviour.certificates.set("localhost", await issue(authority, { names: ["localhost"], ...validNow }));

  await makeUpstream();
  serverVariables = {
    ...podVariables(settings, relay.url.replace("https", "http"), bucketKey, "in the file"),
    PYPIRON_UPSTREAM_CA_CERT: trust,
    PYPIRON_PROXY_UPSTREAM: `https://localhost:${front.httpsPort}/upstream`,
    // The list of malicious packages is on the internet.
    PYPIRON_ADVISORY_FEED: "",
  };
  const [a, b] = await Promise.all(
    ["a", "b"].map((name) => RunningPackageServer.start(pypiron, serverVariables, join(folder, name))),
  );
  servers = [a!, b!];
  for (const server of servers) await server.waitFor(ready, 200);
  const address = `https://localhost:${front.httpsPort}`;
  index = packageIndexOf(settings, address)!;
  front.behaviour.routes.set("localhost", (call, answer) => {
    serve(call, answer);
  });
}, 900_000);

afterAll(async () => {
  // They are missing if the programs could not be had: that error is the one to show.
  for (const server of (servers as RunningPackageServer[] | undefined) ?? []) await server.stop();
  await (front as Front | undefined)?.stop();
  await (relay as Relay | undefined)?.close();
  await (store as RunningObjectStore | undefined)?.stop();
  await (issuer as TokenIssuer | undefined)?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("the store's Job", () => {
  it("changes nothing when it runs again, and brings a changed key up to date", async () => {
    expect(await setUp()).toMatchObject({ code: 0 });
    const other = "AnotherKeyOfThisTest0123";
    expect(await setUp(other)).toMatchObject({ code: 0 });
    expect(await asService("ls", `store/${bucket}`)).not.toMatchObject({ code: 0 });
    expect(await setUp()).toMatchObject({ code: 0 });
    expect(await asService("ls", `store/${bucket}`)).toMatchObject({ code: 0 });
  });

  it("opens this bucket to the account, and nothing else", async () => {
    expect(await asRoot("mb", "store/user-ada")).toMatchObject({ code: 0 });
    for (const command of [
      ["ls", "store/user-ada"],
      ["mb", "store/another"],
      ["anonymous", "set", "public", `store/${bucket}`],
      ["version", "suspend", `store/${bucket}`],
      ["admin", "user", "list", "store"],
      ["admin", "accesskey", "create", "store/"],
    ]) {
      const refusal = await asService(...command);
      expect({ command, code: refusal.code !== 0, output: /denied/i.test(refusal.output) }).toEqual({
        command,
        code: true,
        output: true,
      });
    }
  });
});

describe("the example of the page", () => {
  it("is built, published, installed and imported as it is written there", async () => {
    const [build = "", upload = "", install = ""] = blocks();
    expect(await shell(build)).toMatchObject({ code: 0 });
    const publisher = upload
      .split("\n")
      .filter((line) => !line.includes("kubectl"))
      .join("\n");
    expect(publisher).toContain("twine upload");
    const login = { TWINE_PASSWORD: passwords.publisher };
    expect(await shell(publisher, { cwd: join(folder, "demo-pkg"), ...login })).toMatchObject({ code: 0 });
    const installed = await shell(install, { PIP_TARGET: join(folder, "by-page") });
    expect(installed.output).toContain("hello from demo-pkg");
  });
});

describe("publishing", () => {
  const dist = () => join(folder, "demo-pkg/dist");

  it("is refused with a wrong password", async () => {
    for (const password of ["wrong", passwords.publisher.slice(1)]) {
      const { code, output } = await upload(dist(), password);
      expect({ failed: code !== 0, output }).toEqual({ failed: true, output: expect.stringMatching(/401|403/) });
    }
  });

  it("is refused for a file that is there already, were it the same", async () => {
    const { code, output } = await upload(dist());
    expect({ failed: code !== 0, output }).toEqual({ failed: true, output: expect.stringContaining("409") });
  });

  it("is refused for a name outside the prefix, which nobody finds afterwards", async () => {
    const { code, output } = await upload(await built("other-pkg", "1.0.0"));
    expect({ failed: code !== 0, output }).toEqual({ failed: true, output: expect.stringContaining("403") });
    expect((await fetchIndex("other-pkg")).status).toBe(404);
  });

  it("is refused for a file of more than a gibibyte, before it is sent", async () => {
    const call = post({ "content-length": String(1024 ** 3 + 1024 ** 2) });
    call.flushHeaders();
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(413);
    call.destroy();
  });

  it("is refused after five wrong passwords, at that address alone, even with the right one", async () => {
    const status = async (address: string, password: string) => {
      const headers = { "content-length": "0", "x-forwarded-for": address };
      const call = post({ ...headers, authorization: basic(password) }).end();
      const [answer] = (await once(call, "response")) as [IncomingMessage];
      return answer.resume().statusCode;
    };
    const guesses = [1, 2, 3, 4, 5].map((number) => `guess ${number}`);
    for (const guess of guesses) expect([401, 403]).toContain(await status("192.0.2.50", guess));
    expect(await status("192.0.2.50", passwords.publisher)).toBe(429);
    // It lacks everything else that an upload has.
    expect(await status("192.0.2.51", passwords.publisher)).toBe(400);
  });

  it.each([0.5, 1])("leaves nothing half-done when the pod is killed with %d of it sent", async (share) => {
    const name = `demo-killed-${share * 10}`;
    const dist = await built(name, "1.0.0", 32);
    const [file = ""] = readdirSync(dist);
    const { body, type } = await uploadForm(name, join(dist, file));
    const pod = await RunningPackageServer.start(pypiron, serverVariables, join(folder, name));
    await pod.waitFor(ready, 200);
    const headers = {
      "content-type": type,
      "content-length": String(body.length),
      authorization: basic(passwords.publisher),
    };
    const call = post(headers, pod.endpoint);
    const ended = once(call, "error");
    await new Promise((resolve) => call.write(body.subarray(0, body.length * share), resolve));
    await pod.stop();
    await ended;
    for (const server of servers) expect(await server.probe(`/simple/${name}/`)).toBe(404);
    expect((await asRoot("ls", "--incomplete", "--recursive", `store/${bucket}`)).output).toBe("");
    expect(await verified()).toEqual({ code: 0, output: expect.stringMatching(/0 divergence/) });
    expect(await upload(dist)).toMatchObject({ code: 0 });
    expect(await verified()).toEqual({ code: 0, output: expect.stringMatching(/0 divergence/) });
  });

  it("is refused for a file that the pod has no room for, and leaves nothing of it", async () => {
    const disk = join(folder, "small");
    const small = join(folder, "small-disk.sh");
    const run = `mount -t tmpfs -o size=8m small ${disk} && exec ${pypiron} "$@"`;
    writeFileSync(small, `#!/bin/sh\nexec unshare --mount sh -c '${run}' sh "$@"\n`, { mode: 0o755 });
    const pod = await RunningPackageServer.start(small, serverVariables, disk);
    try {
      await pod.waitFor(ready, 200);
      const dist = await built("demo-large", "1.0.0", 32);
      const { code, output } = await upload(dist, passwords.publisher, `${pod.endpoint}/legacy/`);
      expect({ failed: code !== 0, output }).toEqual({ failed: true, output: expect.stringMatching(/50[037]/) });
      expect(await pod.probe("/health")).toBe(200);
      expect(await pod.probe("/simple/demo-large/")).toBe(404);
      expect(
        await upload(await built("demo-small", "1.0.0"), passwords.publisher, `${pod.endpoint}/legacy/`),
      ).toMatchObject({ code: 0 });
    } finally {
      await pod.stop();
    }
    expect(await verified()).toEqual({ code: 0, output: expect.stringMatching(/0 divergence/) });
  });

  it("is seen by the other pod at once", async () => {
    expect(await upload(await built("demo-second", "1.0.0"))).toMatchObject({ code: 0 });
    for (const server of servers) expect(await server.probe("/simple/demo-second/")).toBe(200);
  });
});

describe("installing", () => {
  it("never takes a public package of a private name, whatever its version", async () => {
    const target = join(folder, "public");
    // Or the rest would prove nothing.
    const there = await pip(target, { PIP_INDEX_URL: `https://localhost:${front.httpsPort}/upstream/simple/` });
    expect(there).toMatchObject({ code: 0 });
    expect(versionIn(target)).toBe("9.9.9");
    for (const [name, install] of Object.entries({ pip, uv })) {
      const own = join(folder, `own-${name}`);
      expect(await install(own, launchVariables())).toMatchObject({ code: 0 });
      expect([name, versionIn(own)]).toEqual([name, "1.0.0"]);
    }
  });

  it("takes a public package through the same index, and none that is younger than the settings allow", async () => {
    const target = join(folder, "through");
    expect(await pip(target, launchVariables(), "public-thing")).toMatchObject({ code: 0 });
    expect(versionIn(target, "public_thing")).toBe("1.0.0");
  });

  it("is refused without the platform's authority", async () => {
    const { code, output } = await pip(join(folder, "untrusted"), { ...launchVariables(), ...noTrust });
    expect({ failed: code !== 0, output }).toEqual({ failed: true, output: expect.stringMatching(/certificate/i) });
  });
});

describe("what is kept", () => {
  it("is in the bucket, and nothing on a pod's disk", async () => {
    const { output } = await asService("ls", "--recursive", `store/${bucket}`);
    expect(output).toMatch(/packages\/demo-pkg\/demo_pkg-1\.0\.0-py3-none-any\.whl\n/);
    expect(output).toMatch(/packages\/demo-pkg\/demo_pkg-1\.0\.0\.tar\.gz\n/);
    expect(servers.flatMap((server) => server.files())).toEqual([]);
  });

  it("agrees with the index", async () => {
    expect(await verified()).toEqual({ code: 0, output: expect.stringMatching(/0 divergence/) });
  });

  it("can be taken away: a copy of the bucket is all that plain pip needs", async () => {
    const copy = join(folder, "copy");
    expect(await asService("mirror", `store/${bucket}`, copy)).toMatchObject({ code: 0 });
    const target = join(folder, "from-copy");
    const links = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: join(copy, "packages/demo-pkg") };
    expect(await pip(target, links)).toMatchObject({ code: 0 });
    expect(versionIn(target)).toBe("1.0.0");
  });
});

describe("a bucket that was lost", () => {
  it("is filled from the copy, and gets its index again from the files", async () => {
    const copy = join(folder, "copy");
    expect(await asRoot("rm", "--recursive", "--force", `store/${bucket}`)).toMatchObject({ code: 0 });
    // The servers hold what they have read for a second.
    for (const server of servers) await server.waitFor("/simple/demo-pkg/", 404);
    expect(await asRoot("mirror", "--preserve", "--overwrite", copy, `store/${bucket}`)).toMatchObject({ code: 0 });
    expect(await program(pypiron, ["rebuild-index"], serverVariables)).toMatchObject({ code: 0 });
    for (const server of servers) await server.waitFor("/simple/demo-pkg/", 200);
    const target = join(folder, "restored");
    expect(await pip(target, launchVariables())).toMatchObject({ code: 0 });
    expect(versionIn(target)).toBe("1.0.0");
  });
});

describe("a pod", () => {
  it("is not ready without the store, lives on, and comes back with it", async () => {
    relay.cut();
    for (const server of servers) await server.waitFor(ready, 503);
    expect(await servers[0].probe("/health")).toBe(200);
    const refused = await upload(await built("demo-third", "1.0.0"));
    expect({ failed: refused.code !== 0, output: refused.output }).toEqual({
      failed: true,
      output: expect.stringContaining("503"),
    });
    relay.mend();
    for (const server of servers) await server.waitFor(ready, 200);
    expect(await servers[0].probe("/simple/demo-third/")).toBe(404);
    expect(await upload(await built("demo-third", "1.0.0"))).toMatchObject({ code: 0 });
  });
});

/** What the CronJob runs. The leader writes what is new into its index a moment later, and says so until then. */
async function verified(): Promise<Outcome> {
  const environment = Object.fromEntries(
    Object.entries(serverVariables).filter(([variable]) => !/_PASS$|_USER$/.test(variable)),
  );
  const ask = () => program(pypiron, ["verify-index", "--deep"], environment);
  const end = Date.now() + 60_000;
  let outcome = await ask();
  while (outcome.output.includes("pending") && Date.now() < end) outcome = await ask();
  return outcome;
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`publisher:${password}`).toString("base64")}`;
}

/** An upload that is written by hand. */
function post(headers: OutgoingHttpHeaders, to = servers[0].endpoint): ClientRequest {
  return request(`${to}/legacy/`, {
    method: "POST",
    headers: { authorization: basic(passwords.publisher), ...headers },
  });
}

/** What twine sends of a wheel. @see https://docs.pypi.org/api/upload/ */
async function uploadForm(name: string, file: string): Promise<{ body: Buffer; type: string }> {
  const content = readFileSync(file);
  const form = new FormData();
  const fields = { ":action": "file_upload", protocol_version: "1", metadata_version: "2.1", name, version: "1.0.0" };
  const wheel = { filetype: "bdist_wheel", pyversion: "py3", sha256_digest: sha256(content) };
  for (const [field, value] of Object.entries({ ...fields, ...wheel })) form.append(field, value);
  form.append("content", new File([content], basename(file)));
  const message = new Request("http://localhost", { method: "POST", body: form });
  return { body: Buffer.from(await message.arrayBuffer()), type: message.headers.get("content-type") ?? "" };
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function startStore(programs: Awaited<ReturnType<typeof ensureMinio>>): Promise<RunningObjectStore> {
  const minio = minioSettings.parse({ kind: "minio" });
  const values = { rootUser: root.user, rootPassword: root.password, tokenSecret: "secret-of-this-test" };
  return RunningObjectStore.start(programs, {
    args: serverArguments(minio),
    environment: {
      MINIO_BROWSER: "off",
      MINIO_SITE_REGION: minio.region,
      ...Object.fromEntries(
        Object.entries(secretEnvironment)
          .filter(([variable]) => variable.startsWith("MINIO_ROOT"))
          .map(([variable, key]) => [variable, values[key]]),
      ),
    },
  });
}

function setUp(key = bucketKey): Promise<Outcome> {
  return setUpPackages(store, accessModel({ domain, realm: "datalab" }), root, key);
}

function asService(...args: readonly string[]): Promise<Outcome> {
  return store.client(`${bucket}:${bucketKey}`, ...args);
}

function asRoot(...args: readonly string[]): Promise<Outcome> {
  return store.client(`${root.user}:${root.password}`, ...args);
}

const upstream = new Map<string, readonly { readonly file: string; readonly uploaded: Date }[]>();
let turn = 0;

/** A public index that knows a package of a private name, and one whose newest version is of today. */
async function makeUpstream(): Promise<void> {
  const long = new Date(Date.now() - 60 * 86_400_000);
  const wheel = async (name: string, version: string) => {
    const dist = await built(name, version);
    return join(dist, readdirSync(dist).find((file) => file.endsWith(".whl")) ?? "");
  };
  upstream.set("demo-pkg", [{ file: await wheel("demo-pkg", "9.9.9"), uploaded: long }]);
  upstream.set("public-thing", [
    { file: await wheel("public-thing", "1.0.0"), uploaded: long },
    { file: await wheel("public-thing", "2.0.0"), uploaded: new Date() },
  ]);
}

/** The way to the pods in turn, and to the public index. */
function serve(call: IncomingMessage, answer: ServerResponse): void {
  const path = (call.url ?? "").replace(/[?#].*/, "");
  const [, name = ""] = /^\/upstream\/simple\/([^/]+)\/$/.exec(path) ?? [];
  const [, file = ""] = /^\/upstream\/files\/(.+)$/.exec(path) ?? [];
  if (!path.startsWith("/upstream/")) {
    forward(servers[turn++ % servers.length]!.endpoint, call, answer);
    return;
  }
  const all = [...upstream.values()].flat();
  const found = all.find((each) => each.file.endsWith(`/${file}`));
  if (file !== "" && found !== undefined) answer.end(readFileSync(found.file));
  else if (upstream.has(name)) {
    answer.setHeader("content-type", "application/vnd.pypi.simple.v1+json");
    answer.end(JSON.stringify(projectOf(name)));
  } else answer.writeHead(404).end();
}

/** @see https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
function projectOf(name: string) {
  const files = (upstream.get(name) ?? []).map(({ file, uploaded }) => {
    const content = readFileSync(file);
    const filename = file.split("/").at(-1) ?? "";
    return {
      filename,
      url: `https://localhost:${front.httpsPort}/upstream/files/${filename}`,
      hashes: { sha256: sha256(content) },
      size: content.length,
      "upload-time": uploaded.toISOString(),
    };
  });
  const versions = files.map(({ filename }) => filename.split("-")[1]);
  return { meta: { "api-version": "1.1" }, name, versions, files };
}

/** Shell blocks of the page's example: build, publish, install. */
function blocks(): string[] {
  const example = page.slice(page.indexOf("## A first package"), page.indexOf("## How to"));
  return [...example.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = ""]) =>
    text.replaceAll("https://packages.<domain>", `https://localhost:${front.httpsPort}`),
  );
}

/** Makes a package of one module. @param mebibytes of what cannot be made smaller. @returns the folder with its files */
async function built(name: string, version: string, mebibytes = 0): Promise<string> {
  const place = join(folder, `${name}-${version}`);
  const dist = join(place, "dist");
  if (readdirSync(folder).includes(`${name}-${version}`)) return dist;
  mkdirSync(join(place, name.replaceAll("-", "_")), { recursive: true });
  const data = randomBytes((mebibytes * 1024 ** 2) / 2).toString("hex");
  writeFileSync(join(place, name.replaceAll("-", "_"), "__init__.py"), data === "" ? "" : `data = "${data}"\n`);
  const project = `[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "${name}"\nversion = "${version}"\n`;
  writeFileSync(join(place, "pyproject.toml"), project);
  const { code, output } = await shell("python3 -m build --wheel --no-isolation", { cwd: place });
  if (code !== 0) throw new Error(output);
  return dist;
}

function upload(
  dist: string,
  password: string = passwords.publisher,
  address = index.uploadUrl ?? "",
): Promise<Outcome> {
  return shell(`twine upload --non-interactive --disable-progress-bar ${dist}/*`, {
    TWINE_REPOSITORY_URL: address,
    TWINE_USERNAME: "publisher",
    TWINE_PASSWORD: password,
  });
}

/** What a launched service gets from the portal, under the settings of this test. */
function launchVariables(): Record<string, string> {
  const given = environmentVariables(false, index)["default"] as readonly { name: string; value: string }[];
  return Object.fromEntries(given.map(({ name, value }) => [name, value]));
}

/** In a service it is the bundle of all authorities. */
const trusted = { SSL_CERT_FILE: trust, REQUESTS_CA_BUNDLE: trust };
const noTrust = { SSL_CERT_FILE: "", REQUESTS_CA_BUNDLE: "" };

function pip(target: string, variables: Readonly<Record<string, string>>, name = "demo-pkg"): Promise<Outcome> {
  return shell(`pip install --no-cache-dir --retries 0 --target ${target} ${name}`, variables);
}

function uv(target: string, variables: Readonly<Record<string, string>>, name = "demo-pkg"): Promise<Outcome> {
  return shell(`uv pip install --no-cache --target ${target} ${name}`, variables);
}

function versionIn(target: string, module = "demo_pkg"): string | undefined {
  const found = readdirSync(target).find((name) => name.startsWith(`${module}-`));
  return /-([\d.]+)\.dist-info$/.exec(found ?? "")?.[1];
}

async function fetchIndex(name: string): Promise<Response> {
  return fetch(`${servers[0].endpoint}/simple/${name}/`);
}

/** A person's shell, with the programs that people have. */
function shell(script: string, more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const { cwd = folder, ...variables } = more;
  const path = [dirname(clients.uv), dirname(clients.python), "/usr/bin", "/bin"].join(delimiter);
  const target = variables["PIP_TARGET"];
  const modules = [clients.environment["PYTHONPATH"], target].filter((each) => each !== undefined).join(delimiter);
  const environment = { PATH: path, HOME: folder, ...trusted, ...variables, PYTHONPATH: modules };
  return program("sh", ["-euc", script], environment, cwd);
}

function program(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd = folder,
): Promise<Outcome> {
  const child = spawn(command, args, { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"], timeout: 100_000 });
  return outcomeOf(child);
}
