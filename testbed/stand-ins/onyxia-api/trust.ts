/** Whom the API trusts: the trust store of its Java runtime, read and filled with Java's own `keytool`. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { Refusal } from "./refusal.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const defaultFolder = "/usr/local/share/ca-certificates";

/** Folder of further authorities. */
export function certificatesFolder(environment: Environment): string {
  return environment["CACERTS_DIR"] ?? defaultFolder;
}

/**
 * What the image's start script does: each file's first certificate goes into the runtime's own trust store. Below a
 * read-only root that fails, and the API starts all the same.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/onyxia-api/entrypoint.sh
 */
export function importFolder(environment: Environment, log: (line: string) => void): void {
  const store = runtimeStore(environment);
  for (const file of filesOf(certificatesFolder(environment))) {
    const result = keytool(environment, [
      "-importcert",
      "-noprompt",
      "-storepass",
      "changeit",
      "-keystore",
      store,
      "-alias",
      file,
      "-file",
      file,
    ]);
    log(`trust: ${file} ${result.ok ? "imported into" : "could not be imported into"} ${store}`);
  }
}

/** The certificates that Java's clients trust, as PEM. */
export function trustedByJava(environment: Environment): string[] {
  const store = chosenStore(environment["JAVA_TOOL_OPTIONS"] ?? "") ?? runtimeStore(environment);
  readable(store);
  // Without a password, as Java opens it: an encrypted store shows nothing.
  const { ok, output } = keytool(environment, ["-list", "-rfc", "-keystore", store]);
  const certificates = output.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (!ok || certificates.length === 0) throw new Refusal("trust", `no certificate can be read from ${store}`);
  return certificates;
}

function chosenStore(options: string): string | undefined {
  return /(?:^|\s)-Djavax\.net\.ssl\.trustStore=(\S+)/.exec(options)?.[1];
}

function runtimeStore(environment: Environment): string {
  const home = environment["JAVA_HOME"];
  if (home === undefined) throw new Refusal("trust", "JAVA_HOME is not set");
  return join(home, "lib/security/cacerts");
}

/** Files of the folder, links followed; none when there is no folder. */
function filesOf(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Refusal("trust", `the folder ${folder} cannot be read`, { cause: error });
  }
  return names
    .filter((name) => !name.startsWith("."))
    .map((name) => join(folder, name))
    .filter((file) => {
      readable(file);
      return statSync(file).isFile();
    })
    .toSorted();
}

function readable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new Refusal("trust", `${file} cannot be read`, { cause: error });
  }
}

function keytool(environment: Environment, args: readonly string[]): { ok: boolean; output: string } {
  const { JAVA_HOME: home, PATH: path } = environment;
  const { status, stdout, error } = spawnSync(join(home ?? "", "bin/keytool"), args, {
    encoding: "utf8",
    // The empty line answers the question for the password.
    input: "\n",
    env: { PATH: path },
    maxBuffer: 64 * 1024 * 1024,
  });
  // It may have ended without asking.
  const unread = (error as NodeJS.ErrnoException | undefined)?.code === "EPIPE";
  if (error !== undefined && !unread) {
    throw new Refusal("trust", `keytool of ${String(home)} does not run: ${error.message}`, { cause: error });
  }
  return { ok: status === 0, output: stdout };
}
