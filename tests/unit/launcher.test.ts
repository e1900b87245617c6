/** The launcher in a real shell; helm and wget only note how they are called. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { launcherConfig, launcherMounts, launcherVolumes } from "../../components/portal/launcher.ts";
import type { LauncherPlaces } from "../../components/portal/launcher-options.ts";
import { commandLines, installLauncher, launcherPlaces } from "../support/launcher.ts";
import { access } from "../support/portal.ts";

let folder: string;
let places: LauncherPlaces;
let launcher: string;
/** Address of the API server's Service, as pods are told it. */
let serviceHost: string | undefined;

const impersonation = "--kube-as-user=system:serviceaccount:user-alice:datalab-launcher";

beforeEach(() => {
  serviceHost = undefined;
  folder = mkdtempSync(join(tmpdir(), "datalab-launcher-"));
  places = launcherPlaces(folder, "https://api.example.test");
  launcher = installLauncher(folder, places);
  for (const name of ["account", "bin", "tmp", "bodies"]) mkdirSync(join(folder, name));
  put("account/token", "the-token\n");
  put("uid", "uid-1");
  put("slice", slice);
  program("real-helm", helm);
  program("bin/wget", wget);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("a call of Onyxia's API", () => {
  it.each([
    [commandLines.version],
    [commandLines.addRepository],
    [commandLines.addRepositoryWithCa],
    [commandLines.updateRepositories],
    [commandLines.searchRepositories],
  ])("for no namespace goes to helm as it is: %s", (line) => {
    expect(run(line)).toMatchObject({ status: 0, stdout: "helm's output\n" });
    expect(calls()).toEqual([`helm [] ${line}`]);
  });

  it.each([
    [commandLines.list("user-alice")],
    [commandLines.find("jupyter-1", "user-alice")],
    [commandLines.getAll("jupyter-1", "user-alice")],
    [commandLines.getManifest("jupyter-1", "user-alice")],
    [commandLines.getValues("jupyter-1", "user-alice")],
    [commandLines.getNotes("jupyter-1", "user-alice")],
    [commandLines.uninstall("jupyter-1", "user-alice")],
  ])("has the rights of its namespace alone: %s", (line) => {
    expect(run(line)).toMatchObject({ status: 0, stdout: "helm's output\n", stderr: "" });
    expect(helmCalls()).toEqual([`helm [${places.kubeconfig}] ${impersonation} ${line}`]);
  });

  it.each([
    [commandLines.launch("jupyter-1", "ide/jupyter", "user-alice", "/tmp/values.yaml")],
    [
      commandLines.launch(
        "jupyter-1",
        "ide/jupyter",
        "user-alice",
        "/tmp/v.yaml",
        "--timeout 600s --ca-file /ca/ca.crt ",
      ),
    ],
    [commandLines.launch("jupyter-1", "ide/jupyter", "user-alice", "/tmp/v.yaml", "--insecure-skip-tls-verify ")],
    [commandLines.suspend("jupyter-1", "ide/jupyter", "user-alice", true)],
    [commandLines.suspend("jupyter-1", "ide/jupyter", "user-alice", false)],
  ])("goes through the post-renderer, and then asks which revisions there are: %s", (line) => {
    expect(run(line)).toMatchObject({ status: 0, stdout: "helm's output\n", stderr: "" });
    const rest = line.replace("upgrade ", "");
    expect(helmCalls()).toEqual([
      `helm [${places.kubeconfig}] ${impersonation} upgrade --post-renderer=datalab-walls ${rest}`,
      `helm [${places.kubeconfig}] ${impersonation} history jupyter-1 -n user-alice --output json`,
    ]);
  });

  it("forgets what is between the first revision and the last two, as the launcher", () => {
    const revisions = [1, 2, 4, 7, 8].map((revision) => ({ revision, updated: "then", status: "superseded" }));
    put("history", JSON.stringify(revisions));
    run(commandLines.suspend("jupyter-1", "ide/jupyter", "user-alice", true));
    const launcherUser = "system:serviceaccount:user-alice:datalab-launcher";
    const secret = "api/v1/namespaces/user-alice/secrets/sh.helm.release.v1.jupyter-1";
    expect(calls().filter((call) => call.includes("DELETE"))).toEqual([
      `as ${launcherUser}: DELETE ${secret}.v2`,
      `as ${launcherUser}: DELETE ${secret}.v4`,
    ]);
  });

  it.each([[1], [2], [3]])("forgets nothing of %d revisions", (count) => {
    put("history", JSON.stringify(Array.from({ length: count }, (_, index) => ({ revision: index + 1 }))));
    run(commandLines.suspend("jupyter-1", "ide/jupyter", "user-alice", true));
    expect(calls().join()).not.toContain("DELETE");
  });

  it("has the rights of a group's namespace", () => {
    run(commandLines.list("project-team"));
    expect(helmCalls().join()).toContain("--kube-as-user=system:serviceaccount:project-team:datalab-launcher ls");
  });

  it("keeps spaces, quotation marks and empty arguments", () => {
    const values = ["a  b", "", "it's", 'say "hello" $HOME `id` \\n *'];
    expect(run("upgrade x y -n user-alice", ...values.flatMap((value) => ["--set", value]))).toMatchObject({
      status: 0,
    });
    for (const value of values) expect(helmCalls().join()).toContain(`--set ${value}`);
  });

  it("takes an option's value for nothing else", () => {
    expect(run("upgrade --install --set -n --version user-bob x y -n user-alice")).toMatchObject({ status: 0 });
    expect(helmCalls().join()).toContain(impersonation);
  });

  it("impersonates even if an option without its value stands last", () => {
    run("ls -n user-alice --filter");
    expect(helmCalls().join()).toMatch(/^helm \S+ --kube-as-user=/);
  });

  it("without walls has no post-renderer", () => {
    installLauncher(folder, places, { services: { networkIsolation: false } });
    run(commandLines.launch("jupyter-1", "ide/jupyter", "user-alice", "/tmp/values.yaml"));
    expect(helmCalls().join()).not.toContain("post-renderer");
    expect(calls().join()).not.toMatch(/networkpolicies|endpointslices/);
  });
});

describe("refused, before anything is called:", () => {
  it.each([
    ["ls", "without a namespace there is only"],
    ["", "without a namespace there is only"],
    ["uninstall x", "without a namespace there is only"],
    ["ls -n kube-system", "not for the namespace kube-system"],
    ["ls -n datalab-identity", "not for the namespace datalab-identity"],
    ["ls -n user-", "not for the namespace user-"],
    ["ls -n user", "not for the namespace user"],
    ["ls -n user-a/../b", "not a namespace"],
    ["ls -n user-a;id", "not a namespace"],
    ["ls -n", "no namespace after -n"],
    ["ls --namespace", "no namespace after -n"],
    ["ls -n user-alice -n user-bob", "two namespaces"],
    ["ls -n user-alice --namespace user-bob", "two namespaces"],
    ["ls --namespace=user-alice", "not for this command: --namespace=user-alice"],
    ["ls -nuser-alice", "not for this command: -nuser-alice"],
    ["ls -n user-alice -nuser-bob", "not for this command: -nuser-bob"],
    ["ls -An user-alice", "not for this command: -An"],
    ["ls -n user-alice --kube-as-user admin", "not for this command: --kube-as-user"],
    ["ls -n user-alice --kube-as-group=system:masters", "not for this command: --kube-as-group"],
    ["ls -n user-alice --kubeconfig=/dev/null", "not for this command: --kubeconfig"],
    ["version --kube-token=x", "not for this command: --kube-token"],
    ["upgrade x y -n user-alice --post-renderer other", "not for this command: --post-renderer"],
    ["upgrade x y -n user-alice -- z", "not for this command: --"],
    ["template x y -n user-alice", "not a command of the portal's: template"],
    ["plugin install x -n user-alice", "not a command of the portal's: plugin"],
    ["plugin install x", "without a namespace there is only"],
    ["-n user-alice ls", "not a command of the portal's: -n"],
  ])("helm %s", (line, reason) => {
    const answer = run(line);
    expect(answer.status).toBe(1);
    expect(answer.stderr).toMatch(new RegExp(`^launcher: .*${reason.replaceAll(/[.*/]/g, "\\$&")}`));
    expect(log()).toBe(answer.stderr);
    expect(calls()).toEqual([]);
    leavesNothing();
  });
});

describe("before helm, the workspace", () => {
  it("gets its objects, walls before rights, and waits for these", () => {
    run(commandLines.list("user-alice"));
    const space = "namespaces/user-alice";
    const rbac = `apis/rbac.authorization.k8s.io/v1/${space}/rolebindings`;
    expect(calls().map((call) => call.split("?")[0])).toEqual([
      `GET api/v1/${space}`,
      "GET apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
      `PATCH apis/networking.k8s.io/v1/${space}/networkpolicies/datalab-connections`,
      `PATCH apis/networking.k8s.io/v1/${space}/networkpolicies/datalab-api-server`,
      `PATCH api/v1/${space}/resourcequotas/datalab-limits`,
      `PATCH api/v1/${space}/limitranges/datalab-limits`,
      `PATCH ${rbac}/datalab-launcher`,
      `PATCH ${rbac}/datalab-chart-kinds`,
      `PATCH ${rbac}/datalab-portal`,
      `GET api/v1/${space}/resourcequotas/datalab-limits`,
      "POST apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      expect.stringMatching(/^helm /),
    ]);
    expect(calls()[2]).toBe(
      `PATCH apis/networking.k8s.io/v1/${space}/networkpolicies/datalab-connections?fieldManager=datalab-launcher&force=true`,
    );
    for (const file of readdirSync(join(folder, "bodies"))) {
      const text = readFileSync(join(folder, "bodies", file), "utf8");
      expect(text).not.toContain("@");
      expect(() => void JSON.parse(text)).not.toThrow();
    }
  });

  it("is shown the way to the API server", () => {
    run(commandLines.list("user-alice"));
    expect(body("networkpolicies_datalab-api-server")).toMatchObject({
      spec: {
        egress: [
          {
            to: [{ ipBlock: { cidr: "192.0.2.1/32" } }, { ipBlock: { cidr: "192.0.2.2/32" } }],
            ports: [
              { port: 6443, protocol: "TCP" },
              { port: 443, protocol: "TCP" },
            ],
          },
        ],
      },
    });
  });

  it.each([
    ["10.96.0.1", "10.96.0.1/32"],
    ["fd00::1", "fd00::1/128"],
  ])("is shown its Service too, at %s: some networks look before the translation", (address, cidr) => {
    serviceHost = address;
    run(commandLines.list("user-alice"));
    const to = [{ ipBlock: { cidr } }, { ipBlock: { cidr: "192.0.2.1/32" } }, { ipBlock: { cidr: "192.0.2.2/32" } }];
    expect(body("networkpolicies_datalab-api-server")).toMatchObject({ spec: { egress: [{ to }] } });
  });

  it("is shown the way to an API server on IPv6", () => {
    put(
      "slice",
      slice.replace("IPv4", "IPv6").replace("192.0.2.1", "2001:db8::1").replace("192.0.2.2", '"2001:db8::2"'),
    );
    run(commandLines.list("user-alice"));
    expect(body("networkpolicies_datalab-api-server")).toMatchObject({
      spec: { egress: [{ to: [{ ipBlock: { cidr: "2001:db8::1/128" } }, { ipBlock: { cidr: "2001:db8::2/128" } }] }] },
    });
  });

  it.each(["mawk", "gawk", "original-awk", "busybox"])("is so with %s, where it is installed", (name) => {
    const path = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    if (path === "") return;
    program("bin/awk", `#!/bin/sh\nexec ${path} ${name === "busybox" ? "awk " : ""}"$@"\n`);
    expect(run(commandLines.list("user-alice"))).toMatchObject({ status: 0 });
    expect(body("networkpolicies_datalab-api-server")).toMatchObject({
      spec: { egress: [{ to: [{}, {}], ports: [{ port: 6443 }, { port: 443 }] }] },
    });
    expect(withoutPolicies(manifests)).toBe(manifestsWithoutPolicies);
  });

  it("of a group gets the group's quota", () => {
    installLauncher(folder, places, { quotas: { group: { memoryLimit: "777Gi" } } });
    run(commandLines.list("project-team"));
    expect(body("resourcequotas_datalab-limits")).toMatchObject({ spec: { hard: { "limits.memory": "777Gi" } } });
    expect(calls().filter((call) => call.startsWith("PATCH") && call.includes("resourcequotas"))).toHaveLength(1);
  });

  it("gets them again after ten minutes, if somebody has taken one away", () => {
    run(commandLines.list("user-alice"));
    forget();
    const earlier = Date.now() / 1000 - 11 * 60;
    utimesSync(join(places.marks, "user-alice"), earlier, earlier);
    run(commandLines.list("user-alice"));
    expect(calls().filter((call) => call.startsWith("PATCH"))).toHaveLength(7);
  });

  it("gets them once", () => {
    run(commandLines.list("user-alice"));
    forget();
    run(commandLines.list("user-alice"));
    expect(calls().filter((call) => call.startsWith("PATCH"))).toEqual([]);
    expect(helmCalls()).toHaveLength(1);
  });

  it.each([
    ["another workspace", () => undefined, "user-bob"],
    [
      "they have changed",
      () => {
        put("objects/limitranges.datalab-limits.json", "{}");
      },
      "user-alice",
    ],
    [
      "the namespace was made anew",
      () => {
        put("uid", "uid-2");
      },
      "user-alice",
    ],
    [
      "the API server has moved",
      () => {
        put("slice", slice.replace("192.0.2.2", "192.0.2.3"));
      },
      "user-alice",
    ],
  ])("gets them again: %s", (_, change, namespace) => {
    run(commandLines.list("user-alice"));
    forget();
    change();
    run(commandLines.list(namespace));
    expect(calls().filter((call) => call.startsWith("PATCH"))).toHaveLength(7);
  });

  it.each([
    ["GET api/v1/namespaces/user-alice"],
    ["GET apis/discovery.k8s.io"],
    ["networkpolicies/datalab-connections"],
    ["limitranges/datalab-limits"],
    ["rolebindings/datalab-portal"],
    ["GET api/v1/namespaces/user-alice/resourcequotas/datalab-limits"],
    ["selfsubjectaccessreviews"],
  ])("without %s launches nothing, and the next call begins anew", (part) => {
    put("refused", part);
    const answer = run(commandLines.launch("jupyter-1", "ide/jupyter", "user-alice", "/tmp/values.yaml"));
    expect(answer).toMatchObject({ status: 1, stdout: "" });
    expect(answer.stderr).toMatch(/^launcher: (GET|PATCH|POST) \/api.*: the server says no .*because/);
    expect(log()).toBe(answer.stderr);
    expect(helmCalls()).toEqual([]);
    expect(existsSync(join(places.marks, "user-alice"))).toBe(false);
    leavesNothing();

    put("refused", "");
    expect(run(commandLines.list("user-alice")).status).toBe(0);
    expect(helmCalls()).toHaveLength(1);
  });

  it.each([
    ["addresses", (slice) => slice.replaceAll(/^ {2}- 192.*\n/gm, "")],
    ["port", (slice) => slice.replaceAll(/^ {2}port.*\n/gm, "")],
  ] satisfies [string, (slice: string) => string][])("launches nothing where the API server has no %s", (_, change) => {
    put("slice", change(slice));
    const answer = run(commandLines.list("user-alice"));
    expect(answer.stderr).toContain("names no address of the API server");
    expect(helmCalls()).toEqual([]);
  });

  it("shows the token to nobody", () => {
    const { stdout, stderr } = run(commandLines.list("user-alice"));
    expect(`${stdout}${stderr}${calls().join()}`).not.toContain("the-token");
    expect(readFileSync(join(folder, "seen-wgetrc"), "utf8")).toBe(
      "-rw------- header = Authorization: Bearer the-token\n",
    );
    leavesNothing();
  });
});

describe("when helm fails", () => {
  const launch = () => run(commandLines.launch("jupyter-1", "ide/jupyter", "user-alice", "/tmp/values.yaml"));
  const removed = () => helmCalls().filter((call) => call.includes(" uninstall "));

  it.each(["ls", "uninstall", "get"])("%s: its exit code, and a word in the log", (verb) => {
    put("fails", verb);
    const answer = run(`${verb} x -n user-alice`);
    expect(answer.status).toBe(3);
    expect(answer.stderr).toBe(`helm's reason\nlauncher: helm ${verb} in user-alice failed\n`);
    expect(log()).toBe(`launcher: helm ${verb} in user-alice failed\n`);
    leavesNothing();
  });

  it("a first launch is taken away", () => {
    put("fails", "upgrade");
    put("history", revision(1, "failed"));
    expect(launch()).toMatchObject({ status: 3, stdout: "helm's output\n" });
    expect(removed()).toEqual([
      `helm [${places.kubeconfig}] ${impersonation} uninstall jupyter-1 -n user-alice --ignore-not-found`,
    ]);
    expect(log()).toBe("launcher: the launch of jupyter-1 in user-alice failed\n");
    leavesNothing();
  });

  it.each([
    ["there is none", ""],
    ["the launch before runs, and nothing was recorded of this one", revision(1, "deployed")],
    ["the launch before runs", `${revision(1, "deployed")},${revision(2, "failed")}`],
    ["another is at it", revision(1, "pending-install")],
    ["its words look like it", revision(1, "deployed", String.raw`\"status\":\"failed\"`)],
  ])("nothing is taken away: %s", (_, history) => {
    put("fails", "upgrade");
    put("history", history);
    expect(launch().status).toBe(3);
    expect(removed()).toEqual([]);
  });

  it("says what could not be taken away", () => {
    put("fails", "upgrade uninstall");
    put("history", revision(1, "failed"));
    const { status, stderr } = launch();
    expect(status).toBe(3);
    expect(stderr).toContain("launcher: what is left of jupyter-1 in user-alice could not be removed");
  });

  it("is no failure of the launcher that the log cannot be written", () => {
    const elsewhere = { ...places, log: join(folder, "none/log") };
    installLauncher(folder, elsewhere);
    expect(run(commandLines.list("user-alice")).status).toBe(0);
    put("fails", "ls");
    expect(run(commandLines.list("user-alice"))).toMatchObject({
      status: 3,
      stderr: expect.not.stringContaining("none/log"),
    });
  });
});

describe("the post-renderer", () => {
  it("takes away NetworkPolicies, and changes nothing else", () => {
    expect(withoutPolicies(manifests)).toBe(manifestsWithoutPolicies);
  });
});

describe("in the API's pod", () => {
  it("everything that is mounted is in a volume, executable and read-only", () => {
    const config = launcherConfig(access, { networkIsolation: true, kubernetesRole: "view" });
    const [volume] = launcherVolumes(false);
    expect(volume).toMatchObject({ configMap: { defaultMode: 0o555 } });
    const { items } = (volume as { configMap: { items: { key: string; path: string }[] } }).configMap;
    expect(items.map(({ key }) => key).toSorted()).toEqual(Object.keys(config).toSorted());
    expect(launcherMounts).toContainEqual({
      name: "launcher",
      mountPath: "/usr/local/sbin/helm",
      subPath: "helm",
      readOnly: true,
    });
    expect(config["helm"]).toContain("/launcher/plugins");
    expect(items.map(({ path }) => path)).toContain("plugins/datalab-walls/plugin.yaml");
  });
});

function run(line: string, ...more: string[]) {
  const inPod = serviceHost === undefined ? {} : { KUBERNETES_SERVICE_HOST: serviceHost };
  const args = [...(line === "" ? [] : line.split(" ")), ...more];
  const { status, stdout, stderr } = spawnSync("sh", [launcher, ...args], {
    encoding: "utf8",
    env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, TMPDIR: join(folder, "tmp"), HERE: folder, ...inPod },
  });
  return { status, stdout, stderr };
}

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function program(name: string, text: string): void {
  put(name, text);
  chmodSync(join(folder, name), 0o755);
}

function text(name: string): string {
  return existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
}

const calls = () => text("calls").split("\n").filter(Boolean);
const helmCalls = () => calls().filter((call) => call.startsWith("helm "));
const log = () => text("log");
const forget = () => {
  put("calls", "");
};
const body = (name: string) => JSON.parse(text(join("bodies", name))) as object;

function leavesNothing(): void {
  expect(readdirSync(join(folder, "tmp"))).toEqual([]);
}

function revision(number: number, status: string, description = "Install complete"): string {
  return `[{"revision":${String(number)},"updated":"2026-11-29","status":"${status}","chart":"a-1","app_version":"1","description":"${description}"}]`;
}

function withoutPolicies(input: string): string {
  const path = join(places.plugins, "datalab-walls/without-network-policies");
  const env = { PATH: `${join(folder, "bin")}:/usr/bin:/bin` };
  return spawnSync("sh", [path], { input, encoding: "utf8", env }).stdout;
}

/** As the API server writes it. */
const slice = `addressType: IPv4
apiVersion: discovery.k8s.io/v1
endpoints:
- addresses:
  - 192.0.2.1
  conditions:
    ready: true
- addresses:
  - 192.0.2.2
  conditions:
    ready: true
kind: EndpointSlice
metadata:
  labels:
    kubernetes.io/service-name: kubernetes
  name: kubernetes
  namespace: default
ports:
- name: https
  port: 6443
  protocol: TCP
`;

const helm = `#!/bin/sh
printf '%s\\n' "helm [\${KUBECONFIG-}] $*" >>"$HERE/calls"
case "$*" in *" history "*) cat "$HERE/history" 2>/dev/null; exit 0 ;; esac
echo "helm's output"
for verb in $(cat "$HERE/fails" 2>/dev/null); do
  case " $* " in *" $verb "*) echo "helm's reason" >&2; exit 3 ;; esac
done
`;

const wget = `#!/bin/sh
for argument; do
  case $argument in
    --method=*) method=\${argument#*=} ;;
    --body-file=*) body=\${argument#*=} ;;
    --header=Impersonate-User:*) acting="as \${argument#*: }: " ;;
    --output-document=*) answer=\${argument#*=} ;;
    https://api.example.test/*) path=\${argument#https://api.example.test/} ;;
  esac
done
echo "\${acting-}$method $path" >>"$HERE/calls"
case "$*" in *the-token*) echo "the-token in the arguments" >>"$HERE/calls" ;; esac
echo "$(ls -l "$WGETRC" | cut -c 1-10) $(cat "$WGETRC")" >"$HERE/seen-wgetrc"
refused=$(cat "$HERE/refused" 2>/dev/null)
if [ -n "$refused" ]; then
  case "$method $path" in *"$refused"*) echo because >"$answer"; echo "the server says no" >&2; exit 8 ;; esac
fi
if [ -n "\${body-}" ]; then
  name=\${path%%\\?*} parent=\${path%/*}
  cp "$body" "$HERE/bodies/\${parent##*/}_\${name##*/}"
fi
case $path in
  */resourcequotas/datalab-limits) printf 'status:\\n  used: {}\\n' >"$answer" ;;
  api/v1/namespaces/*/*) ;;
  api/v1/namespaces/*) printf 'kind: Namespace\\nmetadata:\\n  uid: %s\\n' "$(cat "$HERE/uid")" >"$answer" ;;
  *endpointslices/kubernetes) cat "$HERE/slice" >"$answer" ;;
  *selfsubjectaccessreviews) printf 'status:\\n  allowed: true\\n' >"$answer" ;;
esac
`;

const manifests = `---
# Source: thing/templates/networkpolicy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: thing
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: thing
data:
  text: |
    kind: NetworkPolicy
    ---
    -----BEGIN CERTIFICATE-----
---
apiVersion: networking.k8s.io/v1
kind: "NetworkPolicy"
---
apiVersion: v1
kind: Service
`;

const manifestsWithoutPolicies = `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: thing
data:
  text: |
    kind: NetworkPolicy
    ---
    -----BEGIN CERTIFICATE-----
---
apiVersion: v1
kind: Service
`;
