import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { type ImageConfig, writeArchive } from "../../testbed/images/archive.ts";
import { debianUnavailable } from "../../testbed/images/debian.ts";
import { type Entry, filesLayer } from "../../testbed/images/files.ts";
import { ensureLayer, layerKey, type Workshop } from "../../testbed/images/layer.ts";
import { providedArchive, providedImages } from "../../testbed/images/provided.ts";
import { archivePath, ensureArchive } from "../../testbed/images/recipe.ts";
import { imageNames, unused } from "../../testbed/images/recipes.ts";
import { imageReference } from "../../components/kubernetes/image.ts";
import { images } from "../../components/versions.ts";
import { datalab } from "../../stacks/datalab.ts";
import { planOf } from "../../stacks/plan.ts";
import { runGraph } from "../support/graph.ts";
import { chartsFor, stackSettings } from "../support/stack-file.ts";

// A busy machine takes its time to start processes.
jest.setTimeout(60_000);

const reference = "registry.example/team/tool:1.2";
const config: ImageConfig = { User: "1000", Entrypoint: ["/tool"], Env: ["A=1"] };

let folder: string;
let workshop: Workshop;
let made: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-images-"));
  made = [];
  workshop = workshopIn("cache");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function workshopIn(name: string): Workshop {
  const cache = join(folder, name);
  mkdirSync(join(cache, "tmp"), { recursive: true });
  return {
    cache,
    scratch: join(cache, "tmp"),
    signal: new AbortController().signal,
    progress: {
      note: () => undefined,
      follow: (what, work) => {
        made.push(what);
        return work();
      },
    },
  };
}

async function archiveOf(text: string, name = reference, where = workshop): Promise<string> {
  const recipe = { layers: [await filesLayer("tool", toolFiles(text))], config };
  return ensureArchive(name, recipe, where);
}

function toolFiles(text: string): Record<string, Entry> {
  return {
    "/tool": { kind: "text", text, mode: 0o755 },
    "/etc/tool/settings": { kind: "link", to: "/tool" },
    "/data": { kind: "folder", mode: 0o1777 },
  };
}

