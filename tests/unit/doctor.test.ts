/** The parts of the doctor that need no platform. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { constants, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { hostsOf } from "../../components/names.ts";
import type { Running } from "../../components/part.ts";
import { type Browser, elementText } from "../../commands/doctor/browser.ts";
import { doctor } from "../../commands/doctor/doctor.ts";
import { type Expectations, expectationsOf } from "../../commands/doctor/expectations.ts";
import { KubectlError } from "../../checks/kubectl/kubectl.ts";
import { networkFinding } from "../../commands/doctor/network-errors.ts";
import { parseOptions } from "../../commands/doctor/options.ts";
import { UsageError } from "../../commands/usage-error.ts";
import { readPassword } from "../../commands/doctor/password.ts";
import { isUsable, jsonOf, summaryOf, textOf } from "../../commands/doctor/print.ts";
import { type Result, runSteps } from "../../commands/doctor/runner.ts";
import { connectionOf, readSettings } from "../../commands/stack-file/connection.ts";
import { type Context, failed, passed, type Step, warning } from "../../commands/doctor/step.ts";
import { stepsFor } from "../../commands/doctor/steps/all.ts";
import { foreignBucketStep, ownBucketStep } from "../../commands/doctor/steps/buckets.ts";
import { certificateStep, connectionStep } from "../../commands/doctor/steps/certificates.ts";
import { clusterStep } from "../../commands/doctor/steps/cluster.ts";
import { differences } from "../../commands/doctor/steps/differences.ts";
import { exchangeStep } from "../../commands/doctor/steps/exchange.ts";
import { logoutStep } from "../../commands/doctor/steps/login.ts";
import { ingressAddress, nameStep } from "../../commands/doctor/steps/names.ts";
import { type Pod, podTrouble, recentRestart } from "../../checks/kubectl/pods.ts";
import { configurationStep } from "../../commands/doctor/steps/portal.ts";
import { clockStep } from "../../commands/doctor/steps/clock.ts";
import { redirectStep } from "../../commands/doctor/steps/redirects.ts";
import { rolloutOf, type WorkloadObject } from "../../commands/doctor/steps/rollouts.ts";
import { corsStep } from "../../commands/doctor/steps/store.ts";
import { fullest, volumeStep } from "../../commands/doctor/steps/volumes.ts";
import { workloadStep } from "../../commands/doctor/steps/workloads.ts";
import { writeStep } from "../../commands/doctor/steps/write.ts";
import { WebClient, type WebRequest } from "../../commands/doctor/web-client.ts";
import { pulumiIn } from "../../commands/stack-file/pulumi.ts";
import { parseSettings } from "../../stacks/settings/read.ts";
import type { Settings } from "../../stacks/settings/schemas.ts";
import { authority } from "../support/certificates.ts";

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "datalab-doctor-test-"));
  writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  datalab:platform:\n    domain: example.test\n");
  writeFileSync(join(project, "ca.crt"), authority);
  writeFileSync(join(project, "notes.txt"), "hello");
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

function problemsOf(...args: string[]): readonly string[] {
  try {
    parseOptions(args, project);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
}

describe("the command line", () => {
  it("gives defaults, and takes what is written", () => {
    expect(parseOptions(["-s", "dev"], project)).toEqual({
      stack: "dev",
      stackFile: join(project, "Pulumi.dev.yaml"),
      address: undefined,
      httpsPort: undefined,
      httpPort: undefined,
      authorities: undefined,
      user: undefined,
      write: false,
      json: false,
      timeout: 10,
      expiryDays: 14,
    });
    const args = ["--stack=somebody/datalab/dev", "--address", "192.0.2.1", "--https-port", "30443", "--timeout=3"];
    expect(parseOptions([...args, "--user", "ada", "--write", "--ca", join(project, "ca.crt")], project)).toMatchObject(
      {
        stackFile: join(project, "Pulumi.dev.yaml"),
        address: "192.0.2.1",
        httpsPort: 30_443,
        timeout: 3,
        user: "ada",
        write: true,
        authorities: authority,
      },
    );
    expect(parseOptions(["--help"], project)).toBe("help");
  });

  it("reports every mistake at once", () => {
    const args = ["--adress", "x", "--timeout", "0", "--https-port", "70000", "--write", "--json=yes"];
    const problems = problemsOf(...args, "--ca", join(project, "notes.txt"), "--address", "nowhere", "--user");
    for (const expected of [
      /^--adress is not an option, did you mean --address\?$/,
      /^"x" is not an option$/,
      /^--timeout must be a whole number from 1 to 600, not "0"$/,
      /^--https-port must be/,
      /^--json takes no value$/,
      /^--user needs a value$/,
      /^--ca .* does not hold certificates of an authority/,
      /^--address must be an IP address, not "nowhere"$/,
      /^-s <stack> is missing$/,
      /^--write needs --user/,
    ]) {
      expect(problems).toContainEqual(expect.stringMatching(expected));
    }
    expect(problems).toHaveLength(10);
  });

  it("does not take an option for the value of the one before it", () => {
    expect(problemsOf("-s", "dev", "--user", "--json")).toEqual(["--user needs a value, not --json"]);
  });

  it("names the stacks that there are", () => {
    expect(problemsOf("-s", "prd")).toEqual([
      expect.stringMatching(/there is no .*Pulumi\.prd\.yaml; stacks here: dev/),
    ]);
  });

  it("takes no password, and does not repeat it", () => {
    const problems = problemsOf("-s", "dev", "--user", "ada", "--password", "s3cret", "--password=s3cret");
    expect(problems[0]).toContain("DATALAB_PASSWORD");
    expect(problems.join("\n")).not.toContain("s3cret");
  });
});

describe("the password", () => {
  const surroundings = (environment: NodeJS.ProcessEnv, text: string) => {
    const input = new PassThrough();
    input.end(text);
    return { environment, input, errors: new PassThrough() };
  };

  it("comes from the environment, else from standard input", async () => {
    expect(await readPassword("ada", surroundings({ DATALAB_PASSWORD: "a b" }, "c"))).toBe("a b");
    expect(await readPassword("ada", surroundings({}, "c d\nsecond line\n"))).toBe("c d");
    await expect(readPassword("ada", surroundings({}, ""))).rejects.toThrow(UsageError);
  });

  it("is asked for on a terminal and not shown", async () => {
    const errors = new PassThrough();
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const answer = readPassword("ada", { environment: {}, input, errors });
    input.write("s3cret\r");
    expect(await answer).toBe("s3cret");
    expect((errors.read() as Buffer).toString()).toBe("Password of ada: \n");
  });
});

describe("the stack file", () => {
  const place = { environment: {} };

  it("is refused with every mistake, by the very rules of `pulumi up`", async () => {
    const errors = new PassThrough();
    const code = await doctor(["-s", "dev"], {
      project,
      environment: {},
      input: new PassThrough(),
      output: new PassThrough(),
      errors,
    });
    expect(code).toBe(2);
    const text = (errors.read() as Buffer).toString();
    expect(text).toContain("datalab:cluster.kind");
    expect(text).toContain("datalab:ingress.kind");
  });

  it("needs the Pulumi CLI only for secrets, and says what that says", async () => {
    const stackFile = join(project, "Pulumi.secret.yaml");
    writeFileSync(stackFile, "config:\n  datalab:cluster:\n    kubeconfig:\n      secure: v1:abc\n");
    const noPulumi = { project, environment: { PATH: "/nonexistent" } };
    await expect(readSettings({ stack: "secret", stackFile, timeout: 1 }, noPulumi)).rejects.toThrow(
      /secrets of .* cannot be read.*CLI is not installed/,
    );
    writeFileSync(stackFile, ": : :");
    await expect(readSettings({ stack: "secret", stackFile, timeout: 1 }, { ...place, project })).rejects.toThrow(
      UsageError,
    );
  });

  it("is read by the user's own CLI, not by npm's; a key that is encrypted as a whole too", async () => {
    const stackFile = join(project, "Pulumi.whole.yaml");
    const { cluster, ...others } = minimalValues;
    writeFileSync(stackFile, stackText({ ...others, cluster: { secure: "v1:abc" } }));
    const plain = { "datalab:cluster": { value: JSON.stringify({ ...cluster, kubeconfig: "hush" }), secret: true } };
    const wrapper = program("node_modules/.bin/pulumi", "echo downloading >&2; exit 3");
    const own = program("bin/pulumi", `cat <<'END'\n${JSON.stringify(plain)}\nEND`);
    const PATH = [wrapper, own, "/usr/bin", "/bin"].join(delimiter);
    const whole = { stack: "whole", stackFile, timeout: 1 };
    await expect(readSettings(whole, { project, environment: { PATH } })).rejects.toThrow(/stands beside `kubeconfig`/);
    plain["datalab:cluster"].value = JSON.stringify({ ...cluster, kubeconfigPath: undefined, kubeconfig: "hush" });
    program("bin/pulumi", `cat <<'END'\n${JSON.stringify(plain)}\nEND`);
    const settings = await readSettings(whole, { project, environment: { PATH } });
    expect(settings.cluster).toMatchObject({ kind: "existing", kubeconfig: "hush" });
  });

  it("is not waited for without end", async () => {
    const folder = program("slow/pulumi", "exec /bin/sleep 60");
    const pulumi = pulumiIn(project, { environment: { PATH: folder }, timeout: 0.2 });
    await expect(pulumi.run(["stack", "output"])).rejects.toThrow(/`pulumi stack` did not end within 0.2 s/);
  });

  it.each([
    ["---\nusers: []\n", "content"],
    ["users: []\nclusters: []", "content"],
    ['{"apiVersion":"v1"}', "content"],
    ["folder/kubeconfig", "path"],
  ])("names a kubeconfig or holds it: %j is a %s", async (kubeconfigPath, form) => {
    const settings = minimal({ cluster: { ...minimalValues.cluster, kubeconfigPath } });
    const options = { stack: "test", stackFile: "", timeout: 1 };
    const { kubeconfig } = connectionOf(settings, options, { project, environment: {} });
    expect(await kubeconfig()).toEqual({ [form]: kubeconfigPath });
  });

  it("takes `~` in a path for the home folder, like the provider", async () => {
    const options = { stack: "test", stackFile: "", timeout: 1 };
    const pathOf = (kubeconfigPath: string) =>
      connectionOf(minimal({ cluster: { ...minimalValues.cluster, kubeconfigPath } }), options, {
        project,
        environment: { HOME: "/home/ada" },
      }).kubeconfig();
    expect(await pathOf("~/.kube/config")).toEqual({ path: "/home/ada/.kube/config" });
    expect(await pathOf("~ada/config")).toEqual({ path: "~ada/config" });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves no kubeconfig behind at %s",
    async (signal) => {
      const stackFile = join(project, "Pulumi.interrupted.yaml");
      const cluster = { ...minimalValues.cluster, kubeconfigPath: "users: []\nclusters: []\n" };
      writeFileSync(stackFile, stackText({ ...minimalValues, cluster }));
      const temporary = join(project, `temporary-${signal}`);
      mkdirSync(temporary);
      const started = join(temporary, "pid");
      const folder = program(
        "waiting/kubectl",
        `echo $$ > ${started}.new; mv ${started}.new ${started}; exec sleep 60`,
      );
      const main = join(import.meta.dirname, "../../commands/doctor/main.ts");
      const child = spawn(process.execPath, [main, "-s", "interrupted", "--config-file", stackFile], {
        env: { PATH: [folder, "/usr/bin", "/bin"].join(delimiter), TMPDIR: temporary },
        stdio: "ignore",
      });
      const ended = once(child, "exit");
      try {
        while (!existsSync(started)) {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
          await sleep(50);
        }
        expect(readdirSync(temporary)).toContainEqual(expect.stringMatching(/^datalab-doctor-/));
      } finally {
        child.kill(signal);
        await ended;
        process.kill(Number(readFileSync(started, "utf8")), "SIGKILL");
      }
      expect(child.exitCode).toBe(128 + constants.signals[signal]);
      expect(readdirSync(temporary)).toEqual(["pid"]);
    },
    30_000,
  );

  /** Writes a program. @returns its folder */
  function program(name: string, script: string): string {
    const file = join(project, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return dirname(file);
  }
});

