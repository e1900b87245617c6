import { describe, expect, it } from "@jest/globals";

import { KubectlError } from "../../checks/kubectl/kubectl.ts";
import type { Pod } from "../../checks/kubectl/pods.ts";
import type { StorageClass } from "../../checks/preflight/capabilities.ts";
import type { Challenge, Issuing, Order } from "../../checks/readiness/certificates.ts";
import { type BalancedService, waitsForAddress } from "../../checks/readiness/load-balancer.ts";
import type { Warning } from "../../checks/readiness/reason.ts";
import { type Claim, reasons, type Snapshot } from "../../checks/readiness/reasons.ts";
import { ReadinessWatch } from "../../checks/readiness/watch.ts";

const start = new Date("2026-11-21T12:00:00Z");
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000);

const issuing: Issuing = { certificates: [], requests: [], orders: [], challenges: [], issuers: [] };
const nothing: Snapshot = { pods: [], claims: [], storageClasses: [], warnings: [], services: [], issuing };
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

describe("a certificate is not issued because", () => {
  const namespace = "datalab-ingress";
  const condition = (message: string, reason = "Pending", status = "False") => ({
    conditions: [{ type: "Ready", status, reason, message }],
  });
  const owned = (name: string, kind: string, owner: string, creationTimestamp = "2026-11-21T12:00:00Z") => ({
    metadata: { name, namespace, creationTimestamp, ownerReferences: [{ kind, name: owner }] },
  });
  const certificate = {
    metadata: { name: "wildcard", namespace },
    spec: { dnsNames: ["*.example.org"], issuerRef: { kind: "ClusterIssuer", name: "datalab" } },
    status: condition("Issuing certificate as Secret does not exist", "DoesNotExist"),
  };
  const issuers = [{ metadata: { name: "datalab" }, status: condition("", "", "True") }];
  const request = (message: string, reason?: string, name = "wildcard-1", made?: string) => ({
    ...owned(name, "Certificate", "wildcard", made),
    status: condition(message, reason),
  });
  const requests = [request("Waiting on certificate issuance from order datalab-ingress/wildcard-1-2")];
  const order = (status: Order["status"]): Order => ({
    ...owned("wildcard-1-2", "CertificateRequest", "wildcard-1"),
    ...(status === undefined ? {} : { status }),
  });
  const challenge = (state: string, reason: string): Challenge => ({
    ...owned(`proof-${state}`, "Order", "wildcard-1-2"),
    spec: { dnsName: "example.org", type: "DNS-01" },
    status: { state, reason },
  });

  const told = (found: Partial<Issuing>) =>
    reasons(
      { ...nothing, issuing: { ...issuing, issuers, certificates: [certificate], ...found } },
      start,
      later(60),
    ).map(({ starting, sentence }) => `${starting ? "yet" : "ever"}: ${sentence}`);
  const what = "The certificate datalab-ingress/wildcard for *.example.org is not issued:";
  const more = "pulumi config set --path 'datalab:platform.readyTimeout' '1h'";

  it.each<[string, Partial<Issuing>, string]>([
    [
      "its issuer is missing",
      { issuers: [] },
      `ever: ${what} there is no ClusterIssuer datalab. Name one that is there (\`kubectl get clusterissuers\`): \`pulumi config set --path 'datalab:certificates.issuerName' '<name>'\`.`,
    ],
    [
      "its issuer is not ready",
      {
        issuers: [
          { metadata: { name: "datalab" }, status: condition("Failed to register ACME account:\n dial tcp: timeout.") },
        ],
      },
      `ever: ${what} the ClusterIssuer datalab is not ready: Failed to register ACME account: dial tcp: timeout. cert-manager does not reach the authority, or does not trust it: look at \`platform.proxy\` and \`platform.authorities\`.`,
    ],
    [
      "its record is not seen yet",
      {
        requests,
        orders: [order({ state: "pending" })],
        challenges: [
          challenge(
            "pending",
            'Waiting for DNS-01 challenge propagation: DNS record for "example.org" not yet propagated',
          ),
        ],
      },
      `yet: ${what} its proof for example.org by DNS-01 is pending: Waiting for DNS-01 challenge propagation: DNS record for "example.org" not yet propagated. Let the domain above name the zone's servers (output nameServers). If it does, it takes more time: \`${more}\`.`,
    ],
    [
      "one of its proofs fails, whatever the other waits for",
      {
        requests,
        orders: [order({ state: "pending" })],
        challenges: [
          challenge("pending", "Waiting for DNS-01 challenge propagation"),
          challenge("errored", "AccessDenied: not authorized to perform: route53:ChangeResourceRecordSets"),
        ],
      },
      `ever: ${what} its proof for example.org by DNS-01 is errored: AccessDenied: not authorized to perform: route53:ChangeResourceRecordSets. cert-manager has no rights in the zone; if its pod is older than they are: \`kubectl --namespace cert-manager rollout restart deployment cert-manager\`.`,
    ],
    [
      "its authority has seen the proof, and not signed yet",
      {
        requests,
        orders: [order({ state: "processing" })],
        challenges: [challenge("valid", "Successfully authorized domain")],
      },
      `yet: ${what} its request waits: Waiting on certificate issuance from order datalab-ingress/wildcard-1-2. Look at \`kubectl describe clusterissuer datalab\`.`,
    ],
    [
      "its authority counts",
      { requests, orders: [order({ state: "errored", reason: "Failed to create Order: 429 rateLimited" })] },
      `ever: ${what} its order is errored: Failed to create Order: 429 rateLimited. The authority counts: wait until the time that it names, or go to staging: \`pulumi config set --path 'datalab:certificates.environment' 'staging'\`.`,
    ],
    [
      "a CAA record forbids it",
      {
        requests,
        orders: [order({})],
        challenges: [challenge("invalid", "CAA record for example.org prevents issuance")],
      },
      `ever: ${what} its proof for example.org by DNS-01 is invalid: CAA record for example.org prevents issuance. Let the domain's CAA record name letsencrypt.org, with issuewild too.`,
    ],
    [
      "its last request failed, after one that waited",
      {
        requests: [
          request("The authority is away", "Failed", "wildcard-2", "2026-11-21T12:00:30Z"),
          request("Waiting", "Pending", "wildcard-1"),
        ],
      },
      `ever: ${what} its request failed: The authority is away. Look at \`kubectl describe clusterissuer datalab\`.`,
    ],
    [
      "nobody has begun",
      {},
      `yet: ${what} Issuing certificate as Secret does not exist. Look at \`kubectl describe clusterissuer datalab\`.`,
    ],
  ])("%s", (_, found, sentence) => {
    expect(told(found)).toEqual([sentence]);
  });

  it("nothing, once it is ready, and by nobody else's proof", () => {
    const ready = { ...certificate, status: condition("", "Ready", "True") };
    expect(told({ certificates: [ready], requests })).toEqual([]);
    const theirs = { ...challenge("invalid", "no"), metadata: { ...challenge("a", "").metadata, namespace: "other" } };
    expect(told({ requests, orders: [order({ state: "pending" })], challenges: [theirs] })).toEqual([
      expect.stringContaining("its request waits: Waiting on certificate issuance"),
    ]);
  });
});

