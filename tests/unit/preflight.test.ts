import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { ExistingClusterSettings } from "../../components/cluster/settings.ts";
import { ownerLabel, ownerOf } from "../../components/kubernetes/owner.ts";
import { namespaces } from "../../components/names.ts";
import { storageObstacles } from "../../checks/preflight/capabilities.ts";
import { connectionObstacles } from "../../checks/preflight/connection.ts";
import {
  loadBalancerNotes,
  nodePortObstacles,
  portObstacles,
  type ServiceOfTheCluster,
} from "../../checks/preflight/load-balancer.ts";
import { type Claim, foreignObstacles, type LiveObject, lostStateObstacles } from "../../checks/preflight/ownership.ts";
import { PreflightError } from "../../checks/preflight/problem.ts";
import { stateOf } from "../../checks/preflight/state.ts";
import { minorVersions, versionNotes, versionObstacles } from "../../checks/preflight/version.ts";
import { stackSettings } from "../support/stack-file.ts";

const owner = ownerOf("home", "lab");
const claim: Claim = { owner, known: new Map(), adopt: [] };

function live(kind: string, name: string, metadata: Partial<LiveObject["metadata"]> = {}): LiveObject {
  const apiVersion = kind === "Namespace" ? "v1" : "networking.k8s.io/v1";
  return { apiVersion, kind, metadata: { name, uid: `uid-of-${name}`, ...metadata } };
}