/** A context of nothing but what a test gives. */
function contextWith(parts: Partial<Context>): Context {
  return { facts: {}, now: () => new Date("2026-11-21T12:00:00Z"), ...parts } as Context;
}

function step(id: string, run: Step["run"], more: Partial<Step> = {}): Step {
  return { id, title: `the ${id}`, hop: `hop of ${id}`, needs: [], run, ...more };
}

const finding = { problem: "It is broken", cause: "it fell", cure: "Mend it" };

describe("the runner", () => {
  it("skips what stands on a failure, and says on which", async () => {
    const steps = [
      step("one", () => Promise.resolve(failed(finding))),
      step("two", () => Promise.resolve(passed()), { needs: ["one"] }),
      step("three", () => Promise.resolve(passed()), { needs: ["two"] }),
      step("four", () => Promise.resolve(warning(finding))),
      step("five", () => Promise.resolve(passed("note")), { needs: ["four"] }),
      step("six", () => Promise.resolve(passed()), { unless: () => "nobody asked" }),
    ];
    const seen: string[] = [];
    const results = await runSteps(
      steps,
      (facts) => contextWith({ facts }),
      ({ id }) => seen.push(id),
    );
    expect(seen).toEqual(["one", "two", "three", "four", "five", "six"]);
    expect(results.map(({ status }) => status)).toEqual([
      "failed",
      "skipped",
      "skipped",
      "warning",
      "passed",
      "skipped",
    ]);
    expect(results).toMatchObject([
      { hop: "hop of one", ...finding },
      { because: '"the one" failed' },
      { because: '"the two" was skipped' },
      { hop: "hop of four" },
      { note: "note" },
      { because: "nobody asked" },
    ]);
  });

  it("hands facts on, and keeps them out of the results", async () => {
    let found: string | undefined;
    const steps = [
      step("one", () => Promise.resolve(passed(undefined, { portalToken: "s3cret" }))),
      step("two", ({ facts }) => {
        found = facts.portalToken;
        return Promise.resolve(passed());
      }),
    ];
    const results = await runSteps(steps, (facts) => contextWith({ facts }));
    expect(found).toBe("s3cret");
    expect(JSON.stringify(results)).not.toContain("s3cret");
  });

  it("takes an exception for a failure of that hop, with the message", async () => {
    const [unexpected, known, several] = await runSteps(
      [
        step("one", () => Promise.reject(new TypeError("cannot read it"))),
        step("two", () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }))),
        step("three", () =>
          Promise.reject(Object.assign(new AggregateError([new Error("a"), new Error("b")]), { code: "ETIMEDOUT" })),
        ),
      ],
      (facts) => contextWith({ facts }),
    );
    expect(unexpected).toMatchObject({
      status: "failed",
      hop: "hop of one",
      problem: expect.stringContaining("cannot read it"),
    });
    expect(known).toMatchObject({ status: "failed", cause: expect.stringContaining("nothing listens") });
    expect(several).toMatchObject({ problem: expect.stringContaining("a, b") });
  });

  it("gives each step an id of its own and needs that stand before it", () => {
    for (const settings of [minimal(), minimal({ objectStore: external }), minimal({ objectStore: s3, aws })]) {
      const ids: string[] = [];
      for (const { id, needs } of stepsFor(expectationsOf(settings))) {
        expect(ids).toEqual(expect.arrayContaining([...needs]));
        expect(ids).not.toContain(id);
        ids.push(id);
      }
    }
  });
});

