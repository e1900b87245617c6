/** What is not the stack's own is not taken over: the real engine on a control plane that others use too. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { type Engine, openEngine, type OperationResult } from "../../testbed/engine/engine.ts";
import { ownerLabel } from "../../components/kubernetes/owner.ts";
import { runKubectl } from "../support/kubectl.ts";
import { changeStackFile, type Platform, startPlatform } from "../support/platform.ts";

const minutes = 60_000;

let platform: Platform;

beforeAll(async () => {
  platform = await startPlatform();
}, 40 * minutes);

afterAll(async () => {
  await platform.stop();
}, 2 * minutes);

/** A stack of a state of its own on the same cluster. */
async function another(stack: string, clusterIdentifier: string): Promise<Engine> {
  const { toolchain, folder } = platform;
  const name = `${stack}-${clusterIdentifier}`;
  const stackFile = join(folder, `Pulumi.${name}.yaml`);
  changeStackFile(
    stackFile,
    (config) => {
      config["datalab:cluster"] = { ...config["datalab:cluster"], clusterIdentifier };
    },
    platform.engine.stackFile,
  );
  return openEngine({ toolchain, state: join(folder, name), project: checkout, stack, stackFile });
}

/** Every namespace and what of the cluster's objects has an owner, with the identity that a deletion would end. */
async function identities(): Promise<string[]> {
  const kinds = "namespaces,ingressclasses,clusterroles,customresourcedefinitions,statefulsets";
  const objects = await platform.objects(kinds);
  return objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.labels?.[ownerLabel] ?? ""}`,
  );
}

async function refused(operation: Promise<OperationResult>): Promise<string> {
  const { exitCode, text, steps } = await operation;
  expect(exitCode).not.toBe(0);
  expect(text).toContain("nothing has been changed");
  expect(steps.filter(({ type }) => type.startsWith("kubernetes:"))).toEqual([]);
  return text;
}

interface Told {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command by itself. */
function command(...args: string[]): Promise<Told> {
  const { engine } = platform;
  const program = [join(checkout, "commands/preflight/main.ts"), "--config-file", engine.stackFile, ...args];
  const env = { ...process.env, ...engine.environment };
  return new Promise((resolve) => {
    execFile(join(checkout, "node_modules/.bin/node"), program, { cwd: checkout, env }, (error, out, complaint) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, error: complaint });
    });
  });
}

describe("a stack on a cluster that is not empty", () => {
  it(
    "is refused where others have what it would make, with their names and the ways out",
    async () => {
      await platform.kubectl("create", "namespace", "cert-manager");
      const ingressClass = {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: {
          name: "nginx",
          annotations: { "meta.helm.sh/release-name": "ingress-nginx", "meta.helm.sh/release-namespace": "ingress" },
        },
        spec: { controller: "k8s.io/ingress-nginx" },
      };
      const place = { ...platform, kubeconfig: platform.controlPlane.kubeconfig };
      await runKubectl(place, ["create", "--filename=-"], ingressClass);
      const before = await identities();
      for (const operation of ["preview", "up"] as const) {
        const text = await refused(platform.engine[operation]());
        expect(text).toContain(
          "Namespace cert-manager exists and belongs to somebody else (written by kubectl-create).",
        );
        expect(text).toContain(
          "IngressClass nginx exists and belongs to the Helm release ingress-nginx in namespace ingress.",
        );
        expect(text).toContain("pulumi config set --path 'datalab:platform.adopt[0]' 'Namespace/cert-manager'");
      }
      const told = await command("-s", "dev", "--json");
      expect({ code: told.code, error: told.error }).toEqual({ code: 1, error: "" });
      const { obstacles, notAsked } = JSON.parse(told.out) as { obstacles: { message: string }[]; notAsked: unknown };
      expect(notAsked).toBeNull();
      expect(obstacles.map(({ message }) => message).toSorted()).toEqual([
        expect.stringContaining("IngressClass nginx"),
        expect.stringContaining("Namespace cert-manager"),
      ]);
      const plain = await command("-s", "dev");
      expect({ code: plain.code, error: plain.error }).toEqual({ code: 1, error: "" });
      expect(plain.out).toMatch(/1\. .* exists and belongs to[^]*2\. .* exists and belongs to/);
      expect(await identities()).toEqual(before);
    },
    3 * minutes,
  );

  it(
    "takes over what it is told to, and keeps what is in it",
    async () => {
      const [theirs] = (await identities()).filter((text) => text.startsWith("Namespace cert-manager"));
      platform.configure((config) => {
        config["datalab:platform"] = {
          ...config["datalab:platform"],
          adopt: ["Namespace/cert-manager", "IngressClass/nginx"],
        };
      });
      const up = await platform.engine.up();
      expect({ exitCode: up.exitCode, text: up.exitCode === 0 ? "" : up.text }).toEqual({ exitCode: 0, text: "" });
      expect(await identities()).toContainEqual(expect.stringContaining(`${theirs!.trim()} dev.`));
      const { code, out, error } = await command("-s", "dev");
      expect({ code, error }).toEqual({ code: 0, error: "" });
      expect(out).toContain("Nothing stands in the way of `pulumi up --stack dev`.");
      // The simulated cluster has no network.
      expect(out).toMatch(
        /Note: Nothing that enforces NetworkPolicies was recognized .* `npm run doctor -- -s dev` tries/,
      );
    },
    6 * minutes,
  );

  it(
    "knows what it has made without a label, as release 0.1 did",
    async () => {
      await platform.kubectl("label", "namespace", "datalab-identity", "datalab-portal", `${ownerLabel}-`);
      const preview = await platform.engine.preview();
      expect({ exitCode: preview.exitCode, text: preview.exitCode === 0 ? "" : preview.text }).toEqual({
        exitCode: 0,
        text: "",
      });
      const { exitCode, text } = await platform.engine.up({ flags: ["--refresh"] });
      expect({ exitCode, text: exitCode === 0 ? "" : text }).toEqual({ exitCode: 0, text: "" });
    },
    6 * minutes,
  );

  it(
    "is refused as a second stack, and destroying it touches nothing of the first",
    async () => {
      const before = await identities();
      const second = await another("second", "other");
      const text = await refused(second.up());
      expect(text).toContain("another stack of this program, dev.");
      const destroy = await second.destroy();
      expect(destroy.exitCode).toBe(0);
      expect(await identities()).toEqual(before);
    },
    4 * minutes,
  );
});

describe("a stack whose state was lost", () => {
  it(
    "is refused before new passwords are written over those that open its volumes",
    async () => {
      // The simulated cluster provisions no volumes; a claim is what counts.
      const claim = {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data", namespace: "datalab-identity" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      };
      const place = { ...platform, kubeconfig: platform.controlPlane.kubeconfig };
      await runKubectl(place, ["create", "--filename=-"], claim);
      const lost = await another("dev", "demo");
      expect(await refused(lost.up())).toContain("the stack's state knows nothing of it");
    },
    3 * minutes,
  );
});

describe("a kubeconfig that is not there", () => {
  it(
    "is told by a preview",
    async () => {
      platform.configure((config) => {
        config["datalab:cluster"] = { ...config["datalab:cluster"], kubeconfigPath: "/nonexistent/config" };
      });
      expect(await refused(platform.engine.preview())).toContain("Kubeconfig /nonexistent/config is not there.");
      const { code, out } = await command("-s", "dev", "--json");
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        obstacles: [{ message: "Kubeconfig /nonexistent/config is not there." }],
        notAsked: "the way to it is wrong",
      });
    },
    2 * minutes,
  );

  it(
    "and an option that is not known are told by the command, with another exit code",
    async () => {
      const unknown = await command("-s", "dev", "--fast");
      expect(unknown.code).toBe(2);
      expect(unknown.error).toContain("--fast");
      expect((await command("--help")).code).toBe(0);
    },
    1 * minutes,
  );
});