describe("the preflight's look at what exists", () => {
  it("takes for its own what carries its label, and what its state knows by the same identity", () => {
    const known = new Map([
      ["Namespace.//cert-manager", { uid: "uid-of-cert-manager", fieldManager: "pulumi-kubernetes-1" }],
    ]);
    const labelled = live("Namespace", "datalab-portal", { labels: { [ownerLabel]: owner.label } });
    expect(foreignObstacles([labelled, live("Namespace", "cert-manager")], { ...claim, known })).toEqual([]);
    const another = live("Namespace", "cert-manager", { uid: "made again" });
    expect(foreignObstacles([another], { ...claim, known })).toHaveLength(1);
    // What another stack has marked since is not this one's any more, whatever the state says.
    const marked = live("Namespace", "cert-manager", { labels: { [ownerLabel]: "second.lab" } });
    expect(foreignObstacles([marked], { ...claim, known })).toHaveLength(1);
  });

  it("knows its own under the name that the stack had before", () => {
    const former = live("Namespace", "n", { labels: { [ownerLabel]: "old.lab" } });
    const known = (name: string | undefined) =>
      new Map([["Namespace.//n", { uid: "uid-of-n", fieldManager: "pulumi-kubernetes-1", owner: name }]]);
    expect(foreignObstacles([former], { ...claim, known: known("old.lab") })).toEqual([]);
    // Somebody else has written another owner since.
    expect(foreignObstacles([former], { ...claim, known: known("older.lab") })).toHaveLength(1);
    expect(foreignObstacles([former], { ...claim, known: known(undefined) })).toHaveLength(1);
  });

  it("notices that the state was lost while there is data, which adoption does not cure", async () => {
    const identity = live("Namespace", "datalab-identity", { labels: { [ownerLabel]: owner.label } });
    const yes = () => Promise.resolve(true);
    const heir = { stack: "home", owner, hasPasswords: false };
    const [obstacle] = await lostStateObstacles([identity], heir, yes);
    expect(obstacle?.cures.join("\n")).toContain("pulumi stack import --file <copy>");
    expect(obstacle?.cures.join("\n")).toContain("npm run take-back -- -s home --yes");
    expect(await lostStateObstacles([identity], { ...heir, hasPasswords: true }, yes)).toEqual([]);
    expect(await lostStateObstacles([identity], heir, () => Promise.resolve(false))).toEqual([]);
  });

  it("says once for each owner whose it is, with ways out that fit", () => {
    const release = {
      "meta.helm.sh/release-name": "ingress-nginx",
      "meta.helm.sh/release-namespace": "ingress",
    };
    const obstacles = foreignObstacles(
      [
        live("Namespace", "cert-manager", { managedFields: [{ manager: "kubectl-create" }] }),
        live("IngressClass", "nginx", { annotations: release, managedFields: [{ manager: "helm" }] }),
        ...["a", "b", "c", "d", "e"].map((name) => live("Namespace", name, { labels: { [ownerLabel]: "other.lab" } })),
        live("Namespace", "f", { managedFields: [{ manager: "pulumi-kubernetes-1234" }] }),
      ],
      { ...claim, adopt: ["Namespace/x"] },
    );
    expect(obstacles.map(({ message }) => message)).toEqual([
      "Namespace cert-manager exists and belongs to somebody else (written by kubectl-create).",
      "IngressClass nginx exists and belongs to the Helm release ingress-nginx in namespace ingress.",
      "Namespace a, Namespace b, Namespace c and 2 more exist and belong to another stack of this program, other.lab (its stack and its cluster's identifier).",
      "Namespace f exists and belongs to another stack of Pulumi, or to one with another state.",
    ]);
    const [certManager, ingress, stack] = obstacles.map(({ cures }) => cures.join("\n"));
    expect(certManager).toContain("pulumi config set --path 'datalab:certificates.certManager.install' 'false'");
    expect(certManager).toContain("pulumi config set --path 'datalab:platform.adopt[1]' 'Namespace/cert-manager'");
    expect(ingress).toContain("pulumi config set --path 'datalab:ingress.kind' 'existing'");
    expect(ingress).not.toContain("certManager");
    expect(stack).not.toContain("adopt");
    const many = ["a", "b", "c", "d", "e", "f"].map((name) =>
      live("Namespace", name, { managedFields: [{ manager: "pulumi-kubernetes-1" }] }),
    );
    expect(foreignObstacles(many, claim)[0]?.cures).toEqual([
      expect.stringContaining("pulumi stack select"),
      "Or take them over on purpose: `platform.adopt` names each as `Kind/name`.",
    ]);
  });

  it("does not propose to take over a whole platform of 0.1, whose passwords are in a state that is not here", () => {
    const pulumis = { managedFields: [{ manager: "pulumi-kubernetes-1" }] };
    const [obstacle] = foreignObstacles([live("Namespace", "datalab-identity", pulumis)], claim);
    expect(obstacle?.cures.join("\n")).toContain("pulumi stack import --file <copy>");
    expect(obstacle?.cures.join("\n")).not.toContain("adopt");
  });

  it("lets pass what is taken over on purpose", () => {
    const adopt = ["Namespace/cert-manager"];
    expect(foreignObstacles([live("Namespace", "cert-manager")], { ...claim, adopt })).toEqual([]);
    expect(foreignObstacles([live("Namespace", "other")], { ...claim, adopt })).toHaveLength(1);
  });

  it("tells everything at once", () => {
    const obstacle = { message: "One.", cures: ["do this", "or that"] };
    const { message } = new PreflightError("home", [obstacle, { ...obstacle, message: "Two." }]);
    expect(message).toMatch(/nothing has been changed[^]*1\. One\.\n +do this\n +or that\n +2\. Two\./);
  });
});

describe("the cluster's storage", () => {
  const settings = stackSettings("dev");
  const named = (name: string, isDefault: boolean) => ({
    metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) } },
  });

  it("is enough with a default class, or with those that are named", () => {
    expect(storageObstacles(settings, [named("standard", true)])).toEqual([]);
    const { identity } = settings;
    const database = { ...identity.database, storage: { size: "1Gi", storageClass: "fast" } };
    const choosy = { ...settings, identity: { ...identity, database } };
    expect(storageObstacles(choosy, [named("standard", true), named("fast", false)])).toEqual([]);
    expect(storageObstacles(choosy, [named("standard", true)])).toEqual([
      {
        message: "StorageClass fast (identity.database.storage.storageClass) does not exist. The cluster has standard.",
        cures: ["pulumi config set --path 'datalab:identity.database.storage.storageClass' 'standard'"],
      },
    ]);
  });

  it("is not, without a default class: each volume says so", () => {
    expect(storageObstacles(settings, [named("slow", false)]).map(({ message }) => message)).toEqual([
      "The cluster has no default StorageClass, and identity.database names none. The cluster has slow.",
      "The cluster has no default StorageClass, and objectStore.volume names none. The cluster has slow.",
    ]);
    expect(storageObstacles(settings, [])[0]?.message).toContain("The cluster has none.");
  });
});