describe("what is printed", () => {
  const results: Result[] = [
    { id: "a", title: "name", hop: "DNS", milliseconds: 3, status: "passed", note: "192.0.2.1" },
    { id: "b", title: "login", hop: "Keycloak", milliseconds: 40, status: "failed", ...finding },
    { id: "c", title: "token", hop: "Keycloak", milliseconds: 0, status: "skipped", because: '"login" failed' },
  ];

  it("is one sentence for each failure, with the hop, the cause and the cure", () => {
    expect(results.map((result) => textOf(result).replaceAll(/ {2,}/g, "  "))).toEqual([
      "✓ name  3 ms  192.0.2.1",
      "✗ login  40 ms\n  It is broken (Keycloak), likely because it fell. Mend it.",
      '- token\n  skipped because "login" failed',
    ]);
    expect(summaryOf("dev", results)).toBe("Stack dev is not usable, first at: login (1 passed, 1 failed, 1 skipped).");
    expect(summaryOf("dev", results.slice(0, 1))).toBe("Stack dev is usable (1 passed).");
  });

  it("is the same as JSON", () => {
    expect(JSON.parse(jsonOf("dev", results))).toEqual({ stack: "dev", usable: false, steps: results });
    expect(isUsable([{ ...results[0]!, status: "warning", ...finding }])).toBe(true);
  });
});

const external = {
  kind: "external",
  endpoint: "https://s3.elsewhere.test",
  sts: { url: "https://sts.elsewhere.test" },
};
const s3 = { kind: "s3" };
const aws = { accountId: "123456789012", region: "eu-west-3" };

const minimalValues = {
  platform: { domain: "example.test" },
  cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
  ingress: { kind: "traefik" },
  certificates: { issuer: "existing", issuerName: "ours" },
  objectStore: { kind: "minio" },
};

function minimal(more: Record<string, unknown> = {}): Settings {
  return parseSettings({ stack: "test", values: { ...minimalValues, ...more }, secretKeys: [] });
}

/** A stack file; JSON is YAML. */
function stackText(values: Readonly<Record<string, unknown>>): string {
  const config = Object.entries(values).map(([key, value]) => [`datalab:${key}`, value]);
  return JSON.stringify({ config: Object.fromEntries(config) as object });
}

describe("what is expected", () => {
  const keys = ({ publicHosts }: Expectations) => publicHosts.map(({ key }) => key);

  it("has the hosts and parts that the settings ask for", () => {
    const all = expectationsOf(minimal());
    expect(keys(all)).toEqual(["portal", "identity", "object-store", "services"]);
    expect(all.parts.map(({ key }) => key)).toEqual(["cluster-dns", "ingress", "identity", "object-store", "portal"]);
    const untold = expectationsOf(minimal({ dns: { clusterDns: "none" } }));
    expect(untold.parts.map(({ key }) => key)).not.toContain("cluster-dns");
    expect(keys(expectationsOf(minimal({ objectStore: { kind: "minio", console: true } })))).toContain("console");
    const elsewhere = expectationsOf(minimal({ objectStore: external }));
    expect(keys(elsewhere)).toEqual(["portal", "identity", "services", "object-store", "sts"]);
    expect(stepsFor(elsewhere).map(({ id }) => id)).toEqual(
      expect.arrayContaining(["dns:sts", "connection:object-store", "certificate:sts"]),
    );
    const alone = minimal({ objectStore: { ...external, sts: { url: "https://s3.elsewhere.test:8443" } } });
    expect(expectationsOf(alone).publicHosts.slice(-2)).toMatchObject([
      { key: "object-store", port: "", own: false },
      { key: "sts", host: "s3.elsewhere.test", port: "8443", own: false },
    ]);
    expect(keys(expectationsOf(minimal({ objectStore: { ...external, sts: {} } })))).not.toContain("sts");
    expect(elsewhere.objectStore).toMatchObject({ sts: { url: "https://sts.elsewhere.test" } });
    expect(elsewhere.parts.map(({ key }) => key)).not.toContain("object-store");
  });

  it("leaves the store to the portal where AWS decides a part of it", () => {
    const { access, objectStore } = expectationsOf(minimal({ objectStore: s3, aws }));
    expect(objectStore).toBeUndefined();
    expect(access.home.prefix).toBe("user-{username}/");
  });

  it("has the replicas of the settings", () => {
    const { parts } = expectationsOf(
      minimal({ identity: { replicas: 2 }, objectStore: { kind: "minio", replicas: 4 } }),
    );
    expect(parts.flatMap(({ workloads }) => workloads)).toEqual(
      expect.arrayContaining([
        { kind: "statefulsets", name: "keycloak", replicas: 2 },
        { kind: "statefulsets", name: "object-store", replicas: 4 },
      ]),
    );
  });
});