function member(archive: string, path: string): string {
  return execFileSync("tar", ["-xOf", archive, path], { encoding: "utf8" });
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

function indexOf(archive: string): readonly Descriptor[] {
  return (JSON.parse(member(archive, "index.json")) as { manifests: Descriptor[] }).manifests;
}

function blob(archive: string, { digest }: Descriptor): unknown {
  return JSON.parse(member(archive, `blobs/${digest.replace(":", "/")}`));
}

describe("the recipes", () => {
  it("make every image that a pod of stack dev names", async () => {
    const settings = stackSettings("dev");
    const { resources } = await runGraph(() => datalab(planOf(settings), { charts: chartsFor(settings) }));
    const rendered = JSON.stringify(resources.map(({ inputs }) => inputs));
    const named = new Set([...rendered.matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image));
    const known = imageNames.map((name) => imageReference(images[name]));
    expect(named.size).toBeGreaterThan(5);
    expect([...named].filter((image) => image === undefined || !known.includes(image))).toEqual([]);
  });

  it("leave out only what is never started", () => {
    expect([...imageNames, ...unused].sort()).toEqual(Object.keys(images).sort());
  });
});

describe("an archive", () => {
  it("is an OCI layout of one image, named by tag, whose digests and sizes are right", async () => {
    const archive = await archiveOf("one", `${reference}@sha256:${"0".repeat(64)}`);
    expect(JSON.parse(member(archive, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const [image, ...others] = indexOf(archive);
    expect(others).toEqual([]);
    expect(image?.annotations?.["io.containerd.image.name"]).toBe(reference);

    const manifest = blob(archive, image as Descriptor) as { config: Descriptor; layers: Descriptor[] };
    const content = blob(archive, manifest.config) as { config: ImageConfig; rootfs: { diff_ids: string[] } };
    expect(content.config).toEqual(config);
    expect(content.rootfs.diff_ids).toEqual(manifest.layers.map(({ digest }) => digest));
    const layout = join(folder, "layout");
    mkdirSync(layout);
    execFileSync("tar", ["-xf", archive, "-C", layout]);
    for (const { digest, size } of [image, manifest.config, ...manifest.layers] as Descriptor[]) {
      const file = join(layout, "blobs", digest.replace(":", "/"));
      expect(execFileSync("sha256sum", [file], { encoding: "utf8" }).split(" ")[0]).toBe(digest.split(":")[1]);
      expect(readFileSync(file).length).toBe(size);
    }
  });

  it("has the same bytes whenever it is made", async () => {
    const one = readFileSync(await archiveOf("one"));
    const other = readFileSync(await archiveOf("one", reference, workshopIn("other")));
    expect(one.equals(other)).toBe(true);
  });

  it("holds the files with their modes, below folders that everybody may enter", async () => {
    const { file } = await ensureLayer(await filesLayer("tool", toolFiles("one")), workshop);
    const list = execFileSync("tar", ["-tvf", file], { encoding: "utf8" });
    const modes: unknown = Object.fromEntries(
      list
        .trim()
        .split("\n")
        .map((line) => [line.split(/\s+/)[5], line.slice(0, 10)]),
    );
    expect(modes).toEqual({
      "./": "drwxr-xr-x",
      "./data/": "drwxrwxrwt",
      "./etc/": "drwxr-xr-x",
      "./etc/tool/": "drwxr-xr-x",
      "./etc/tool/settings": "lrwxrwxrwx",
      "./tool": "-rwxr-xr-x",
    });
  });

  it("has a layer once that is in the image twice", async () => {
    const layer = await ensureLayer(await filesLayer("tool", toolFiles("one")), workshop);
    const file = join(folder, "twice.tar");
    await writeArchive({ reference, config, layers: [layer, layer] }, file, workshop);
    const blobs = execFileSync("tar", ["-tf", file], { encoding: "utf8" }).match(/sha256\/\w+$/gm);
    expect(blobs).toHaveLength(3);
  });
});

describe("the cache", () => {
  it("gives what is there, and makes what has changed alone", async () => {
    const shared = await filesLayer("shared", { "/shared": { kind: "text", text: "same" } });
    const recipe = async (text: string) => ({ layers: [shared, await filesLayer("own", toolFiles(text))], config });
    const first = await ensureArchive(reference, await recipe("one"), workshop);
    expect(made).toEqual(["layer shared", "layer own"]);
    made.length = 0;
    expect(await ensureArchive(reference, await recipe("one"), workshop)).toBe(first);
    expect(made).toEqual([]);
    expect(await ensureArchive(reference, await recipe("two"), workshop)).not.toBe(first);
    expect(made).toEqual(["layer own"]);
  });

  it("tells files apart by their content, wherever they lie", async () => {
    const [one, same, other] = ["one", "same", "other"].map((name) => join(folder, name));
    for (const [file, text] of [
      [one, "a"],
      [same, "a"],
      [other, "b"],
    ]) {
      writeFileSync(file ?? "", text ?? "");
    }
    const keys = await Promise.all(
      [one, same, other].map(async (from = "") => layerKey(await filesLayer("x", { "/x": { kind: "file", from } }))),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it("makes another archive for another start of the same files", async () => {
    const layers = [await filesLayer("tool", toolFiles("one"))];
    const path = (User: string) => archivePath(reference, { layers, config: { ...config, User } }, workshop.cache);
    expect(path("1")).not.toBe(path("2"));
    expect(path("1")).toBe(path("1"));
  });

  it("keeps nothing of a layer that failed", async () => {
    const broken = { name: "broken", identity: "1", fill: () => Promise.reject(new Error("no space")) };
    await expect(ensureLayer(broken, workshop)).rejects.toThrow("no space");
    const fill = (tree: string) => {
      writeFileSync(join(tree, "file"), "whole");
      return Promise.resolve();
    };
    const { file } = await ensureLayer({ ...broken, fill }, workshop);
    expect(member(file, "./file")).toBe("whole");
  });
});

describe("a machine", () => {
  const write = (path: string, text: string) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const release = (origin: string) => `-----BEGIN PGP SIGNED MESSAGE-----\n\nOrigin: ${origin}\nLabel: Debian\n`;

  it("can make Debian trees when apt has a Debian mirror and Debian's keys are there", () => {
    expect(debianUnavailable(folder)).toMatch(/keyring.* is missing/);
    write("usr/share/keyrings/debian-archive-keyring.gpg", "");
    expect(debianUnavailable(folder)).toMatch(/no Debian mirror/);
    write("var/lib/apt/lists/mirror_ubuntu_dists_noble_InRelease", release("Ubuntu"));
    write("var/lib/apt/lists/mirror_debian_dists_trixie_main_binary-amd64_Packages", release("Debian"));
    expect(debianUnavailable(folder)).toMatch(/no Debian mirror/);
    write("var/lib/apt/lists/mirror_debian_dists_trixie_InRelease", release("Debian"));
    expect(debianUnavailable(folder)).toBeUndefined();
  });
});

describe("images from outside", () => {
  const { signal } = new AbortController();
  let outside: string;

  beforeEach(() => {
    outside = join(folder, "outside");
    mkdirSync(outside);
  });

  function give(archive: string, path: string): string {
    const target = join(outside, path);
    mkdirSync(dirname(target), { recursive: true });
    execFileSync("cp", [archive, target]);
    return target;
  }

  async function tar(...args: string[]): Promise<void> {
    await promisify(execFile)("tar", args);
  }

  /** The archive with other annotations, as other tools write it. */
  function annotate(archive: string, annotations: Record<string, string>): void {
    const layout = mkdtempSync(join(folder, "annotate-"));
    execFileSync("tar", ["-xf", archive, "-C", layout]);
    const [image] = indexOf(archive);
    writeFileSync(
      join(layout, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [{ ...image, annotations }] }),
    );
    execFileSync("tar", ["-cf", archive, "-C", layout, "."]);
  }

  it("are found by the name in their index, whatever the file is called", async () => {
    const file = give(await archiveOf("one"), "some.tar");
    expect([...(await providedImages(outside, signal)).entries()]).toEqual([
      [reference, expect.objectContaining({ name: reference, file })],
    ]);
  });

  it("are found by their path where the index holds the tag alone", async () => {
    annotate(give(await archiveOf("one"), `${reference}.tar`), { "org.opencontainers.image.ref.name": "1.2" });
    expect([...(await providedImages(outside, signal)).keys()]).toEqual([reference]);
  });

  it("come into the cache as archives of one image with its name", async () => {
    annotate(give(await archiveOf("one"), `${reference}.tar`), {});
    const image = (await providedImages(outside, signal)).get(reference);
    if (image === undefined) throw new Error("not found");
    const archive = await providedArchive(image, `${reference}@sha256:${"0".repeat(64)}`, workshop);
    expect(indexOf(archive)).toEqual([
      expect.objectContaining({
        digest: image.image.digest,
        annotations: expect.objectContaining({ "io.containerd.image.name": reference }) as unknown,
      }),
    ]);
    expect(blob(archive, image.image)).toHaveProperty("layers");
  });

  it.each([
    ["is missing", () => Promise.resolve(), "does not exist"],
    ["is no archive", () => writeFile(join(outside, "a.tar"), "nonsense"), "tar cannot read it"],
    ["is no image", () => tar("-cf", join(outside, "a.tar"), "-T", "/dev/null"), "no index.json"],
    [
      "is cut short",
      async () => {
        truncateSync(give(await archiveOf("one"), "a.tar"), 4000);
      },
      "tar cannot read it",
    ],
    [
      "has no name",
      async () => {
        annotate(give(await archiveOf("one"), "a.tar"), { "org.opencontainers.image.ref.name": "1.2" });
      },
      "nothing says which image it is",
    ],
    [
      "is there twice",
      async () => {
        give(await archiveOf("one"), "a.tar");
        give(await archiveOf("one"), "b.tar");
      },
      "both hold registry.example/team/tool:1.2",
    ],
  ])("are refused, by name, when one %s", async (what, spoil, message) => {
    await spoil();
    const given = what === "is missing" ? join(outside, "nowhere") : outside;
    await expect(providedImages(given, signal)).rejects.toThrow(message);
    await expect(providedImages(given, signal)).rejects.toThrow(given);
  });
});
