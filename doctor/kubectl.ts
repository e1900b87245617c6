/** Reads the stack's cluster. `kubectl` does it: it knows every kind of kubeconfig, those that run a command included. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** A kubeconfig: a path, or its content. */
export type Kubeconfig = { readonly path: string } | { readonly content: string };

/** How the cluster is reached. */
export interface ClusterConnection {
  /** Asked for when the cluster is. */
  readonly kubeconfig: () => Promise<Kubeconfig>;
  /** Context. @default the kubeconfig's current one */
  readonly context: string | undefined;
}

/** `kubectl` is not there, or could not get an answer. */
export class KubectlError extends Error {
  override readonly name = "KubectlError";
  readonly kind: "missing" | "not found" | "refused" | "other";

  constructor(kind: KubectlError["kind"], message: string) {
    // The last line says what is wrong; there may be warnings before it.
    super(message.trimEnd().split("\n").at(-1));
    this.kind = kind;
  }
}

export interface KubectlOptions extends ClusterConnection {
  /** Folder that a relative path starts from. */
  readonly project: string;
  readonly environment: NodeJS.ProcessEnv;
  /** In seconds. */
  readonly timeout: number;
}

export class Kubectl {
  readonly #options: KubectlOptions;
  #folder: string | undefined;

  constructor(options: KubectlOptions) {
    this.#options = options;
  }

  /** The answer of the API server to a GET. Nothing else is ever sent. */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  async text(path: string): Promise<string> {
    const { context, environment, timeout } = this.#options;
    const args = [
      `--kubeconfig=${await this.#kubeconfig()}`,
      ...(context === undefined ? [] : [`--context=${context}`]),
      `--request-timeout=${timeout}s`,
      "get",
      `--raw=${path}`,
    ];
    const limits = { env: environment, maxBuffer: 200_000_000, timeout: (timeout + 30) * 1000 };
    try {
      const running = promisify(execFile)("kubectl", args, limits);
      // It would ask for a username that the kubeconfig does not hold, and wait.
      running.child.stdin?.end();
      return (await running).stdout;
    } catch (error) {
      throw errorOf(error as ExecutionError);
    }
  }

  /** Removes what it had to write. */
  close(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  async #kubeconfig(): Promise<string> {
    if (this.#folder !== undefined) return join(this.#folder, "kubeconfig");
    const kubeconfig = await this.#options.kubeconfig();
    if ("path" in kubeconfig) return resolve(this.#options.project, kubeconfig.path);
    this.#folder = mkdtempSync(join(tmpdir(), "datalab-doctor-"));
    const file = join(this.#folder, "kubeconfig");
    writeFileSync(file, kubeconfig.content, { mode: 0o600 });
    return file;
  }
}

type ExecutionError = NodeJS.ErrnoException & { readonly stderr?: string; readonly stdout?: string };

function errorOf(error: ExecutionError): KubectlError {
  if (error.code === "ENOENT") return new KubectlError("missing", "kubectl is not on the PATH");
  if (error.stdout?.includes("enter Username") === true) {
    return new KubectlError("refused", "the kubeconfig holds no credentials");
  }
  const text = (error.stderr ?? "").trim() || error.message;
  if (/\(NotFound\)|the server could not find/.test(text)) return new KubectlError("not found", text);
  if (/\(Forbidden\)|\(Unauthorized\)|must be logged in/.test(text)) return new KubectlError("refused", text);
  return new KubectlError("other", text);
}
