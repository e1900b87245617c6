import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { once } from "node:events";
import { withLock } from "../toolchain/lock.ts";
import { run } from "../toolchain/run.ts";
import { cacheDirectory, clearScratch } from "../toolchain/store.ts";
import { containerd, pauseImage } from "./configuration.ts";
import { corednsImage } from "./dns.ts";
import { enter, runInside, type Namespaces } from "./enter.ts";
import { hold } from "./holder.ts";
import { archiveDigest, programImage } from "./image-archive.ts";
import { inside } from "./network.ts";
import type { NodePrograms } from "./programs.ts";
import { setUpScript } from "./set-up.ts";
import { until } from "./until.ts";

/** An image that a node has. */
export interface NodeImage {
  /**
   * What pods write: `host/repository:tag`, `host/repository@sha256:…` or both. A digest is taken as a name: it need
   * not be the digest of the archive.
   */
  readonly reference: string;
  /** Path of an OCI archive (tar) or of the folder of an OCI layout, with exactly one image for this platform. */
  readonly archive: string;
}

const keptSets = 3;

/**
 * Puts the images into `target`, which becomes containerd's folder. Unpacking takes long, so it is done once for each
 * set of images, in the user's cache; files that never change are shared with it from there.
 */
export async function provideImages(
  images: readonly NodeImage[],
  target: string,
  programs: NodePrograms,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(cacheDirectory(process.env), "node-images");
  await mkdir(folder, { recursive: true });
  await withLock(join(folder, "lock"), { signal, onWait: () => undefined }, async () => {
    const key = await setKey(images, programs);
    const unpacked = join(folder, key);
    const scratch = join(folder, "tmp");
    // What an interrupted run left; nobody else is at work while we hold the lock.
    await clearScratch(scratch);
    if (!existsSync(unpacked)) {
      await unpack(images, scratch, programs, signal);
      await rename(join(scratch, "containerd"), unpacked);
      await clearScratch(scratch);
    }
    await utimes(unpacked, new Date(), new Date());
    await removeOldSets(folder, scratch);
    await share(unpacked, target, signal);
  });
}

/** Names of containerd's image store under which a reference is looked up: with a digest, the tag plays no part. */
export function namesOf(reference: string): readonly string[] {
  const [tagged = "", digest] = reference.split("@");
  const repository = tagged.replace(/:[^/:]+$/, "");
  const tag = repository === tagged ? (digest === undefined ? [`${repository}:latest`] : []) : [tagged];
  return [...tag, ...(digest === undefined ? [] : [`${repository}@${digest}`])];
}

/** Sets are large, and each changed image makes a new one. Running nodes keep what they share with one that goes. */
async function removeOldSets(folder: string, scratch: string): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const sets = await Promise.all(
    entries.map(async ({ name }) => ({ path: join(folder, name), used: (await stat(join(folder, name))).mtimeMs })),
  );
  for (const { path } of sets.toSorted((a, b) => b.used - a.used).slice(keptSets)) {
    // At once, for half a set would be taken for a whole one.
    await rename(path, scratch);
    await clearScratch(scratch);
  }
}

async function setKey(images: readonly NodeImage[], programs: NodePrograms): Promise<string> {
  const { containerd: server, coredns, "datalab-node": pause } = programs.paths;
  const named = images.map(async ({ reference, archive }) => `${reference} ${await archiveDigest(archive)}`);
  const parts = [...(await Promise.all(named)).toSorted(), server, coredns, pause];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12);
}

async function unpack(
  images: readonly NodeImage[],
  folder: string,
  programs: NodePrograms,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(join(folder, "containerd"), { recursive: true });
  await writeFile(join(folder, "containerd.toml"), containerd());
  const own = [
    {
      reference: pauseImage,
      archive: join(folder, "pause.tar"),
      content: programImage(programs.paths["datalab-node"], ["pause"]),
    },
    {
      reference: corednsImage,
      archive: join(folder, "coredns.tar"),
      content: programImage(programs.paths.coredns, []),
    },
  ];
  for (const { archive, content } of own) await writeFile(archive, content);
  // Mounts are needed for unpacking: they stay in namespaces.
  const holder = await hold(programs.paths["datalab-node"], folder);
  // Whatever is waited for below ends with it.
  signal.addEventListener("abort", () => void holder.end(), { once: true });
  try {
    signal.throwIfAborted();
    const space = { init: holder.init, programs };
    await runInside(space, "sh", ["-eu", "-c", setUpScript(folder, programs.packages, [])]);
    const server = enter(
      space,
      programs.paths.containerd,
      [`--config=${inside}/containerd.toml`, "--log-level=error"],
      {
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    await until("containerd", signal, async () => {
      await runInside(space, programs.paths.ctr, ["version"]);
      return true;
    });
    for (const image of [...own, ...images]) await load(image, space, signal);
    // It writes its databases down when it is ended gently.
    const ended = once(server, "exit");
    server.kill();
    await ended;
    await until("containerd's end", signal, async () => {
      const { stdout } = await runInside(space, "sh", ["-c", "ls /proc/*/exe | xargs -n 1 readlink || true"]);
      return !stdout.includes(programs.paths.containerd);
    });
  } finally {
    await holder.end();
  }
}

async function load({ reference, archive }: NodeImage, space: Namespaces, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ctr = (...args: string[]) =>
    runInside(space, space.programs.paths.ctr, ["--namespace=k8s.io", "images", ...args]);
  const imported = `bench.datalab/import@${await archiveDigest(archive)}`;
  const importing = ["import", "--local", "--digests", "--discard-unpacked-layers", "--base-name=bench.datalab/import"];
  if ((await stat(archive)).isDirectory()) {
    const client = enter(space, space.programs.paths.ctr, ["--namespace=k8s.io", "images", ...importing, "-"], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    const packing = ["--create", "--directory", archive, "."];
    const packer = spawn("tar", packing, { stdio: ["ignore", client.stdin ?? "ignore", "inherit"] });
    const codes = await Promise.all([exitCode(packer).finally(() => client.stdin?.destroy()), exitCode(client)]);
    if (codes.some((code) => code !== 0)) throw new Error(`the image in ${archive} cannot be imported`);
  } else {
    await ctr(...importing, archive);
  }
  await ctr("tag", "--force", "--local", imported, ...namesOf(reference));
  await ctr("rm", imported);
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, "exit")) as unknown[];
  return code;
}

/**
 * Copies a folder of containerd. What is unpacked or stored under its digest never changes, so that links suffice; the
 * databases are written to.
 */
async function share(from: string, to: string, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const linked = await run("cp", ["--archive", "--link", from, to], { signal }).then(
    () => true,
    () => false,
  );
  if (!linked) {
    // The cache lies on another file system.
    await rm(to, { recursive: true, force: true });
    await run("cp", ["--archive", from, to], { signal });
    return;
  }
  const databases = (
    await run(
      "find",
      [from, "-name", "*.db", "-path", "*io.containerd.*.v1.*", "-not", "-path", "*/snapshots/*", "-printf", "%P\n"],
      { signal },
    )
  )
    .split("\n")
    .filter((line) => line !== "");
  for (const database of databases) {
    await run("cp", ["--archive", "--remove-destination", join(from, database), join(to, database)], { signal });
  }
}