describe("a Service has no address because", () => {
  const service = (more: Partial<BalancedService["spec"]> = {}): BalancedService => ({
    metadata: { name: "traefik", namespace: "datalab-ingress" },
    spec: { type: "LoadBalancer", ...more },
    status: { loadBalancer: {} },
  });
  const told = (of: BalancedService, message?: string) =>
    reasons(
      {
        ...nothing,
        services: [of],
        warnings: [
          {
            reason: "SyncLoadBalancerFailed",
            ...(message === undefined ? {} : { message }),
            involvedObject: {
              kind: "Service",
              name: message === undefined ? "other" : "traefik",
              namespace: "datalab-ingress",
            },
            lastTimestamp: "2026-11-21T12:00:30Z",
          },
        ],
      },
      start,
      later(60),
    ).map(({ starting, sentence }) => `${starting ? "yet" : "ever"}: ${sentence}`);
  const cure =
    "If the cluster has none: `pulumi config set --path 'datalab:ingress.serviceType' 'NodePort'`. If it wants to be told something: `ingress.serviceAnnotations` and `ingress.loadBalancerClass`.";

  it("no load balancer answers, or one that says why", () => {
    expect(told(service())).toEqual([
      `yet: The Service datalab-ingress/traefik has no address: no load balancer answers. ${cure}`,
    ]);
    expect(told(service({ loadBalancerClass: "example.org/lb" }))).toEqual([
      `yet: The Service datalab-ingress/traefik has no address: no load balancer of the class example.org/lb answers. ${cure}`,
    ]);
    expect(told(service(), "Error syncing load balancer: no subnet.")).toEqual([
      `ever: The Service datalab-ingress/traefik has no address: Error syncing load balancer: no subnet. ${cure}`,
    ]);
  });

  it("it waits for one: not where it has it, has another type, or stands before one of the graph", () => {
    expect(waitsForAddress(service())).toBe(true);
    expect(waitsForAddress({ ...service(), status: { loadBalancer: { ingress: [{}] } } })).toBe(false);
    expect(waitsForAddress(service({ type: "NodePort" }))).toBe(false);
    const skipped = { ...service().metadata, annotations: { "pulumi.com/skipAwait": "true" } };
    expect(waitsForAddress({ ...service(), metadata: skipped })).toBe(false);
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
          all: <T>(kinds: readonly string[]) =>
            kinds.includes("pods")
              ? Promise.resolve(pods.map((one) => ({ kind: "Pod", ...one })) as T[])
              : // As on a cluster without cert-manager.
                Promise.reject<T[]>(new KubectlError("other", "the server doesn't have a resource type")),
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

  it("a load balancer that refuses is asked for its reason, and only where a Service waits for one", async () => {
    const asked: string[] = [];
    const named = (name: string, type: string) => ({
      kind: "Service",
      metadata: { name, namespace: "datalab-ingress" },
      spec: { type },
    });
    let services = [named("traefik", "LoadBalancer"), named("metrics", "ClusterIP")];
    const said: string[] = [];
    const event = { ...warning("SyncLoadBalancerFailed", "2026-11-21T12:00:30Z"), message: "no subnet" };
    const involvedObject = { kind: "Service", name: "traefik", namespace: "datalab-ingress" };
    const watch = new ReadinessWatch(
      {
        kubectl: {
          all: <T>(kinds: readonly string[]) => Promise.resolve((kinds.includes("services") ? services : []) as T[]),
          get: <T>(path: string) => {
            asked.push(decodeURIComponent(path).split("=Warning,").at(-1) ?? "");
            const items = path.includes("involvedObject") ? [{ ...event, involvedObject }] : [];
            return Promise.resolve({ items } as T);
          },
          close: () => undefined,
        },
        namespaces: ["datalab-ingress"],
        readyTimeout: 600,
        say: (sentence) => Promise.resolve(void said.push(sentence)),
      },
      start,
    );
    for (const seconds of [40, 70]) await watch.look(later(seconds));
    expect(said).toEqual([expect.stringContaining("Service datalab-ingress/traefik has no address: no subnet. If")]);
    services = services.slice(1);
    asked.length = 0;
    await watch.look(later(80));
    expect(asked).toEqual(["reason=FailedCreate"]);
  });

  it("nothing is said of pods that are not the platform's", async () => {
    const theirs = pod({ phase: "Failed" }, "user-alice");
    expect(await story([10, 100, 500].map((seconds) => [seconds, [theirs]]))).toEqual([]);
  });
});
