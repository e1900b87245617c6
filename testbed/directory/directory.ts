/** OpenLDAP's server and its clients, of the Debian that the platform's image is made of, in a root of their own. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

import { directoryHost } from "../../components/directory/names.ts";
import { debianFormat, type DebianTree, debianUnavailable, makeDebianTree } from "../images/debian.ts";
import { inWorkshop } from "../images/workshop.ts";
import { findProgram } from "../toolchain/search-path.ts";
import { cacheDirectory, publish } from "../toolchain/store.ts";

/** Where a pod's folders lie, in the root too. */
export const directoryFolder = "/directory";

/** What the platform's image is made of. */
export const directoryPackages = ["ldap-utils", "slapd"];

const tree: DebianTree = {
  suite: "trixie",
  packages: directoryPackages,
  after: [
    `mkdir ${directoryFolder}`,
    "rm -rf /etc/ldap/slapd.d /var/lib/ldap",
    // OpenLDAP's clients take `localhost` for the machine's own name.
    `sh -c "echo 127.0.0.1 localhost ${directoryHost} > /etc/hosts"`,
  ],
};

/** Why there can be none on this machine; undefined when there can. */
export function directoryUnavailable(): string | undefined {
  if (process.platform !== "linux") return "the directory's programs are Linux's";
  if (process.getuid?.() !== 0) return "the directory needs root: it runs in a root of its own";
  const missing = ["apt-get", "dpkg", "unshare", "chroot", "perl"].filter(
    (program) => findProgram(program, process.env) === undefined,
  );
  if (missing.length > 0) return `the directory cannot be had without ${missing.join(", ")}`;
  return debianUnavailable();
}

/** Makes sure that the programs are in the user's cache. @returns folder that can become a root; it is not to be changed */
export async function ensureDirectoryPrograms(): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([process.arch, debianFormat, tree]))
    .digest("hex")
    .slice(0, 12);
  const root = join(cacheDirectory(process.env), "directory", key);
  if (existsSync(root)) return root;
  await inWorkshop({}, async (workshop) => {
    if (existsSync(root)) return;
    const draft = join(await mkdtemp(join(workshop.scratch, "directory-")), "tree");
    await workshop.progress.follow("installing a directory's programs", () => makeDebianTree(tree, draft, workshop));
    publish(draft, root);
  });
  return root;
}
