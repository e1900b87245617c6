/** The programs with which notebooks call servers, in a root of their own: nothing is installed on the machine. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { debianFormat, type DebianTree, debianUnavailable, makeDebianTree } from "../images/debian.ts";
import type { Workshop } from "../images/layer.ts";
import { inWorkshop } from "../images/workshop.ts";
import { run } from "../toolchain/run.ts";
import { findProgram } from "../toolchain/search-path.ts";
import { cacheDirectory, publish } from "../toolchain/store.ts";

/** Folder of the Python environment below a notebook's root. */
export const pythonFolder = "/opt/python";

/** As in INSEE's images: Debian's curl, git, R and Java, with the programs that keep the machine's bundle. */
const tree: DebianTree = {
  suite: "trixie",
  packages: [
    ...["ca-certificates", "ca-certificates-java", "curl", "git", "openssl"],
    ...["openjdk-21-jdk-headless", "python3-venv", "r-base-core", "r-cran-curl"],
  ],
  after: [
    // Half of the JDK, for those who link programs.
    `sh -c "rm -rf /usr/lib/jvm/*/jmods"`,
    `python3 -m venv ${pythonFolder}`,
  ],
};

/** Not Debian's, which are changed to read the machine's bundle: people's own bring their authorities along. */
const pythonPackages = ["boto3==1.44.8", "httpx==0.28.1", "pip==26.3", "requests==2.34.2", "uv==0.13.9"];

/** Why there can be no notebook on this machine; undefined when there can. */
export function notebookUnavailable(): string | undefined {
  if (process.platform !== "linux") return "the notebook's programs are Linux's";
  if (process.getuid?.() !== 0) return "the notebook needs root: it runs in a root of its own";
  const missing = ["apt-get", "dpkg", "unshare", "chroot", "perl"].filter(
    (program) => findProgram(program, process.env) === undefined,
  );
  if (missing.length > 0) return `the notebook cannot be had without ${missing.join(", ")}`;
  return debianUnavailable();
}

/** Makes sure that the programs are in the user's cache. @returns folder that can become a root; it is not to be changed */
export async function ensureNotebook(): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([process.arch, debianFormat, tree, pythonPackages]))
    .digest("hex")
    .slice(0, 12);
  const root = join(cacheDirectory(process.env), "notebook", key);
  if (existsSync(root)) return root;
  await inWorkshop({}, async (workshop) => {
    if (existsSync(root)) return;
    const draft = join(await mkdtemp(join(workshop.scratch, "notebook-")), "tree");
    await workshop.progress.follow("installing a notebook's programs", async () => {
      await makeDebianTree(tree, draft, workshop);
      await installPython(draft, pythonPackages, workshop);
    });
    publish(draft, root);
  });
  return root;
}

/** Variables that name the bundle for pip, the strongest first. */
const bundleVariables = ["REQUESTS_CA_BUNDLE", "PIP_CERT", "SSL_CERT_FILE"];

/**
 * Puts packages into the environment at {@link pythonFolder} of a root. Asks the index that the machine's own pip asks, and
 * trusts whom the machine trusts.
 */
export async function installPython(root: string, packages: readonly string[], { signal }: Workshop): Promise<void> {
  const resolver = "/etc/resolv.conf";
  const bundle = "/root/bundle.crt";
  const ofMachine = bundleVariables.map((name) => process.env[name]).find((path) => path !== undefined && path !== "");
  copyFileSync(ofMachine ?? "/etc/ssl/certs/ca-certificates.crt", join(root, bundle));
  copyFileSync(resolver, join(root, resolver));
  const pip = [`${pythonFolder}/bin/python`, "-m", "pip", "install", "--quiet", "--no-cache-dir"];
  const trust = Object.fromEntries(bundleVariables.map((name) => [name, bundle]));
  await run("chroot", [root, ...pip, ...packages], { signal, env: { ...process.env, ...trust } });
  rmSync(join(root, bundle));
  rmSync(join(root, resolver));
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
}