describe("DNS", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };
  const resolve = (addresses: Record<string, string[]>) => (name: string) =>
    addresses[name] === undefined ? Promise.reject(new Error(`ENOTFOUND ${name}`)) : Promise.resolve(addresses[name]);
  const options = { address: undefined } as Context["options"];

  it.each([
    ["192.0.2.1", "passed"],
    ["192.0.2.9", "warning"],
  ])("that leads to %s is compared with the ingress controller's address: %s", async (address, status) => {
    const context = contextWith({
      options,
      facts: { ingressAddresses: ["lb.example.net"] },
      resolve: resolve({ "datalab.example.test": [address], "lb.example.net": ["192.0.2.1"] }),
    });
    expect(await nameStep(host).run(context)).toMatchObject({ status });
  });

  it("of a store elsewhere is asked, whatever stands for the platform's hosts", async () => {
    const [store] = expectationsOf(minimal({ objectStore: external })).publicHosts.filter(({ own }) => !own);
    const context = contextWith({
      options: { address: "192.0.2.1" } as Context["options"],
      facts: { ingressAddresses: ["192.0.2.1"] },
      resolve: resolve({ "s3.elsewhere.test": ["192.0.2.9"] }),
    });
    expect(await nameStep(store!).run(context)).toEqual({ status: "passed", note: "192.0.2.9" });
    expect(await nameStep(host).run(context)).toMatchObject({ note: expect.stringContaining("--address") });
  });

  it("that has no answer is told which address is right", async () => {
    const context = contextWith({ options, facts: { ingressAddresses: ["192.0.2.1"] }, resolve: resolve({}) });
    const outcome = await nameStep(host).run(context);
    expect(outcome).toMatchObject({ status: "failed", cure: expect.stringContaining("192.0.2.1") });
  });

  it.each([
    [{ type: "LoadBalancer" }, [{ ip: "192.0.2.1" }], "passed"],
    [{ type: "LoadBalancer" }, undefined, "failed"],
    [{ type: "LoadBalancer", loadBalancerClass: "example.org/lb" }, undefined, "failed"],
    // Its load balancer stands in the graph.
    [{ type: "LoadBalancer", loadBalancerClass: "datalab.dev/graph" }, undefined, "passed"],
    [{ type: "NodePort" }, undefined, "passed"],
  ])("needs an address of a Service like %j with %j: %s", async (spec, ingress, status) => {
    const get = () => Promise.resolve({ spec, status: { loadBalancer: { ingress } } });
    const context = contextWith({
      expected: expectationsOf(minimal()),
      kubectl: { get } as unknown as Context["kubectl"],
    });
    expect(await ingressAddress.run(context)).toMatchObject({ status });
  });
});

describe("a difference", () => {
  it("is named by its place; what a server adds, drops when empty or writes as a number is none", () => {
    const expected = { a: [{ b: "30", c: {}, d: false, e: "" }], f: "x" };
    expect(differences(expected, { a: [{ b: 30, more: 1 }], f: "x", g: 1 })).toEqual([]);
    expect(differences(expected, { a: [{ b: 31, d: true }, {}] })).toEqual([
      'a[0].b is 31, not "30"',
      "a[0].d is true, not false",
      "a has 2 entries, not 1",
      'f is missing, not "x"',
    ]);
  });
});

describe("a pod", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const pod = (status: Pod["status"]): Pod => ({ metadata: { name: "web-1", namespace: "apps" }, spec: {}, status });
  const waiting = (reason: string) => ({ name: "web", ready: false, restartCount: 0, state: { waiting: { reason } } });

  const denied = (message: string) => ({
    ...waiting("ImagePullBackOff"),
    image: "quay.example/web:1",
    state: { waiting: { reason: "ImagePullBackOff", message } },
  });

  it.each([
    "failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized",
    "pull access denied, repository does not exist or may require authorization",
    "unexpected status code: 403 Forbidden",
  ])("of the platform whose registry answers `%s` names the setting", (message) => {
    const metadata = { name: "web-1", namespace: "datalab-portal" };
    expect(podTrouble({ metadata, spec: {}, status: { containerStatuses: [denied(message)] } }, now)).toMatchObject({
      cause: "the registry wants a login, or refuses that of `platform.imagePull`",
      cure: expect.stringContaining(
        "pulumi config set --secret --path 'datalab:platform.imagePull.password' '<password>'",
      ),
    });
    const missing = { metadata, spec: {}, status: { containerStatuses: [denied("404 Not Found: manifest unknown")] } };
    expect(podTrouble(missing, now)?.cause).toMatch(/does not exist/);
  });

  it.each<[string, Pod["status"], RegExp, RegExp]>([
    [
      "without a node",
      { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] },
      /cannot be scheduled: 0\/3 nodes/,
      /no node has room/,
    ],
    [
      "without its image",
      { containerStatuses: [{ ...waiting("ImagePullBackOff"), image: "quay.example/web:1" }] },
      /in ImagePullBackOff of quay.example\/web:1$/,
      /registry/,
    ],
    [
      "that has done its work in vain",
      {
        phase: "Failed",
        containerStatuses: [
          {
            name: "web",
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: 3, message: "starting\nno such realm\n" } },
          },
        ],
      },
      /has failed, with exit code 3; it said: no such realm$/,
      /refused/,
    ],
    ["without its Secret", { containerStatuses: [waiting("CreateContainerConfigError")] }, /in Create/, /Secret/],
    [
      "whose first container loops",
      {
        initContainerStatuses: [
          {
            ...waiting("CrashLoopBackOff"),
            restartCount: 3,
            lastState: { terminated: { exitCode: 1, reason: "Error", message: "starting\nno such realm\n" } },
          },
        ],
      },
      /CrashLoopBackOff after 3 restarts, last with exit code 1 \(Error\); it said: no such realm$/,
      /ends as soon as/,
    ],
    ["that was evicted", { phase: "Failed", reason: "Evicted" }, /is Evicted but not ready/, /probe/],
  ])("%s is in trouble", (_, status, what, cause) => {
    expect(podTrouble(pod(status), now)).toMatchObject({
      what: expect.stringMatching(what),
      cause: expect.stringMatching(cause),
    });
  });

  it("without a login is the platform's to cure, but for one in a workspace, which has none of the platform's", () => {
    const pulling = pod({ containerStatuses: [denied("ErrImagePull: failed to authorize: 401 Unauthorized")] });
    const what = expect.stringMatching(/in ImagePullBackOff of quay.example\/web:1$/);
    expect(podTrouble(pulling, now)).toMatchObject({ what, cause: expect.stringMatching(/platform\.imagePull/) });
    expect(podTrouble(pulling, now, "workspace")).toMatchObject({
      what,
      cause: expect.stringMatching(/node has none/),
    });
  });

  const endedAt = (finishedAt: string): Pod["status"] => {
    const terminated = { exitCode: 1, finishedAt, message: "no such realm\n" };
    return {
      phase: "Running",
      containerStatuses: [{ name: "web", ready: false, restartCount: 2, lastState: { terminated } }],
    };
  };

  it("that ends again and again is in trouble while it runs, too", () => {
    expect(podTrouble(pod(endedAt("2026-11-21T11:52:00Z")), now)).toMatchObject({
      starting: false,
      what: "web-1 is not ready after 2 restarts, last with exit code 1; it said: no such realm",
      cause: expect.stringMatching(/ends as soon as/),
    });
  });

  it("that ended long ago is not ready for another reason", () => {
    expect(podTrouble(pod(endedAt("2026-11-18T11:52:00Z")), now)).toMatchObject({
      starting: true,
      what: "web-1 is Running but not ready",
      cause: expect.stringMatching(/probe fails/),
    });
  });

  it("is given its time to start, and to end", () => {
    const status = { phase: "Running", containerStatuses: [{ name: "web", ready: false, restartCount: 0 }] };
    expect(podTrouble(pod(status), now)).toMatchObject({ starting: true });
    const { metadata, spec } = pod(status);
    const going = { ...metadata, deletionTimestamp: "2026-11-21T12:00:00Z" };
    expect(podTrouble({ metadata: going, spec, status }, now)).toBeUndefined();
  });

  it("is well when it is ready, or has done its work", () => {
    expect(podTrouble(pod({ conditions: [{ type: "Ready", status: "True" }] }), now)).toBeUndefined();
    expect(podTrouble(pod({ phase: "Succeeded" }), now)).toBeUndefined();
  });

  it("that was restarted counts for an hour", () => {
    const restarted = (finishedAt: string) =>
      pod({
        containerStatuses: [
          { name: "web", ready: true, restartCount: 2, lastState: { terminated: { exitCode: 137, finishedAt } } },
        ],
      });
    expect(recentRestart([restarted("2026-11-21T11:30:00Z")], now)).toMatchObject({ pod: "web-1", count: 2 });
    expect(recentRestart([restarted("2026-11-21T10:30:00Z")], now)).toBeUndefined();
  });
});

