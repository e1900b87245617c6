/** A running notebook: a root of its own, in which INSEE's charts and images have done at the start what they do. */
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { pythonFolder } from "../../../testbed/notebook/notebook.ts";
import type { Launched } from "./launched.ts";

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** User and group of INSEE's images. */
const person = "1000:100";

/** What programs change in place, and so must be a copy. */
const changed = ["etc", "tmp", "var"];

export class Notebook {
  readonly root: string;

  /** @param tree programs, see `ensureNotebook`. @param host name of the server on loopback */
  constructor(root: string, tree: string, host: string) {
    this.root = root;
    mkdirSync(root);
    const sameDisk = statSync(root).dev === statSync(tree).dev;
    for (const name of readdirSync(tree)) {
      execFileSync("cp", [sameDisk && !changed.includes(name) ? "-al" : "-a", join(tree, name), root]);
    }
    appendFileSync(join(root, "etc/hosts"), `127.0.0.1 ${host}\n`);
    this.write("tmp/Call.java", java);
    copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
  }

  /** As the chart's init container does: each certificate in a file of its own. */
  lay({ cacerts, pathToCaBundle }: Launched["certificates"]): void {
    const files = cacerts.split(/(?=-----BEGIN CERT)/).filter((text) => text.startsWith("-----BEGIN"));
    for (const [index, text] of files.entries()) this.write(join(pathToCaBundle, `cert.${index + 1}.crt`), text);
  }

  /** As the image's start script does where it has `sudo`. */
  async renewBundle(): Promise<void> {
    const { code, output } = await this.#run(["update-ca-certificates"], {}, "0:0");
    if (code !== 0) throw new Error(output);
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, ".."), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Runs a program as the person, with these variables alone. */
  async run(command: readonly string[], variables: Readonly<Record<string, string>>): Promise<Outcome> {
    return this.#run(command, variables, person);
  }

  async #run(command: readonly string[], variables: NodeJS.ProcessEnv, user: string): Promise<Outcome> {
    const env = {
      PATH: `${pythonFolder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: "/tmp",
      LANG: "C.UTF-8",
      ...variables,
    };
    // Java's bundle is made with a program that looks for its own files in /proc.
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${join(this.root, "proc")}`];
    const args = [...namespaces, "chroot", `--userspec=${user}`, this.root, ...command];
    return new Promise((resolve) => {
      const child = execFile("/usr/bin/unshare", args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, output: `${stdout}${stderr}` });
      });
      child.stdin?.end("lab-demo\n");
    });
  }
}

const java = `import java.net.URI;
import java.net.http.*;
class Call {
  public static void main(String[] arguments) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
    System.out.println(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
`;
