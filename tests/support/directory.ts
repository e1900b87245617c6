/** A real slapd with the platform's own configuration, in Debian's root, and clients beside it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { nameRules } from "../../components/access/names.ts";
import { accountDn, distinguishedNames } from "../../components/directory/distinguished-names.ts";
import { directoryHost } from "../../components/directory/names.ts";
import { seedCommand, seedData, seedEnvironment } from "../../components/directory/seed.ts";
import { configurationData, serverCommand } from "../../components/directory/server.ts";
import { openLdapSettings } from "../../components/directory/settings.ts";
import { rootPasswordFile } from "../../components/directory/slapd-configuration.ts";
import { freePorts } from "../../testbed/control-plane/ports.ts";
import { directoryFolder, ensureDirectoryPrograms } from "../../testbed/directory/directory.ts";
import type { CertificateAndKey } from "./certificate-maker.ts";
import { type Outcome, supervise } from "./started-program.ts";

export const domain = "example.test";
export const names = distinguishedNames(domain);

export interface DirectoryOptions {
  readonly groups: readonly string[];
  readonly passwordLength: number;
  readonly hyphenatedNames?: boolean;
  readonly passwords: { readonly root: string; readonly keycloak: string; readonly reader: string };
  /** For `localhost` and for the host of the Service. */
  readonly certificate: CertificateAndKey;
}

/** Whom a client logs in as. */
export interface Login {
  readonly dn: string;
  readonly password: string;
}

export interface DirectoryServer {
  readonly url: string;
  readonly port: number;
  /** Runs what the Job runs. */
  readonly seed: (changes?: Partial<Pick<DirectoryOptions, "groups" | "passwordLength" | "passwords">>) => Outcome;
  /** Runs one of OpenLDAP's clients, without a login where there is none. */
  readonly client: (program: string, login: Login | undefined, args: readonly string[], input?: string) => Outcome;
  /** Values of an attribute below an entry. */
  readonly values: (login: Login, base: string, filter: string, attribute: string) => string[];
  /** What the server has said. */
  readonly log: () => string;
  readonly halt: () => Promise<void>;
  readonly resume: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Mounts the folder where a pod has its own, and starts a program in Debian's root. */
const inside = `mount --bind "$1" "$2${directoryFolder}" && mount -t tmpfs none "$2/tmp" && root=$2 && shift 2 && exec chroot "$root" "$@"`;

export async function startDirectory(options: DirectoryOptions): Promise<DirectoryServer> {
  const root = await ensureDirectoryPrograms();
  const folder = await mkdtemp(join(tmpdir(), "datalab-directory-"));
  const [port = 0] = await freePorts(1);
  const url = `ldaps://localhost:${port}`;
  const urlInside = `ldaps://${directoryHost}:${port}`;
  const write = (place: string, files: Readonly<Record<string, string>>) => {
    mkdirSync(join(folder, place), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, place, name), text);
  };
  const settings = openLdapSettings.parse({ kind: "openldap" });
  const { username } = nameRules(options.hyphenatedNames ?? false);
  write("configuration", configurationData({ domain, username, settings, protectData: true }));
  write("certificate", { "tls.crt": options.certificate.certificate, "tls.key": options.certificate.key });
  write("data", {});
  const secrets = ({ root: password, ...others }: DirectoryOptions["passwords"]) => {
    write("secrets", { ...others, root: password, [rootPasswordFile]: `rootpw ${password}\n` });
  };
  secrets(options.passwords);

  const enter = (command: readonly string[]) => ["--mount", "sh", "-c", inside, "sh", folder, root, ...command];
  const logFile = join(folder, "log");
  const log = () => readFileSync(logFile, "utf8");
  let running: { readonly stop: () => Promise<void> };
  const start = async () => {
    const args = ["-c", supervise, "sh", "unshare", ...enter(serverCommand(port))];
    // Not to a pipe, which nobody empties while a client runs: it fills up, and the server waits.
    const out = openSync(logFile, "a");
    const child = spawn("sh", args, { stdio: ["pipe", out, out] });
    closeSync(out);
    const ended = once(child, "close");
    running = {
      stop: async () => {
        child.stdin?.end();
        await ended;
      },
    };
    for (let tries = 0; !(await listens(port)); tries++) {
      if (tries > 100) {
        await running.stop();
        throw new Error(`slapd does not listen:\n${log()}`);
      }
      await sleep(100);
    }
  };
  await start();

  const run = (command: readonly string[], environment: Readonly<Record<string, string>>, input = ""): Outcome => {
    const { status, stdout, stderr } = spawnSync("unshare", enter(command), {
      encoding: "utf8",
      timeout: 20_000,
      input,
      env: { PATH: process.env["PATH"] ?? "", ...environment },
    });
    return { code: status, output: stdout + stderr };
  };
  const client: DirectoryServer["client"] = (program, login, args, input) => {
    const as = login === undefined ? [] : ["-D", login.dn, "-w", login.password];
    const trust = { LDAPTLS_CACERT: `${directoryFolder}/certificate/tls.crt` };
    return run([program, "-x", "-H", urlInside, "-o", "ldif_wrap=no", ...as, ...args], trust, input);
  };
  return {
    url,
    port,
    seed: (changes = {}) => {
      const { groups, passwordLength, passwords } = { ...options, ...changes };
      secrets(passwords);
      write("seed", seedData({ domain, groups, passwordLength }));
      return run(seedCommand, seedEnvironment(domain, urlInside));
    },
    client,
    values: (login, base, filter, attribute) => {
      const { code, output } = client("ldapsearch", login, ["-LLL", "-b", base, filter, attribute]);
      // Whoever may not see an entry is told that there is none.
      if (code === 32) return [];
      if (code !== 0) throw new Error(output);
      return output.split("\n").flatMap((line) => {
        const [, colons, value = ""] = new RegExp(`^${attribute}(::?) (.*)$`).exec(line) ?? [];
        if (colons === undefined) return [];
        return [colons === "::" ? Buffer.from(value, "base64").toString() : value];
      });
    },
    log,
    halt: () => running.stop(),
    resume: start,
    stop: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const loginOf = (account: "root" | "keycloak" | "reader", passwords: DirectoryOptions["passwords"]): Login => ({
  dn: accountDn(domain, account),
  password: passwords[account],
});

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
