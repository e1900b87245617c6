/** The parts of the doctor that need no platform. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { elementText } from "../../doctor/browser.ts";
import { doctor } from "../../doctor/doctor.ts";
import { type Expectations, expectationsOf, type Part } from "../../doctor/expectations.ts";
import { KubectlError } from "../../doctor/kubectl.ts";
import { parseOptions, UsageError } from "../../doctor/options.ts";
import { readPassword } from "../../doctor/password.ts";
import { isUsable, jsonOf, summaryOf, textOf } from "../../doctor/print.ts";
import { type Result, runSteps } from "../../doctor/runner.ts";
import { readSettings } from "../../doctor/stack.ts";
import { type Context, failed, passed, type Step, warning } from "../../doctor/step.ts";
import { stepsFor } from "../../doctor/steps/all.ts";
import { differences } from "../../doctor/steps/differences.ts";
import { ingressAddress, nameStep } from "../../doctor/steps/names.ts";
import { type Pod, podTrouble, recentRestart } from "../../doctor/steps/pods.ts";
import { rolloutOf, type WorkloadObject } from "../../doctor/steps/rollouts.ts";
import { fullest, volumeStep } from "../../doctor/steps/volumes.ts";
import { workloadStep } from "../../doctor/steps/workloads.ts";
import { parseSettings, type Settings } from "../../stacks/settings.ts";
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
      httpsPort: 443,
      httpPort: 80,
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
    await expect(readSettings({ stack: "secret", stackFile }, noPulumi)).rejects.toThrow(
      /secrets of .* cannot be read.*ENOENT/,
    );
    writeFileSync(stackFile, ": : :");
    await expect(readSettings({ stack: "secret", stackFile }, { ...place, project })).rejects.toThrow(UsageError);
  });
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

function minimal(more: Record<string, unknown> = {}): Settings {
  const values = {
    platform: { domain: "example.test" },
    cluster: { kind: "existing", clusterIdentifier: "home", kubeconfigPath: "kubeconfig" },
    ingress: { kind: "traefik" },
    certificates: { issuer: "provided", certificate: "", privateKey: "" },
    objectStore: { kind: "minio" },
    ...more,
  };
  const certificates = { issuer: "existing", issuerName: "ours" };
  return parseSettings({ stack: "test", values: { ...values, certificates }, secretKeys: [] });
}

describe("what is expected", () => {
  const keys = ({ publicHosts }: Expectations) => publicHosts.map(({ key }) => key);

  it("has the hosts and parts that the settings ask for", () => {
    const all = expectationsOf(minimal());
    expect(keys(all)).toEqual(["portal", "identity", "object-store", "console", "services"]);
    expect(all.parts.map(({ key }) => key)).toEqual(["ingress", "identity", "object-store", "portal"]);
    expect(keys(expectationsOf(minimal({ objectStore: { kind: "minio", console: false } })))).not.toContain("console");
    const elsewhere = expectationsOf(minimal({ objectStore: external }));
    expect(keys(elsewhere)).toEqual(["portal", "identity", "services"]);
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
  const host = { key: "portal", host: "datalab.example.test", part: "portal", path: "/" };
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

  it("that has no answer is told which address is right", async () => {
    const context = contextWith({ options, facts: { ingressAddresses: ["192.0.2.1"] }, resolve: resolve({}) });
    const outcome = await nameStep(host).run(context);
    expect(outcome).toMatchObject({ status: "failed", cure: expect.stringContaining("192.0.2.1") });
  });

  it.each([
    ["LoadBalancer", [{ ip: "192.0.2.1" }], "passed"],
    ["LoadBalancer", undefined, "failed"],
    ["NodePort", undefined, "passed"],
  ])("needs an address of a Service of type %s with %j: %s", async (type, ingress, status) => {
    const get = () => Promise.resolve({ spec: { type }, status: { loadBalancer: { ingress } } });
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
  const pod = (status: Pod["status"]): Pod => ({ metadata: { name: "web-1", namespace: "apps" }, spec: {}, status });
  const waiting = (reason: string) => ({ name: "web", ready: false, restartCount: 0, state: { waiting: { reason } } });

  it.each<[string, Pod["status"], RegExp, RegExp]>([
    [
      "without a node",
      { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] },
      /cannot be scheduled: 0\/3 nodes/,
      /no node has room/,
    ],
    ["without its image", { containerStatuses: [waiting("ImagePullBackOff")] }, /in ImagePullBackOff/, /registry/],
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
    expect(podTrouble(pod(status))).toMatchObject({
      what: expect.stringMatching(what),
      cause: expect.stringMatching(cause),
    });
  });

  it("that ends again and again is in trouble while it runs, too", () => {
    const between = {
      name: "web",
      ready: false,
      restartCount: 2,
      lastState: { terminated: { exitCode: 1, message: "no such realm\n" } },
    };
    expect(podTrouble(pod({ phase: "Running", containerStatuses: [between] }))).toMatchObject({
      starting: false,
      what: "web-1 is not ready after 2 restarts, last with exit code 1; it said: no such realm",
      cause: expect.stringMatching(/ends as soon as/),
    });
  });

  it("is given its time to start, and to end", () => {
    const status = { phase: "Running", containerStatuses: [{ name: "web", ready: false, restartCount: 0 }] };
    expect(podTrouble(pod(status))).toMatchObject({ starting: true });
    const { metadata, spec } = pod(status);
    const going = { ...metadata, deletionTimestamp: "2026-11-21T12:00:00Z" };
    expect(podTrouble({ metadata: going, spec, status })).toBeUndefined();
  });

  it("is well when it is ready, or has done its work", () => {
    expect(podTrouble(pod({ conditions: [{ type: "Ready", status: "True" }] }))).toBeUndefined();
    expect(podTrouble(pod({ phase: "Succeeded" }))).toBeUndefined();
  });

  it("that was restarted counts for an hour", () => {
    const restarted = (finishedAt: string) =>
      pod({
        containerStatuses: [
          { name: "web", ready: true, restartCount: 2, lastState: { terminated: { exitCode: 137, finishedAt } } },
        ],
      });
    const now = new Date("2026-11-21T12:00:00Z");
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

  const part: Part = {
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

describe("a page", () => {
  it("gives the text of an element", () => {
    const html = '<div><span id="input-error" class="x">\n Invalid &quot;name&quot;\n</span></div>';
    expect(elementText(html, /<[^>]*id="input-error[^"]*"[^>]*>/)).toBe('Invalid "name"');
    expect(elementText(html, /<h1>/)).toBeUndefined();
  });
});
