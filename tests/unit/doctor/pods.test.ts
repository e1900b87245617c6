/** What the doctor says of pods, rollouts and volumes. */
import { describe, expect, it } from "@jest/globals";

import type { Running } from "../../../components/part.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { type Context } from "../../../commands/doctor/step.ts";
import { type Pod, podTrouble, recentRestart } from "../../../checks/kubectl/pods.ts";
import { rolloutOf, type WorkloadObject } from "../../../commands/doctor/steps/rollouts.ts";
import { fullest, volumeStep } from "../../../commands/doctor/steps/volumes.ts";
import { workloadStep } from "../../../commands/doctor/steps/workloads.ts";
import { contextWith } from "../../support/doctor-context.ts";

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
  const examine = (status: WorkloadObject["status"], pods: readonly Pod[], jobs: readonly object[] = []) => {
    const answers = { pods: { items: pods }, jobs: { items: jobs }, web: deployment(status) };
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

  it("with a Job that has failed is a failure; of those that a CronJob makes, the last one counts", async () => {
    const job = (name: string, day: number, ends: "Failed" | "Complete", ...ownerReferences: object[]) => ({
      metadata: { name, creationTimestamp: `2026-11-${day}T03:23:00Z`, ownerReferences },
      status: { conditions: [{ type: ends, status: "True", message: "it has had its attempts" }] },
    });
    const nightly = { kind: "CronJob", name: "compare" };
    expect(await examine({}, [], [job("set-up", 20, "Failed")])).toMatchObject({
      status: "failed",
      problem: "The Job set-up has failed: it has had its attempts",
      cure: expect.stringMatching(/`pulumi up --refresh`/),
    });
    const nights = [job("compare-2", 21, "Complete", nightly), job("compare-1", 20, "Failed", nightly)];
    expect(await examine({}, [], nights)).toMatchObject({ status: "passed" });
    const other = { kind: "CronJob", name: "other" };
    expect(await examine({}, [], [...nights, job("other-1", 19, "Failed", other)])).toMatchObject({ status: "failed" });
    expect(await examine({}, [], [...nights, job("compare-3", 22, "Failed", nightly)])).toMatchObject({
      status: "failed",
      problem: expect.stringMatching(/compare-3/),
      cure: expect.stringMatching(/`kubectl --namespace apps create job compare-again --from=cronjob\/compare`$/),
    });
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
