/** Makes a Chromium out of `ensureChromium` startable for those who drive browsers, such as playwright-core. */
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { quoted } from "../shell.ts";
import { browserUser, type Chromium } from "./chromium.ts";

export interface LauncherOptions {
  /** Where its files lie, in a folder of their own that `close` removes. @default the system's temporary folder */
  readonly folder?: string;
  /** Certificates, as PEM, of the authorities that the browser trusts beside the public ones. */
  readonly authorities?: readonly string[];
  /** Addresses of host names, as lines of a hosts file: all that the browser can resolve. */
  readonly hosts?: readonly { readonly name: string; readonly address: string }[];
  /**
   * What the browser is started through, to be in another network: a program and its first arguments.
   * @example ["nsenter", `--net=${node.outside}`]
   */
  readonly prefix?: readonly string[];
}

/** What a driver of browsers is given. */
export interface Launcher {
  /** Program that takes Chromium's arguments. Each start is a browser of its own; it ends with the one who starts it. */
  readonly executable: string;
  /** Folder that the browser sees under the same path, for downloads and uploads. */
  readonly shared: string;
  /** Removes its files. The browsers must have ended. */
  close(): Promise<void>;
}

/**
 * With playwright-core:
 * `chromium.launch({ executablePath: executable, downloadsPath: shared })`.
 */
export async function prepareLauncher(chromium: Chromium, options: LauncherOptions = {}): Promise<Launcher> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), "datalab-browser-"));
  const shared = join(folder, "shared");
  try {
    await mkdir(shared);
    await chown(shared, browserUser, browserUser);
    // Only root may look inside, but the browser's user must get through.
    await chmod(folder, 0o711);
    await trust(chromium, join(folder, "nssdb"), options.authorities ?? []);
    const hosts = [{ name: "localhost", address: "127.0.0.1" }, ...(options.hosts ?? [])];
    await writeFile(join(folder, "hosts"), hosts.map(({ name, address }) => `${address} ${name}\n`).join(""));
    await writeFile(join(folder, "enter"), enterScript(chromium.root, folder));
    const executable = join(folder, "chromium");
    const command = [
      ...(options.prefix ?? []),
      ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", join(folder, "enter")],
    ];
    await writeFile(executable, `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`);
    await chmod(executable, 0o755);
    return { executable, shared, close: () => rm(folder, { recursive: true, force: true }) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Makes the database of certificates that Chromium reads in its user's home. */
async function trust(chromium: Chromium, database: string, authorities: readonly string[]): Promise<void> {
  await mkdir(database);
  // Debian's certutil stands on Debian's libraries: it runs in the browser's root.
  const script = [
    'mount -t tmpfs tmpfs "$1/tmp"',
    'mkdir "$1/tmp/nssdb"',
    'mount --bind "$2" "$1/tmp/nssdb"',
    'exec chroot "$1" certutil -d sql:/tmp/nssdb "${@:3}"',
  ].join(" && ");
  const certutil = async (...args: readonly string[]): Promise<void> => {
    const inside = ["--mount", "bash", "-c", script, "certutil", chromium.root, database];
    await promisify(execFile)("unshare", [...inside, ...args]);
  };
  await certutil("-N", "--empty-password");
  for (const [index, pem] of authorities.entries()) {
    await writeFile(join(database, "authority.pem"), pem);
    await certutil("-A", "-n", `authority ${index}`, "-t", "C,,", "-i", "/tmp/nssdb/authority.pem");
  }
  for (const name of ["cert9.db", "key4.db", "pkcs11.txt"]) await chmod(join(database, name), 0o644);
  await chmod(database, 0o755);
}

/**
 * Mounts what the browser needs, which nobody else sees, and becomes the browser. Its own sandbox would want rights that
 * a plain user has not everywhere; it runs as one, in a root of its own, and shows pages of the tests alone.
 */
function enterScript(root: string, folder: string): string {
  const [inRoot, place] = [quoted(root), quoted(folder)];
  const home = `${inRoot}/home/browser`;
  // The way to the folder is laid in memory: the installed root stays as it is, and the browser's user may pass.
  const inMemory = new Set(["tmp", folder.split("/")[1] ?? ""]);
  const tops = [...inMemory].map((name) => `${inRoot}/${quoted(name)}`);
  return `set -e
umask 022
mount -t proc proc ${inRoot}/proc
mount --rbind /dev ${inRoot}/dev
mount -t tmpfs -o mode=1777 tmpfs ${inRoot}/dev/shm
${tops.map((top) => `mkdir -p ${top}\nmount -t tmpfs -o mode=1777 tmpfs ${top}`).join("\n")}
mkdir -p ${home}
mount -t tmpfs -o mode=0700,uid=${browserUser},gid=${browserUser} tmpfs ${home}
mkdir -p ${home}/.pki/nssdb ${inRoot}${place}/shared
cp ${place}/nssdb/* ${home}/.pki/nssdb/
chown -R ${browserUser}:${browserUser} ${home}/.pki
mount --bind ${place}/shared ${inRoot}${place}/shared
mount --bind ${place}/hosts ${inRoot}/etc/hosts
exec chroot ${inRoot} setpriv --reuid=${browserUser} --regid=${browserUser} --clear-groups \\
  env --ignore-environment HOME=/home/browser PATH=/usr/bin:/bin LANG=C.UTF-8 \\
  /usr/lib/chromium/chromium --no-sandbox "$@"
`;
}