describe("a rollout", () => {
  const settled = { observedGeneration: 2, replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  const selector = { matchLabels: { app: "web" } };
  const deployment = (status: WorkloadObject["status"]): WorkloadObject => ({
    metadata: { generation: 2 },
    spec: { replicas: 1, selector },
    status: { ...settled, ...status },
  });
  const statefulSet = { currentRevision: "web-1", updateRevision: "web-1", updatedReplicas: 0 };

  it.each<[string, WorkloadObject["status"], ReturnType<typeof rolloutOf>]>([
    ["with all pods of one version", {}, "complete"],
    ["that the controller has not seen", { observedGeneration: 1 }, "running"],
    ["without a new pod", { updatedReplicas: 0 }, "running"],
    ["whose new pod is not available", { replicas: 2, updatedReplicas: 1, availableReplicas: 1 }, "running"],
    [
      "beyond its time",
      {
        updatedReplicas: 0,
        conditions: [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
      },
      "stuck",
    ],
    ["of a StatefulSet that has not changed", statefulSet, "complete"],
    ["of a StatefulSet that changes", { ...statefulSet, updateRevision: "web-2" }, "running"],
  ])("%s is told: %j", (_, status, expected) => {
    expect(rolloutOf(deployment(status))).toBe(expected);
  });

  const part: Running = {
    key: "portal",
    name: "portal",
    namespace: "apps",
    workloads: [{ kind: "deployments", name: "web", replicas: 1 }],
  };
  const changing = { replicas: 2, updatedReplicas: 1, availableReplicas: 1 };
  const podOf = (app: string, status: Pod["status"]): Pod => ({
    metadata: { name: `${app}-1`, namespace: "apps", labels: { app } },
    spec: {},
    status,
  });
  const crash = {
    containerStatuses: [
      { name: "web", ready: false, restartCount: 1, state: { waiting: { reason: "CrashLoopBackOff" } } },
    ],
  };
  const examine = (status: WorkloadObject["status"], pods: readonly Pod[]) => {
    const answers = { pods: { items: pods }, jobs: { items: [] }, web: deployment(status) };
    const get = (path: string) => Promise.resolve(answers[path.split("/").at(-1) as keyof typeof answers]);
    const kubectl = { get } as unknown as Context["kubectl"];
    return workloadStep(part).run(contextWith({ kubectl, now: () => new Date() }));
  };

  it("whose new pod fails is a failure, although the old pod answers", async () => {
    expect(await examine(changing, [podOf("web", crash)])).toMatchObject({
      status: "failed",
      problem:
        "The new version of web does not start: web-1 is in CrashLoopBackOff after 1 restarts; pods of the version before still answer",
    });
  });

  it("that takes too long is a failure without a pod, too", async () => {
    const conditions = [{ type: "Progressing", status: "False" }];
    expect(await examine({ ...changing, conditions }, [])).toMatchObject({
      status: "failed",
      problem: expect.stringMatching(/^The new version of web does not start;/),
    });
  });

  it("that has its time is a doubt; pods of other workloads do not count", async () => {
    expect(await examine(changing, [podOf("web", { phase: "Running" }), podOf("other", crash)])).toMatchObject({
      status: "warning",
      problem: expect.stringMatching(/^A new version of web is starting/),
    });
    expect(await examine({}, [podOf("other", crash)])).toMatchObject({ status: "passed" });
  });

  it("that is complete is told with its pods and their restarts, without those of Jobs", async () => {
    const restarted = (restartCount: number, finishedAt: string): Pod["status"] => ({
      containerStatuses: [
        { name: "web", ready: true, restartCount, lastState: { terminated: { exitCode: 0, finishedAt } } },
      ],
    });
    const job = podOf("job", restarted(3, new Date().toISOString()));
    expect(await examine({}, [podOf("web", {}), job])).toEqual({ status: "passed", note: "web 1/1" });
    const long = podOf("web", restarted(2, "2026-01-01T00:00:00Z"));
    expect(await examine({}, [long, job])).toEqual({ status: "passed", note: "web 1/1; 2 restarts" });
  });
});

describe("volumes", () => {
  const part = { key: "identity", name: "Keycloak", namespace: "ours", workloads: [] };
  const volume = (namespace: string, name: string, used: number, files = 0) => ({
    volume: [{ pvcRef: { namespace, name }, usedBytes: used, capacityBytes: 100, inodesUsed: files, inodes: 100 }],
  });

  it("are as full as the fullest, in bytes or in files, of the own ones", () => {
    const stats = [
      { pods: [volume("ours", "a", 10), volume("others", "b", 99)] },
      { pods: [volume("ours", "c", 1, 60)] },
    ];
    expect(fullest(stats, "ours")).toEqual({ claim: "c", percent: 60, of: ", counted in files" });
    expect(fullest([{}], "ours")).toBeUndefined();
  });

  it.each([
    [50, "passed"],
    [85, "warning"],
    [95, "failed"],
  ])("that are %d %% full: %s", async (percent, status) => {
    const kubectl = kubectlOf((path) =>
      path.includes("stats") ? { pods: [volume("ours", "a", percent)] } : undefined,
    );
    expect(await volumeStep(part).run(contextWith({ kubectl }))).toMatchObject({ status });
  });

  it("hold without the nodes' answer, which says why", async () => {
    const kubectl = kubectlOf((path) => {
      if (path.includes("stats")) throw new KubectlError("refused", "you may not ask nodes");
      return undefined;
    });
    const outcome = await volumeStep(part).run(contextWith({ kubectl }));
    expect(outcome).toMatchObject({ status: "passed", note: expect.stringContaining("you may not ask nodes") });
  });

  function kubectlOf(answer: (path: string) => unknown): Context["kubectl"] {
    const items = (path: string) =>
      path.endsWith("/pods")
        ? [{ spec: { nodeName: "n" } }]
        : [{ metadata: { name: "a" }, spec: {}, status: { phase: "Bound" } }];
    // The answer may throw, which must reach the caller as a rejection.
    const get = async (path: string) => Promise.resolve(answer(path) ?? { items: items(path) });
    return { get } as unknown as Context["kubectl"];
  }
});

describe("a request", () => {
  const options = {
    hosts: hostsOf({ domain: "example.test" }),
    httpsPort: 9,
    httpPort: 9,
    authorities: [],
    timeout: 5,
  };

  it("goes to the given address for the platform's hosts alone", () => {
    const web = new WebClient({ ...options, address: "127.0.0.1" });
    const hosts = [
      "s3.example.test",
      "any.lab.example.test",
      "charts.example.test",
      "example.test",
      "lab.example.test",
    ];
    expect(hosts.map((host) => web.isOwn(host))).toEqual([true, true, false, false, false]);
    const others = new WebClient({ ...options, address: "127.0.0.1", ownHosts: ["auth.example.test"] });
    expect(["auth.example.test", "s3.example.test"].map((host) => others.isOwn(host))).toEqual([true, false]);
  });

  it("goes to the port that the address names", async () => {
    const server = createServer((call, answer) => answer.end(call.headers.host)).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const web = new WebClient({ ...options, address: "127.0.0.1" });
      expect(await web.request(`http://s3.example.test:${port}/`)).toMatchObject({ text: `s3.example.test:${port}` });
      await expect(web.request("http://s3.example.test/")).rejects.toThrow(/ECONNREFUSED/);
    } finally {
      server.close();
    }
  });

  const coded = (code: string) => Object.assign(new Error(`the message of ${code}`), { code });

  it.each<[string, Error, string | undefined, RegExp]>([
    ["no kubectl", new KubectlError("missing", "kubectl is not on the PATH"), "this machine", /not installed/],
    ["a refusal", new KubectlError("refused", "warning\nyou may not"), "Kubernetes API", /login .* has run out/],
    ["an object that is missing", new KubectlError("not found", "no such thing"), undefined, /not deployed/],
    ["a cluster that is gone", new KubectlError("other", "refused"), "Kubernetes API", /cannot be reached/],
    ["a certificate that has ended", coded("CERT_HAS_EXPIRED"), undefined, /not trusted/],
    ["another's certificate", coded("ERR_TLS_CERT_ALTNAME_INVALID"), undefined, /other names/],
  ])("that ends with %s has a likely cause", (_, error, hop, cause) => {
    const finding = networkFinding("a step", error);
    expect(finding).toMatchObject({ cause: expect.stringMatching(cause) });
    expect(finding.problem).toContain(error.message);
    expect(finding.problem).not.toContain("warning");
    expect(finding.hop).toBe(hop);
  });

  it("of a cluster that the stack has made is tried with the stack's output", async () => {
    const kubectl = { get: () => Promise.reject(new KubectlError("other", "gone")) } as unknown as Context["kubectl"];
    const run = (ownCluster: boolean) =>
      clusterStep.run(
        contextWith({
          expected: { ownCluster } as Expectations,
          options: { stack: "prod" } as Context["options"],
          kubectl,
        }),
      );
    expect(await run(true)).toMatchObject({
      cure: expect.stringContaining("pulumi stack output kubeconfig --stack prod"),
    });
    expect(await run(false)).toMatchObject({ cure: expect.stringContaining("datalab:cluster names") });
  });
});

describe("plain HTTP", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };

  it.each([
    ["https://datalab.example.test/", "passed"],
    ["https://datalab.example.test:443/", "passed"],
    ["https://datalab.example.test:8443/", "failed"],
    ["https://datalab.example.test.elsewhere.test/", "failed"],
    ["http://datalab.example.test/", "failed"],
    ["/elsewhere", "failed"],
  ])("that leads to %s: %s", async (location, status) => {
    const request = () => Promise.resolve({ status: 308, headers: { location }, text: "" });
    const context = contextWith({ web: { request } as unknown as Context["web"] });
    expect(await redirectStep(host, "/").run(context)).toMatchObject({ status });
  });

  it("leads to the port of the addresses, where it is another one", async () => {
    const to = (location: string) => {
      const request = () => Promise.resolve({ status: 308, headers: { location }, text: "" });
      const context = contextWith({ web: { request } as unknown as Context["web"] });
      return redirectStep({ ...host, port: "8443" }, "/").run(context);
    };
    expect(await to("https://datalab.example.test:8443/")).toMatchObject({ status: "passed" });
    expect(await to("https://datalab.example.test/")).toMatchObject({ status: "failed" });
  });

  it("that is closed is told with the port that was tried", async () => {
    const context = (options: object) =>
      contextWith({
        web: { request: () => Promise.reject(new Error("refused")) } as unknown as Context["web"],
        expected: { publicPorts: { http: 30080, https: 30443 } } as Context["expected"],
        options: options as Context["options"],
      });
    expect(await redirectStep(host, "/").run(context({}))).toMatchObject({ cause: "port 30080 is closed" });
    expect(await redirectStep(host, "/").run(context({ httpPort: 81 }))).toMatchObject({ cause: "port 81 is closed" });
  });
});

