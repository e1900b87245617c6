import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import type { ApiClient } from "../../testbed/control-plane/api-client.ts";
import { removeAbandoned } from "../../testbed/control-plane/supervision.ts";
import { corefile } from "../../testbed/node/dns.ts";
import { logFile, optionsFile } from "../../testbed/node/folder.ts";
import { archiveDigest, programImage } from "../../testbed/node/image-archive.ts";
import { namesOf } from "../../testbed/node/images.ts";
import { nodeObstacle } from "../../testbed/node/machine.ts";
import { enforceNetworkPolicies } from "../../testbed/node/network-policy/enforce.ts";
import { setUpScript } from "../../testbed/node/set-up.ts";
import { nodeRecipes } from "../../testbed/toolchain/node-recipes.ts";
import { nodeProgramNames, recipes } from "../../testbed/toolchain/recipes.ts";
import { images } from "../../components/versions.ts";

const digest = `sha256:${"0".repeat(64)}`;

describe("the names of an image", () => {
  it.each([
    ["docker.io/library/traefik:v3", ["docker.io/library/traefik:v3"]],
    [`docker.io/library/traefik@${digest}`, [`docker.io/library/traefik@${digest}`]],
    [`localhost:5000/traefik:v3@${digest}`, ["localhost:5000/traefik:v3", `localhost:5000/traefik@${digest}`]],
    ["localhost:5000/traefik", ["localhost:5000/traefik:latest"]],
  ])("%s", (reference, names) => {
    expect(namesOf(reference)).toEqual(names);
  });

  it("cover every image of the platform", () => {
    for (const { repository, tag, digest: pinned } of Object.values(images)) {
      const suffix = pinned === undefined ? "" : `@${pinned}`;
      const names = namesOf(`${repository}:${tag}${suffix}`);
      expect(names).toEqual([`${repository}:${tag}`, ...(pinned === undefined ? [] : [`${repository}@${pinned}`])]);
    }
  });
});

describe("an archive of one program", () => {
  let folder: string;
  let archive: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "datalab-archive-"));
    archive = join(folder, "image.tar");
    writeFileSync(join(folder, "tool"), "the program");
    writeFileSync(archive, programImage(join(folder, "tool"), ["serve"]));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const member = (path: string, from = archive) =>
    execFileSync("tar", ["--extract", "--to-stdout", "--file", from, path]);
  const blob = (name: string) => member(`blobs/${name.replace(":", "/")}`);

  it("holds the program and runs it", async () => {
    const manifest = JSON.parse(String(blob(await archiveDigest(archive)))) as {
      config: { digest: string };
      layers: { digest: string }[];
    };
    expect(JSON.parse(String(blob(manifest.config.digest)))).toMatchObject({
      config: { Entrypoint: ["/tool", "serve"] },
    });
    const layer = join(folder, "layer.tar");
    writeFileSync(layer, blob(manifest.layers[0]?.digest ?? ""));
    expect(String(member("tool", layer))).toBe("the program");
    expect(String(execFileSync("tar", ["--list", "--verbose", "--file", layer]))).toMatch(/^-rwxr-xr-x 0\/0 +11 /);
  });

  it("is named by its digest, as an archive and as a folder", async () => {
    const layout = join(folder, "layout");
    mkdirSync(layout);
    execFileSync("tar", ["--extract", "--directory", layout, "--file", archive]);
    expect(await archiveDigest(layout)).toBe(await archiveDigest(archive));
    expect(await archiveDigest(archive)).toMatch(/^sha256:[0-9a-f]{64}$/);
    // Once for each name.
    writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [{ digest }, { digest }] }));
    expect(await archiveDigest(layout)).toBe(digest);
  });

  it("is refused where it is none, or holds several images", async () => {
    await expect(archiveDigest(join(folder, "tool"))).rejects.toThrow("is not an OCI archive");
    const several = join(folder, "several");
    mkdirSync(several);
    writeFileSync(join(several, "index.json"), JSON.stringify({ manifests: [{ digest }, { digest: "sha256:1" }] }));
    await expect(archiveDigest(several)).rejects.toThrow("holds several images");
  });
});

describe("the set-up of the namespaces", () => {
  const hosts = [
    { name: "auth.d.test", address: "10.245.0.1" },
    { name: "s3.d.test", address: "10.245.0.1", inPods: true },
  ];

  it("is a script that shells understand", () => {
    const script = setUpScript("/a folder", "/packages", hosts);
    execFileSync("sh", ["-n", "-c", script]);
    expect(script.split("\n")).toContain("echo '10.245.0.1 auth.d.test' >> /etc/hosts");
  });

  it("tells pods only the names that they shall find", () => {
    expect(corefile(hosts)).toContain("10.245.0.1 s3.d.test");
    expect(corefile(hosts)).not.toContain("auth.d.test");
  });
});

describe("the enforcement of network policies", () => {
  let ending: AbortController;
  let complaints: jest.SpiedFunction<typeof console.error>;

  beforeEach(() => {
    ending = new AbortController();
    complaints = jest.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => {
    ending.abort();
    complaints.mockRestore();
  });

  /** A cluster in which nothing happens. */
  const api: Pick<ApiClient, "follow"> = {
    follow: async (_path, onItems, signal) => {
      onItems([]);
      await once(signal, "abort");
    },
  };

  it("loads rules again that the kernel has refused, without waiting for a change", async () => {
    let loads = 0;
    const loaded = Promise.withResolvers<undefined>();
    const load = () => {
      if (++loads < 5) return Promise.reject(new Error("busy"));
      loaded.resolve(undefined);
      return Promise.resolve();
    };
    const enforcing = enforceNetworkPolicies(api, load, ending.signal, 1);
    await loaded.promise;
    expect(complaints).toHaveBeenCalledTimes(4);
    ending.abort();
    await enforcing;
  });

  it("fails with the kernel's reason when they are refused again and again", async () => {
    const load = () => Promise.reject(new Error("no such table"));
    await expect(enforceNetworkPolicies(api, load, ending.signal, 1)).rejects.toThrow("no such table");
  });
});

describe("a folder whose starter was killed", () => {
  it("is removed, but not with somebody else's files in it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "datalab-abandoned-"));
    const files = [optionsFile(folder), logFile(folder)];
    writeFileSync(optionsFile(folder), "{");
    writeFileSync(join(folder, "mine"), "");
    await expect(removeAbandoned(folder, files, "a node")).rejects.toThrow("is not the folder of a node");
    expect(readdirSync(folder)).toHaveLength(2);
    rmSync(join(folder, "mine"));
    await removeAbandoned(folder, files, "a node");
    expect(existsSync(folder)).toBe(false);
  });
});

describe("the node's programs", () => {
  it("are built apart: the toolchain has none of them", () => {
    expect(nodeRecipes.map(({ name }) => name).toSorted()).toEqual(nodeProgramNames.toSorted());
    const toolchain: readonly string[] = recipes.map(({ name }) => name);
    expect(nodeRecipes.filter(({ name }) => toolchain.includes(name))).toEqual([]);
  });
});

describe("a machine that cannot run a node", () => {
  it("is told why, in one sentence", () => {
    const user = process.getuid?.bind(process);
    Object.assign(process, { getuid: () => 1000 });
    try {
      expect(nodeObstacle()).toMatch(/^A node needs (root|Linux)/);
    } finally {
      Object.assign(process, { getuid: user });
    }
  });
});