describe("the cluster's version", () => {
  const version = (minor: string, major = "1") => ({ major, minor, gitVersion: `v${major}.${minor}.0` });

  it("is right from 1.33 to 1.36, however a provider writes it", () => {
    for (const minor of ["33", "34+", "36"]) {
      expect([...versionObstacles(version(minor)), ...versionNotes(version(minor))]).toEqual([]);
    }
  });

  it("is too old below, and noted above", () => {
    expect(versionObstacles(version("32+"))).toEqual([
      {
        message: "The cluster is Kubernetes v1.32+.0. The platform is made for 1.33 to 1.36.",
        cures: ["Upgrade the cluster to 1.33 or later, or choose another one by `datalab:cluster.context`."],
      },
    ]);
    expect(versionNotes(version("32"))).toEqual([]);
    for (const newer of [version("37"), version("0", "2")]) {
      expect(versionObstacles(newer)).toEqual([]);
      expect(versionNotes(newer)).toEqual([
        `The cluster is Kubernetes ${newer.gitVersion}. The platform was made for 1.33 to 1.36.`,
      ]);
    }
  });

  it("is what the page says", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/cluster.md"), "utf8");
    expect(page).toContain(`from 1.${minorVersions.oldest} to 1.${minorVersions.newest}`);
  });
});

describe("the way in", () => {
  const { ingress } = stackSettings("dev");
  const nodePort = { ...ingress, serviceType: "NodePort" } as typeof ingress;
  const service = (namespace: string, name: string, port: number, address: boolean): ServiceOfTheCluster => ({
    metadata: { namespace, name },
    spec: { type: "LoadBalancer", ports: [{ port }] },
    status: { loadBalancer: address ? { ingress: [{ ip: "192.0.2.1" }] } : {} },
  });
  const bundled = service("kube-system", "traefik", 443, true);

  it("is held by k3s' own Traefik, or by another Service of its load balancer", () => {
    const other = service("web", "site", 80, true);
    const found = portObstacles(ingress, [bundled, other, service("git", "ssh", 22, true)], "v1.36.3+k3s1");
    expect(found).toEqual([
      {
        message:
          "Service kube-system/traefik holds ports of the nodes that the platform's ingress controller needs (80 and 443).",
        cures: [
          "Start k3s with `--disable=traefik`: the platform brings its own.",
          "pulumi config set --path 'datalab:ingress.serviceType' 'NodePort'   # with a load balancer of your own before it",
        ],
      },
      expect.objectContaining({
        cures: expect.arrayContaining([expect.stringContaining("`ingress.kind: existing`")]),
      }),
    ]);
  });

  it("is free elsewhere, for another class of load balancer, without one, and for the platform's own Service", () => {
    expect(portObstacles(ingress, [bundled], "v1.36.3")).toEqual([]);
    expect(portObstacles(nodePort, [bundled], "v1.36.3+k3s1")).toEqual([]);
    const spec = { ...bundled.spec, loadBalancerClass: "metallb" };
    expect(portObstacles(ingress, [{ ...bundled, spec }], "v1.36.3+k3s1")).toEqual([]);
    const own = service(namespaces.ingress, "traefik", 443, true);
    expect(portObstacles(ingress, [own], "v1.36.3+k3s1")).toEqual([]);
  });

  it("is held where another Service has the port of the nodes that the settings name", () => {
    const ports = { ...nodePort, nodePorts: { http: 30_080, https: 30_443 } } as typeof ingress;
    const other = (nodePort: number, namespace = "web"): ServiceOfTheCluster => ({
      metadata: { namespace, name: "site" },
      spec: { type: "NodePort", ports: [{ port: 80 }, { port: 443, nodePort }] },
    });
    expect(nodePortObstacles(ports, [other(30_443), other(30_444), other(30_080, namespaces.ingress)])).toEqual([
      {
        message: "Service web/site has the port 30443 of the nodes, which `ingress.nodePorts.https` asks for.",
        cures: ["pulumi config set --path 'datalab:ingress.nodePorts.https' '<another port>'"],
      },
    ]);
    expect(nodePortObstacles(nodePort, [other(30_443)])).toEqual([]);
    expect(nodePortObstacles({ ...ports, serviceType: "LoadBalancer" } as typeof ingress, [other(30_443)])).toEqual([]);
  });

  it("may lack a load balancer, which Services show that wait for theirs", () => {
    const plain = { metadata: { namespace: "a", name: "b" }, spec: { type: "ClusterIP" } };
    expect(loadBalancerNotes(ingress, [plain])).toEqual([
      expect.stringMatching(/^No Service of the cluster has an address .*'datalab:ingress.serviceType' 'HostPort'$/),
    ]);
    expect(loadBalancerNotes(ingress, [service("web", "site", 80, false)])[0]).toMatch(
      /^No load balancer gives an address to web\/site, and/,
    );
    expect(loadBalancerNotes(ingress, [service("web", "site", 80, false), bundled])).toEqual([]);
    expect(loadBalancerNotes(nodePort, [plain])).toEqual([]);
  });
});