describe("a clock", () => {
  it("is asked for at the port of the address", async () => {
    const asked: string[] = [];
    const request = (address: string) => {
      asked.push(address);
      return Promise.resolve({ status: 200, headers: { date: "Sat, 21 Nov 2026 12:00:00 GMT" }, text: "" });
    };
    const context = contextWith({ web: { request } as unknown as Context["web"] });
    const host = { key: "portal", host: "datalab.example.test", port: "8443", own: true, part: "portal", path: "/" };
    expect(await clockStep(host, "/").run(context)).toMatchObject({ status: "passed" });
    await clockStep({ ...host, port: "" }, "/").run(context);
    expect(asked).toEqual(["https://datalab.example.test:8443/", "https://datalab.example.test/"]);
  });
});

describe("a certificate", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };
  const certificate = (name: string, end: string, issuerCertificate?: object) => ({
    subject: { CN: name },
    subjectaltname: "DNS:*.example.test",
    issuer: { CN: "Root" },
    fingerprint256: name,
    valid_from: "Jan  1 00:00:00 2026 GMT",
    valid_to: end,
    issuerCertificate,
    raw: Buffer.from("0603551d0e 0603551d0f 0603551d23".replaceAll(" ", ""), "hex"),
  });
  const old = certificate("Old Root", "Sep 30 00:00:00 2026 GMT");
  const fresh = "Mar  1 00:00:00 2027 GMT";

  it.each<[string, object, string | undefined, string, RegExp | undefined]>([
    ["that is fresh", certificate("leaf", fresh), undefined, "passed", undefined],
    [
      "of an authority that has ended, and is not trusted",
      certificate("leaf", fresh, old),
      "CERT_HAS_EXPIRED",
      "failed",
      /"Old Root" .* expired on 2026-09-30/,
    ],
    [
      "that is trusted beside an authority that has ended",
      certificate("leaf", fresh, old),
      undefined,
      "warning",
      /chain .* holds "Old Root", which expired/,
    ],
    [
      "of an authority that does not say what its key is for",
      certificate("leaf", fresh, { ...certificate("Lax Root", fresh), raw: Buffer.alloc(0) }),
      undefined,
      "warning",
      /refuse datalab\.example\.test on Python 3\.13 .*"Lax Root" .* no Key Usage/,
    ],
    [
      "that ends, beside an authority that has ended",
      certificate("leaf", "Nov 25 00:00:00 2026 GMT", old),
      undefined,
      "warning",
      /"leaf" .* ends in 3 days/,
    ],
    [
      "that has ended",
      certificate("leaf", "Nov 20 00:00:00 2026 GMT"),
      "CERT_HAS_EXPIRED",
      "failed",
      /"leaf" .* expired/,
    ],
  ])("%s", async (_, served, chainError, status, problem) => {
    const handshake = () => Promise.resolve({ address: "", certificate: served, chainError });
    const context = contextWith({
      expected: expectationsOf(minimal()),
      options: { expiryDays: 14 } as Context["options"],
      web: { handshake } as unknown as Context["web"],
    });
    const outcome = await certificateStep(host).run(context);
    expect(outcome).toMatchObject({
      status,
      ...(problem === undefined ? {} : { problem: expect.stringMatching(problem) }),
    });
  });

  it("of a store elsewhere is asked for at its port, and is not cert-manager's", async () => {
    const asked: unknown[] = [];
    const handshake = (...given: unknown[]) => {
      asked.push(given);
      return Promise.resolve({ address: "", certificate: certificate("leaf", fresh), chainError: undefined });
    };
    const store = {
      key: "sts",
      host: "sts.elsewhere.test",
      port: "8443",
      own: false,
      part: "object store",
      path: undefined,
    };
    const context = contextWith({
      expected: expectationsOf(minimal()),
      web: { handshake } as unknown as Context["web"],
    });
    expect(await certificateStep(store).run(context)).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("holds for *.example.test only"),
      cure: "Tell whoever runs that server",
    });
    await connectionStep(store).run(context);
    expect(asked).toEqual([
      ["sts.elsewhere.test", "8443"],
      ["sts.elsewhere.test", "8443"],
    ]);
  });
});

