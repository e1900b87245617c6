/** The doctor's steps on workspaces and on their connections, against a cluster of plain objects. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { Kubectl, KubectlError } from "../../../checks/kubectl/kubectl.ts";
import type { Context } from "../../../commands/doctor/step.ts";
import { answersIn, attemptScript } from "../../../commands/doctor/steps/attempts.ts";
import { networkPoliciesStep } from "../../../commands/doctor/steps/network-policies.ts";
import { servicesStep } from "../../../commands/doctor/steps/services.ts";
import { workspaceConnectionsStep } from "../../../commands/doctor/steps/workspace-connections.ts";
import { workspacesStep } from "../../../commands/doctor/steps/workspaces.ts";
import {
  settings,
  portal,
  network,
  cluster,
  outcomeOf,
  changed,
  named,
  refused,
  type Bench,
  type Item,
} from "../../support/doctor-walls-bench.ts";

describe("attempts to connect", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-attempts-"));
    // What GNU wget says; the program itself is not on every machine.
    const script = `#!/bin/sh
case "$*" in
  --version) echo "GNU Wget 1.21.4 built on linux-gnu." ;;
  *http://open*) echo "Connecting to open (open)|192.0.2.1|:80... connected."; exit 4 ;;
  *https://stranger*) echo "Connecting to stranger... connected."; echo "ERROR: cannot verify"; exit 5 ;;
  *http://nowhere*) echo "wget: unable to resolve host address 'nowhere'" >&2; exit 4 ;;
  *http://[[]::1]:1/*) echo "Connecting to [::1]:1... connected."; exit 8 ;;
  *) echo "Connecting to it... failed: Connection refused."; exit 4 ;;
esac
`;
    writeFileSync(join(folder, "wget"), script, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const print = (script: string, path: string) =>
    spawnSync("/bin/sh", ["-c", script], { env: { PATH: path, NODE: "[::1]" }, encoding: "utf8" }).stdout;

  it("are told apart by what wget says", () => {
    const urls = ["http://open/", "https://stranger/", "http://nowhere/", "http://shut/", "http://$NODE:1/"];
    const script = attemptScript(urls.map((url, index) => ({ key: String(index), url })));
    const answer = answersIn(print(script, [folder, "/usr/bin", "/bin"].join(delimiter)));
    expect(urls.map((_, index) => answer(String(index)))).toEqual([
      "connected",
      "untrusted",
      "unresolved",
      "closed",
      "connected",
    ]);
  });

  it("say nothing at all without GNU wget", () => {
    const output = print(attemptScript([{ key: "a", url: "http://open/" }]), "/nonexistent");
    expect(output).toContain("no wget");
    expect(answersIn(output)("a")).toBeUndefined();
  });

  it("trust the workspace's authorities where they are private", () => {
    expect(attemptScript([], "/trust/ca.crt")).toContain("--ca-certificate=/trust/ca.crt");
    expect(attemptScript([])).not.toContain("--ca-certificate");
  });
});

describe("workspaces", () => {
  const connections = (change: (item: Item) => unknown) => changed(network, named("datalab-connections", change));
  const workspace = (name: string) => changed("/api/v1/namespaces", (items) => [...items, { metadata: { name } }]);
  const policy = (spec: object) =>
    changed(network, (items) => [...items, { metadata: { name: "chart", namespace: "user-alice" }, spec }]);

  it.each<[string, Bench, string, RegExp]>([
    ["with all their walls", {}, "passed", /"note":"2"/],
    [
      "in which something runs without one",
      { objects: connections(() => undefined) },
      "failed",
      /without the platform's walls in user-alice \(no NetworkPolicy datalab-connections\)/,
    ],
    [
      "with a wall that somebody has opened",
      { objects: connections((item) => ({ ...item, spec: { ...item.spec, ingress: [{}] } })) },
      "failed",
      /another NetworkPolicy datalab-connections: spec.ingress\[0\]/,
    ],
    [
      "that trust another authority",
      {
        objects: {
          ...cluster(),
          "/api/v1/configmaps": {
            items: [{ metadata: { name: "datalab-trust", namespace: "user-alice" }, data: { "ca.crt": "x" } }],
          },
        },
      },
      "failed",
      /another ConfigMap datalab-trust: data/,
    ],
    [
      "in which nothing runs",
      { objects: { ...connections(() => undefined), "/api/v1/namespaces/user-alice/pods": { items: [] } } },
      "passed",
      /2, 2 of them empty and without walls until their next launch/,
    ],
    [
      "of a name with a hyphen",
      { objects: workspace("user-jean-pierre") },
      "warning",
      /user-jean-pierre has a name.*hyphenatedNames/,
    ],
    ["of no user or group", { objects: workspace("lab") }, "warning", /lab has a name.*made by hand/],
    [
      "with a policy of a chart that lets in everybody",
      { objects: policy({ ingress: [{}] }) },
      "warning",
      /chart in user-alice opens more/,
    ],
    [
      "with one that lets in neighbours",
      { objects: policy({ ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }] }] }) },
      "warning",
      /opens more/,
    ],
    [
      "with one that opens a network",
      { objects: policy({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }) },
      "warning",
      /opens more/,
    ],
    [
      "with one that opens nothing more",
      {
        objects: policy({
          ingress: [
            {
              from: [
                { podSelector: {} },
                { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "datalab-ingress" } } },
              ],
            },
          ],
          egress: [{ to: [{ podSelector: {} }] }],
        }),
      },
      "passed",
      /"2"/,
    ],
    [
      "of a launcher that has other objects",
      { objects: { ...cluster(), [`${portal}/configmaps/onyxia-workspaces`]: { data: {} } } },
      "failed",
      /ConfigMap datalab-portal\/onyxia-workspaces is another one/,
    ],
  ])("are looked at: those %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(workspacesStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("without walls get them by a command of an operator, too", async () => {
    expect(await outcomeOf(workspacesStep, { objects: connections(() => undefined) })).toMatchObject({
      cause: expect.stringContaining("has not opened the portal since"),
      cure: expect.stringContaining(
        "`kubectl --namespace datalab-portal exec deployment/onyxia-api -- sh -c 'rm -f /tmp/workspaces/user-alice; helm ls --namespace user-alice'`",
      ),
    });
  });

  it("may have hyphens in their names where the stack file allows it", async () => {
    const of = settings({ identity: { hyphenatedNames: true } });
    const objects = changed(
      "/api/v1/namespaces",
      (items) => [...items, { metadata: { name: "user-jean-pierre" } }],
      of,
    );
    const empty = { "/api/v1/namespaces/user-jean-pierre/pods": { items: [] } };
    expect(await outcomeOf(workspacesStep, { of, objects: { ...objects, ...empty } })).toMatchObject({
      status: "passed",
    });
  });
});

describe("network policies", () => {
  it.each<[string, string | KubectlError, string, RegExp]>([
    ["that hold", "attempt api-server connected\nattempt keycloak closed\n", "passed", /passed/],
    [
      "that do not",
      "attempt api-server connected\nattempt keycloak connected\n",
      "failed",
      /does not enforce NetworkPolicies/,
    ],
    [
      "of a pod that reaches nothing",
      "attempt api-server closed\nattempt keycloak closed\n",
      "warning",
      /cannot be told/,
    ],
    [
      "of a cluster without DNS",
      "attempt api-server unresolved\nattempt keycloak unresolved\n",
      "warning",
      /cannot be told/,
    ],
    ["of a pod without wget", "no wget\n", "warning", /no wget/],
    ["where nothing may be run in pods", refused, "warning", /cannot be told.*may not run commands in pods/],
  ])("are tried: those %s", async (_, run, status, says) => {
    const outcome = await outcomeOf(networkPoliciesStep, { run });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it("say nothing while Keycloak is down", () => {
    expect(networkPoliciesStep.needs).toContain("discovery");
  });
});

describe("a user's services", () => {
  const answers = (others: Readonly<Record<string, string>> = {}) =>
    Object.entries({
      store: "connected",
      identity: "connected",
      portal: "connected",
      keycloak: "closed",
      database: "closed",
      metadata: "closed",
      kubelet: "closed",
      ...others,
    })
      .map(([key, answer]) => `attempt ${key} ${answer}\n`)
      .join("");
  const facts = { workspace: "user-alice" };

  it.each<[string, string | KubectlError, string, RegExp]>([
    ["what they need and no more", answers(), "passed", /7 tried/],
    ["no name", answers({ store: "unresolved" }), "failed", /do not find s3\.example\.test.*workspace → DNS/],
    [
      "nobody they trust",
      answers({ identity: "untrusted" }),
      "failed",
      /do not trust the certificate of auth\.example\.test.*authority/,
    ],
    ["a name behind a wall", answers({ portal: "closed" }), "failed", /egress\.allow/],
    ["Keycloak's pods", answers({ keycloak: "connected" }), "failed", /reach Keycloak by its Service/],
    ["the database", answers({ database: "connected" }), "failed", /reach Keycloak's database/],
    ["the cloud's credentials", answers({ metadata: "connected" }), "failed", /169\.254\.169\.254/],
    ["their own node", answers({ kubelet: "connected" }), "warning", /kubelet of their own node/],
    ["nothing, for the pod has no wget", "no wget\n", "failed", /did not try everything; it said: no wget/],
    ["nothing, for the pod is refused", refused, "failed", /A pod in user-alice is refused.*may not make pods/],
    [
      "nothing, for the quota is full",
      new KubectlError("refused", "pods is forbidden: exceeded quota: onyxia-quota"),
      "failed",
      /pause a service/,
    ],
  ])("reach %s", async (_, trial, status, says) => {
    const deleted: string[] = [];
    const outcome = await outcomeOf(workspaceConnectionsStep, { trial, facts, deleted });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
    if (typeof trial === "string") {
      expect(deleted).toEqual([expect.stringMatching(/^\/api\/v1\/namespaces\/user-alice\/pods\/datalab-doctor-/)]);
    }
  });

  it("are not tried without --write, or before there is a workspace", async () => {
    const options = { write: false } as Context["options"];
    for (const step of [workspaceConnectionsStep, servicesStep]) {
      expect(step.unless?.({ options } as Context)).toBe("--write was not given");
    }
    expect(await outcomeOf(workspaceConnectionsStep)).toMatchObject({ note: expect.stringContaining("no workspace") });
  });

  it("are kept from the platform's parts alone where they are not kept apart", async () => {
    const of = settings({ portal: { services: { networkIsolation: false } } });
    const trial = answers({ metadata: "connected" });
    expect(await outcomeOf(workspaceConnectionsStep, { of, trial, facts })).toMatchObject({
      status: "passed",
      note: "5 tried",
    });
  });
});

describe("what the doctor makes in the cluster", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-kubectl-"));
    const script = `#!/bin/sh
echo "$*" >>${folder}/calls
[ "$3" != create ] || cat >${folder}/sent
[ ! -e ${folder}/slow ] || [ "$3" != delete ] || exit 1
`;
    writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("is deleted in the end, whatever comes between", async () => {
    const kubectl = new Kubectl({
      kubeconfig: () => Promise.resolve({ path: "config" }),
      context: undefined,
      project: folder,
      environment: { PATH: [folder, "/usr/bin", "/bin"].join(delimiter) },
      timeout: 3,
    });
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    const pod = (name: string) => ({ metadata: { name } });
    await kubectl.create("/pods", pod("one"));
    expect(JSON.parse(readFileSync(join(folder, "sent"), "utf8"))).toEqual(pod("one"));
    await kubectl.delete("/pods/one");
    await kubectl.create("/pods", pod("two"));
    writeFileSync(join(folder, "slow"), "");
    await expect(kubectl.delete("/pods/two")).rejects.toThrow();
    kubectl.close();
    kubectl.close();
    expect(calls().map((call) => call.replace(/^--kubeconfig=\S+ --request-timeout=3s /, ""))).toEqual([
      "create --raw=/pods --filename=-",
      "delete --raw=/pods/one",
      "create --raw=/pods --filename=-",
      "delete --raw=/pods/two",
      "delete --raw=/pods/two",
    ]);
  });
});