describe("the stack's state", () => {
  it("tells the objects by kind, place and identity, and nothing else", () => {
    const metadata = { name: "api", namespace: "portal", uid: "1" };
    const urn = "urn:pulumi:dev::datalab::datalab:portal:Onyxia$kubernetes:apps/v1:Deployment::portal-api";
    const { objects, hasPasswords } = stateOf({
      [urn]: { outputs: { __fieldManager: "pulumi-kubernetes-1", metadata } },
      "urn:pulumi:dev::datalab::kubernetes:core/v1:Namespace::n": {
        outputs: { __fieldManager: "m", metadata: { name: "n", uid: "2", labels: { [ownerLabel]: "old.lab" } } },
      },
      "urn:pulumi:dev::datalab::datalab:d:D$random:index/randomPassword:RandomPassword::p": { outputs: {} },
      "urn:pulumi:dev::datalab::pulumi:providers:kubernetes::k": { outputs: {} },
    });
    expect([...objects]).toEqual([
      ["Deployment.apps/portal/api", { uid: "1", fieldManager: "pulumi-kubernetes-1", owner: undefined }],
      ["Namespace.//n", { uid: "2", fieldManager: "m", owner: "old.lab" }],
    ]);
    expect(hasPasswords).toBe(true);
    expect(stateOf({ [urn]: {} }).hasPasswords).toBe(false);
  });
});