describe("the portal's configuration", () => {
  it("of an earlier version is told by its differences, whatever is missing", async () => {
    const context = (settings: Settings) => {
      const expected = expectationsOf(settings);
      const { access, region } = expected;
      const old = { ...region, data: { S3: { ...region.data.S3, sts: { URL: "https://s3.example.test" } } } };
      const oidcConfiguration = { issuerURI: access.issuerUrl, clientID: access.portal.clientId };
      const text = JSON.stringify({ regions: [old], oidcConfiguration });
      const request = () => Promise.resolve({ status: 200, headers: {}, text });
      return contextWith({ expected, web: { request } as unknown as Context["web"] });
    };
    expect(await configurationStep.run(context(minimal()))).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("regions[0].data.S3.sts.role.profileName is missing"),
    });
    expect(await configurationStep.run(context(minimal({ objectStore: s3, aws })))).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("names no store, or not the role"),
    });
  });
});

describe("an object store", () => {
  interface Call {
    readonly method: string;
    readonly url: URL;
    readonly body: string | undefined;
  }
  type Answer = { status: number; text?: string; headers?: Record<string, string> };

  const own = minimal();
  const perUser = minimal({ objectStore: { ...external, prefix: "data/" } });
  const shared = minimal({ objectStore: { ...external, bucket: "lab", prefix: "user-{username}/" } });
  const error = (status: number, code: string): Answer => ({ status, text: `<Error><Code>${code}</Code></Error>` });
  const denied = error(403, "AccessDenied");
  const noBucket = error(404, "NoSuchBucket");
  const noKey = error(404, "NoSuchKey");
  const isList = ({ url }: Call) => url.searchParams.has("list-type");
  const isListOfBuckets = ({ url }: Call) => url.pathname === "/";

  /** Runs a step as ada, against answers; returns what was asked, too. */
  async function asked(step: Step, settings: Settings, answer: (call: Call) => Answer | Error) {
    const calls: Call[] = [];
    const request = (address: string, { method = "GET", body }: WebRequest = {}) => {
      const call = { method, url: new URL(address), body };
      calls.push(call);
      const given = answer(call);
      if (given instanceof Error) return Promise.reject(given);
      return Promise.resolve({ text: "", headers: {}, ...given });
    };
    const context = contextWith({
      expected: expectationsOf(settings),
      options: { user: "ada", write: true } as Context["options"],
      web: { request } as unknown as Context["web"],
      facts: { storageToken: "token", credentials: { accessKey: "a", secretKey: "s", sessionToken: "t" } },
    });
    return { outcome: await step.run(context), calls };
  }

  it("is asked for keys of the life that browsers ask for, and says when that is too long", async () => {
    const { outcome, calls } = await asked(exchangeStep(expectationsOf(shared)), shared, () => ({
      status: 400,
      text: "<Code>ValidationError</Code><Message>The requested DurationSeconds exceeds the MaxSessionDuration</Message>",
    }));
    expect(new URLSearchParams(calls[0]!.body).get("DurationSeconds")).toBe("43200");
    expect(outcome).toMatchObject({
      status: "failed",
      cause: expect.stringContaining("43200 s"),
      cure: expect.stringContaining("credentialsLifetime"),
    });
  });

  it.each<[string, Settings, Answer, string, RegExp]>([
    ["that answers", perUser, { status: 200 }, "passed", /s3:\/\/user-ada\/data\/$/],
    ["that is not there yet", perUser, noBucket, "passed", /first visit/],
    ["that all share and nobody has made", shared, noBucket, "failed", /no bucket lab, which all users share/],
    ["that is refused", own, denied, "failed", /may not list .*AccessDenied/],
    ["of a store that is down", perUser, { status: 503 }, "failed", /overloaded/],
  ])("has the own bucket: one %s", async (_, settings, answer, status, says) => {
    const { outcome } = await asked(ownBucketStep, settings, () => answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(new RegExp(says.source.replace("$", '"')));
  });

  it.each<[string, Settings, (call: Call) => Answer, string, RegExp]>([
    ["that are refused", perUser, () => denied, "passed", /passed/],
    [
      "that are refused, with a list of buckets that has the own one",
      own,
      (call) => (isListOfBuckets(call) ? { status: 200, text: "<Bucket><Name>user-ada</Name></Bucket>" } : denied),
      "passed",
      /passed/,
    ],
    [
      "of which the list tells",
      own,
      (call) =>
        isListOfBuckets(call)
          ? { status: 200, text: "<Bucket><BucketRegion>x</BucketRegion><Name>user-bob</Name></Bucket>" }
          : denied,
      "failed",
      /told of other buckets: user-bob/,
    ],
    [
      "whose list fails",
      own,
      (call) => (isListOfBuckets(call) ? { status: 500 } : denied),
      "failed",
      /list of buckets: 500/,
    ],
    [
      "that can be listed",
      perUser,
      (call) => (isList(call) ? { status: 200 } : denied),
      "failed",
      /not refused s3:\/\/user-doctor-nobody\/data\//,
    ],
    [
      "of which all can be listed",
      shared,
      (call) => (call.url.searchParams.get("prefix") === "" ? { status: 200 } : denied),
      "failed",
      /not refused s3:\/\/lab\/: /,
    ],
    [
      "whose objects can be read",
      perUser,
      (call) => (isList(call) || isListOfBuckets(call) ? denied : noKey),
      "failed",
      /not refused/,
    ],
    ["that the platform's own store looks for", own, () => noBucket, "failed", /not refused/],
    [
      "that another store does not have",
      perUser,
      (call) => (isListOfBuckets(call) ? denied : noBucket),
      "warning",
      /cannot be told.*NoSuchBucket/,
    ],
    ["that are down", perUser, () => ({ status: 503 }), "failed", /overloaded/],
    [
      "behind a signature that is refused",
      own,
      () => error(403, "SignatureDoesNotMatch"),
      "failed",
      /cannot be told.*SignatureDoesNotMatch/,
    ],
  ])("is asked for other buckets: %s", async (_, settings, answer, status, says) => {
    const { outcome, calls } = await asked(foreignBucketStep, settings, answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
    // The own bucket is no foreign one.
    expect(calls.filter(({ url }) => /^\/user-ada(\/|$)/.test(url.pathname))).toEqual([]);
    expect(calls.every(({ method }) => method === "GET")).toBe(true);
  });

  it("is asked for other buckets only where the own one is open", () => {
    expect(foreignBucketStep.needs).toEqual(["exchange", "own-bucket"]);
  });

  it.each<[string, Settings, Answer, string, RegExp]>([
    ["without rules for the portal", perUser, { status: 200 }, "failed", /no method from nowhere/],
    ["without the bucket that is made later", perUser, noBucket, "warning", /no bucket user-ada/],
    ["without the bucket that all share", shared, noBucket, "failed", /no bucket lab/],
    ["that is down", perUser, { status: 503 }, "failed", /overloaded/],
  ])("is asked whether the portal's pages may come in: one %s", async (_, settings, answer, status, says) => {
    const { outcome } = await asked(corsStep, settings, () => answer);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("is asked for the user's bucket where browsers ask for it", async () => {
    const inHost = minimal({ objectStore: { ...external, pathStyleAccess: false } });
    const { calls } = await asked(corsStep, inHost, () => ({ status: 200 }));
    expect(calls[0]!.url.href).toBe("https://user-ada.s3.elsewhere.test/file");
  });

  it("keeps no version of what was written, even if it cannot be read", async () => {
    const { outcome, calls } = await asked(writeStep, own, (call) => {
      if (isList(call)) return { status: 200 };
      if (call.method === "PUT") return { status: 200, headers: { "x-amz-version-id": "v/1" } };
      return call.method === "DELETE" ? { status: 204 } : Object.assign(new Error("gone"), { code: "ECONNRESET" });
    });
    expect(outcome).toMatchObject({ status: "failed", problem: expect.stringMatching(/^No answer for s3:.*: gone$/) });
    const [, put, , deleted] = calls;
    expect(calls.map(({ method }) => method)).toEqual(["GET", "PUT", "GET", "DELETE"]);
    expect(deleted!.url.pathname).toBe(put!.url.pathname);
    expect(deleted!.url.search).toBe("?versionId=v%2F1");
  });

  it("is told apart when it keeps what was written", async () => {
    const { outcome, calls } = await asked(writeStep, own, (call) => {
      if (isList(call)) return noBucket;
      return call.method === "PUT" ? { status: 200 } : error(500, "InternalError");
    });
    const object = `s3:/${calls[2]!.url.pathname}`;
    expect(calls.map(({ method }) => method)).toEqual(["GET", "PUT", "PUT", "GET", "DELETE", "DELETE"]);
    expect(outcome).toMatchObject({ status: "failed" });
    for (const says of [
      "does not come back",
      `${object} could not be deleted`,
      "The bucket user-ada could not be deleted",
    ]) {
      expect(JSON.stringify(outcome)).toContain(says);
    }
  });
});

describe("a logout", () => {
  it.each([
    [200, "<p>You are logged out</p>", "passed"],
    [200, "<form action=confirm></form>", "warning"],
    [400, "Invalid parameter: id_token_hint", "warning"],
  ])("that is answered %d %s: %s", async (status, html, expected) => {
    const opened: string[] = [];
    const browser = {
      open: (address: string) => {
        opened.push(address);
        return Promise.resolve({ url: new URL(address), status, html });
      },
    } as unknown as Browser;
    const options = { user: "ada" } as Context["options"];
    const context = contextWith({ expected: expectationsOf(minimal()), options, facts: { browser, idToken: "hint" } });
    expect(await logoutStep.run(context)).toMatchObject({ status: expected });
    expect(opened).toEqual([
      "https://auth.example.test/realms/datalab/protocol/openid-connect/logout?id_token_hint=hint",
    ]);
  });

  it("needs nothing but the login, and is the last that a person does", () => {
    expect(logoutStep.needs).toEqual(["login"]);
    const ids = stepsFor(expectationsOf(minimal())).map(({ id }) => id);
    const cluster =
      /^((pods|volumes):.*|launcher(-log)?|launch-(form|rules)|policies|rights|workspaces|network-policies|realm-settings|images)$/;
    expect(ids.filter((id) => !cluster.test(id)).at(-1)).toBe("logout");
  });
});

describe("a page", () => {
  it("gives the text of an element", () => {
    const html = '<div><span id="input-error" class="x">\n Invalid &quot;name&quot;\n</span></div>';
    expect(elementText(html, /<[^>]*id="input-error[^"]*"[^>]*>/)).toBe('Invalid "name"');
    expect(elementText(html, /<h1>/)).toBeUndefined();
  });
});
