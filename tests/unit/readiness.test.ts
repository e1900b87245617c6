import { describe, expect, it } from "@jest/globals";

import type { Pod } from "../../doctor/steps/pods.ts";
import type { StorageClass } from "../../preflight/capabilities.ts";
import { type Claim, reasons, type Snapshot, type Warning } from "../../readiness/reasons.ts";
import { ReadinessWatch } from "../../readiness/watch.ts";

const start = new Date("2026-11-21T12:00:00Z");
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const nothing: Snapshot = { pods: [], claims: [], storageClasses: [], warnings: [] };
const claim = (storageClassName?: string): Claim => ({
  metadata: { name: "data-0", namespace: "datalab-identity" },
  spec: storageClassName === undefined ? {} : { storageClassName },
  status: { phase: "Pending" },
});
const storageClass = (name: string, isDefault = false): StorageClass => ({
  metadata: { name, annotations: isDefault ? { "storageclass.kubernetes.io/is-default-class": "true" } : {} },
});
const pod = (status: Pod["status"], namespace = "datalab-identity"): Pod => ({
  metadata: { name: "keycloak-0", namespace },
  spec: {},
  status,
});
const quota = "exceeded quota: pods";
const warning = (reason: string, lastTimestamp: string): Warning => ({
  reason,
  message: quota,
  involvedObject: { kind: "StatefulSet", name: "keycloak", namespace: "datalab-identity" },
  lastTimestamp,
});

describe("a part is not ready because", () => {
  const said = (snapshot: Partial<Snapshot>) =>
    reasons({ ...nothing, ...snapshot }, start, later(60)).map(
      ({ starting, sentence }) => `${starting ? "yet" : "ever"}: ${sentence}`,
    );

  it.each<[string, Partial<Snapshot>, string[]]>([
    [
      "its StorageClass is missing",
      { claims: [claim("fast")], storageClasses: [storageClass("slow"), storageClass("local")] },
      [
        "ever: The claim datalab-identity/data-0 has no volume: there is no StorageClass fast; the cluster has local, slow.",
      ],
    ],
    [
      "no StorageClass is the default",
      { claims: [claim()], storageClasses: [storageClass("slow")] },
      [
        "ever: The claim datalab-identity/data-0 has no volume: it names no StorageClass, and none is the default; the cluster has slow.",
      ],
    ],
    [
      "there is no StorageClass at all",
      { claims: [claim()] },
      [
        "ever: The claim datalab-identity/data-0 has no volume: it names no StorageClass, and none is the default; the cluster has none.",
      ],
    ],
    [
      "nothing makes its volume",
      { claims: [claim()], storageClasses: [storageClass("slow", true)] },
      ["yet: The claim datalab-identity/data-0 has no volume yet: its StorageClass is slow."],
    ],
    ["nothing, once its claim is bound", { claims: [{ ...claim("fast"), status: { phase: "Bound" } }] }, []],
    [
      "its pod cannot be scheduled",
      { pods: [pod({ conditions: [{ type: "PodScheduled", status: "False", message: "no memory" }] })] },
      [
        "ever: The pod datalab-identity/keycloak-0 cannot be scheduled: no memory: no node has room or fits, or a volume is not there yet. Look at `kubectl --namespace datalab-identity describe pod keycloak-0`.",
      ],
    ],
    [
      "its pods may not be made",
      { warnings: [warning("FailedCreate", "2026-11-21T12:00:30Z")] },
      ["ever: The StatefulSet datalab-identity/keycloak cannot make its pods: exceeded quota: pods."],
    ],
    ["nothing that was before", { warnings: [warning("FailedCreate", "2026-11-21T11:59:59Z")] }, []],
    ["nothing of another kind", { warnings: [warning("Unhealthy", "2026-11-21T12:00:30Z")] }, []],
  ])("%s", (_, snapshot, sentences) => {
    expect(said(snapshot)).toEqual(sentences);
  });
});

describe("a pod that has failed", () => {
  const attempt = (finishedAt: string): Pod => ({
    ...pod({
      phase: "Failed",
      containerStatuses: [
        {
          name: "a",
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 3, message: "refused", finishedAt } },
        },
      ],
    }),
    metadata: {
      name: "reconcile-1",
      namespace: "datalab-identity",
      labels: { "batch.kubernetes.io/job-name": "reconcile" },
    },
  });
  const said = (...pods: readonly Pod[]) => reasons({ ...nothing, pods }, start, later(60)).map(({ key }) => key);

  it("is told, with its last line, unless it did so before, or its Job has succeeded since", () => {
    const recent = attempt("2026-11-21T12:00:10Z");
    const [reason] = reasons({ ...nothing, pods: [recent] }, start, later(60));
    expect(reason?.sentence).toContain("reconcile-1 has failed, with exit code 3; it said: refused");
    expect(said(attempt("2026-11-21T11:59:00Z"))).toEqual([]);
    expect(said(recent, { ...recent, status: { phase: "Succeeded" } })).toEqual([]);
    expect(said(pod({ phase: "Failed", reason: "Evicted" }))).toEqual([]);
  });
});

describe("during up", () => {
  const waiting = (reason: string) =>
    pod({ containerStatuses: [{ name: "a", ready: false, restartCount: 0, state: { waiting: { reason } } }] });
  const starting = pod({ phase: "Running" });

  /** What is said at each of these seconds, with these pods. */
  async function story(looks: readonly (readonly [number, readonly Pod[]])[]): Promise<string[]> {
    const said: string[] = [];
    let pods: readonly Pod[] = [];
    const watch = new ReadinessWatch(
      {
        kubectl: {
          all: <T>() => Promise.resolve(pods.map((one) => ({ kind: "Pod", ...one })) as T[]),
          get: <T>() => Promise.resolve({ items: [] } as T),
          close: () => undefined,
        },
        namespaces: ["datalab-identity"],
        readyTimeout: 600,
        say: (sentence) => Promise.resolve(void said.push(sentence)),
      },
      start,
    );
    for (const [seconds, there] of looks) {
      pods = there;
      const before = said.length;
      await watch.look(later(seconds));
      said.splice(before, said.length, ...said.slice(before).map((sentence) => `${seconds}: ${sentence.slice(0, 60)}`));
    }
    return said;
  }

  it("a trouble that lasts is said once, with what it is", async () => {
    const there = [waiting("ImagePullBackOff")];
    expect(await story([10, 20, 30, 40, 400].map((seconds) => [seconds, there]))).toEqual([
      "30: The pod datalab-identity/keycloak-0 is in ImagePullBackOff: ",
    ]);
  });

  it("a trouble that passes is not", async () => {
    const there = [waiting("CreateContainerConfigError")];
    expect(
      await story([
        [10, there],
        [20, []],
        [30, there],
        [40, there],
        [45, []],
      ]),
    ).toEqual([]);
  });

  it("a pod that only starts has half of the time that it may take", async () => {
    expect(await story([10, 100, 309, 310, 320].map((seconds) => [seconds, [starting]]))).toEqual([
      "310: The pod datalab-identity/keycloak-0 is Running but not ready",
    ]);
  });

  it("nothing is said of pods that are not the platform's", async () => {
    const theirs = pod({ phase: "Failed" }, "user-alice");
    expect(await story([10, 100, 500].map((seconds) => [seconds, [theirs]]))).toEqual([]);
  });
});