describe("the way to the cluster", () => {
  let folder: string;
  const context = { cluster: "home", user: "me" };
  const file = {
    contexts: [
      { name: "lab", context },
      { name: "prod", context },
    ],
    clusters: [{ name: "home", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "me", user: { token: "secret" } }],
    "current-context": "lab",
  };
  const content = JSON.stringify(file);
  const cluster = (settings: Partial<ExistingClusterSettings>) =>
    connectionObstacles(
      { kind: "existing", clusterIdentifier: "lab", apiServerCidrs: [], apiServerPorts: [], ...settings },
      { project: folder, environment: { HOME: folder, PATH: `/nonexistent:${folder}` } },
    );

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-preflight-"));
    writeFileSync(join(folder, "config"), content);
    writeFileSync(join(folder, "broken"), "token: [secret");
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("is right where file and context are there", () => {
    expect(cluster({ kubeconfigPath: "config" })).toEqual([]);
    expect(cluster({ kubeconfigPath: join(folder, "config"), context: "prod" })).toEqual([]);
    expect(cluster({ kubeconfig: content })).toEqual([]);
  });

  const anew = "Fetch the kubeconfig anew from whoever runs the cluster.";
  it.each<[string, object, string, string]>([
    ["a cluster", { clusters: [] }, "has no cluster home, which its context lab names.", anew],
    ["a user", { users: [{ name: "you", user: {} }] }, "has no user me, which its context lab names.", anew],
    [
      "a cluster in the context",
      { contexts: [{ name: "lab", context: { user: "me" } }] },
      "names no cluster in its context lab.",
      anew,
    ],
    [
      "the authority's file",
      { clusters: [{ name: "home", cluster: { "certificate-authority": "ca.crt" } }] },
      "names ca.crt as certificate-authority, and it is not there.",
      "Put the file there, or fetch the kubeconfig anew.",
    ],
    [
      "the certificate's file",
      { users: [{ name: "me", user: { "client-certificate": "config", "client-key": "me.key" } }] },
      "names me.key as client-key, and it is not there.",
      "Put the file there, or fetch the kubeconfig anew.",
    ],
    [
      "the program that logs in",
      { users: [{ name: "me", user: { exec: { command: "cloud-login" } } }] },
      "logs in with the program cloud-login, which is not on the PATH.",
      "Install cloud-login, or add its folder to PATH.",
    ],
    [
      "it, with a word of whoever made the file",
      { users: [{ name: "me", user: { exec: { command: "./cloud-login", installHint: "Ask Ada.\n" } } }] },
      "logs in with the program ./cloud-login, which is not on the PATH.",
      "Ask Ada.",
    ],
  ])("is refused without %s", (_, change, message, cure) => {
    const obstacles = cluster({ kubeconfig: JSON.stringify({ ...file, ...change }) });
    expect(obstacles.map((each) => each.message)).toEqual([`The kubeconfig in the stack file ${message}`]);
    expect(obstacles[0]?.cures).toEqual([cure]);
  });

  it("is right with a program beside the file, or on the PATH", () => {
    const users = (command: string) => [{ name: "me", user: { exec: { command } } }];
    writeFileSync(join(folder, "cloud-login"), "", { mode: 0o755 });
    writeFileSync(join(folder, "by-program"), JSON.stringify({ ...file, users: users("./cloud-login") }));
    expect(cluster({ kubeconfigPath: "by-program" })).toEqual([]);
    const anonymous = { ...file, contexts: [{ name: "lab", context: { cluster: "home" } }] };
    expect(cluster({ kubeconfig: JSON.stringify(anonymous) })).toEqual([]);
    expect(cluster({ kubeconfig: JSON.stringify({ ...file, users: users("cloud-login") }) })).toEqual([]);
    writeFileSync(join(folder, "cloud-login"), "", { mode: 0o644 });
  });

  it("is refused without a file or a context, by its name, and shows nothing of the content", () => {
    const message = (settings: Partial<ExistingClusterSettings>) => cluster(settings)[0]?.message;
    expect(message({ kubeconfigPath: "/nonexistent/config" })).toBe("Kubeconfig /nonexistent/config is not there.");
    expect(message({ kubeconfigPath: "broken" })).toBe("Kubeconfig broken cannot be read.");
    expect(message({ kubeconfigPath: "config", context: "labb" })).toBe(
      "Kubeconfig config has no context labb: one of lab, prod.",
    );
    expect(message({ kubeconfig: "{}" })).toBe(
      "The kubeconfig in the stack file has no current context, and none is chosen.",
    );
    expect(cluster({ kubeconfigPath: "config", context: "labb" })[0]?.cures).toEqual([
      "pulumi config set --path 'datalab:cluster.context' 'lab'",
    ]);
  });
});
