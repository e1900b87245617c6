/** Asks the stack's cluster. `kubectl` does it: it knows every kind of kubeconfig, those that run a command included. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import type { Kubeconfig } from "./kubeconfig.ts";

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

/** What would become of objects that an account makes. */
export interface MakingAnswer {
  /** What would be there, each as `kind.group/name`. */
  readonly accepted: readonly string[];
  /** What was said of the others. */
  readonly refusals: readonly string[];
}

export class Kubectl {
  readonly #options: KubectlOptions;
  /** File of the kubeconfig, once it is known. */
  #file: string | undefined;
  /** Folder of that file, if it had to be written. */
  #folder: string | undefined;
  /** What was made and is still there. */
  readonly #made = new Set<string>();

  constructor(options: KubectlOptions) {
    this.#options = options;
  }

  /** The answer of the API server to a GET. */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  text(path: string): Promise<string> {
    return this.#run(["get", `--raw=${path}`]);
  }

  /** Those of the objects that exist, with who wrote which field. @param names each as `Kind.group/name` */
  async existing<T>(names: readonly string[]): Promise<T[]> {
    const flags = ["--ignore-not-found", "--show-managed-fields", "--output=json"];
    const text = await this.#run(["get", ...names, ...flags]);
    if (text.trim() === "") return [];
    const answer = JSON.parse(text) as { readonly kind: string; readonly items?: T[] };
    // One object comes without a list.
    return answer.kind === "List" ? (answer.items ?? []) : [answer as T];
  }

  /** Everything of these kinds, in all namespaces. */
  async all<T>(kinds: readonly string[]): Promise<T[]> {
    const text = await this.#run(["get", kinds.join(","), "--all-namespaces", "--output=json"]);
    return (JSON.parse(text) as { readonly items: T[] }).items;
  }

  /** Whether the account is an administrator of the whole cluster. Nothing is made: it is a question in that form. */
  async mayEverything(): Promise<boolean> {
    const resourceAttributes = { verb: "*", group: "*", resource: "*" };
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const answer = await this.#run(["create", `--raw=${path}`, "--filename=-"], JSON.stringify(review));
    return (JSON.parse(answer) as { readonly status: { readonly allowed: boolean } }).status.allowed;
  }

  /** What the API server would answer an account that makes these objects. Nothing is made. */
  async wouldMake(account: string, objects: readonly object[]): Promise<MakingAnswer> {
    const flags = ["--filename=-", "--dry-run=server", "--validate=false", "--output=name", `--as=${account}`];
    const list = { apiVersion: "v1", kind: "List", items: objects };
    const { stdout, error } = await this.#attempt(["create", ...flags], JSON.stringify(list));
    const refusals = linesOf(error?.stderr ?? "");
    if (error !== undefined && refusals.length === 0) throw errorOf(error);
    return { accepted: linesOf(stdout), refusals };
  }

  /** Makes an object, which is deleted in the end, whatever comes between. */
  async create(collection: string, object: { readonly metadata: { readonly name: string } }): Promise<void> {
    const path = `${collection}/${object.metadata.name}`;
    // It may have arrived although the answer has not.
    this.#made.add(path);
    try {
      await this.#run(["create", `--raw=${collection}`, "--filename=-"], JSON.stringify(object));
    } catch (error) {
      if (error instanceof KubectlError && error.kind === "refused") this.#made.delete(path);
      throw error;
    }
  }

  async delete(path: string): Promise<void> {
    await this.#run(["delete", `--raw=${path}`]);
    this.#made.delete(path);
  }

  /** What a script for `sh` prints in a container of a running pod. @param target such as `deployment/onyxia-api` */
  run(namespace: string, target: string, container: string, script: string): Promise<string> {
    return this.#run([
      "exec",
      `--namespace=${namespace}`,
      target,
      `--container=${container}`,
      "--",
      "sh",
      "-c",
      script,
    ]);
  }

  async #run(command: readonly string[], input = ""): Promise<string> {
    const { stdout, error } = await this.#attempt(command, input);
    if (error !== undefined) throw errorOf(error);
    return stdout;
  }

  async #attempt(command: readonly string[], input: string): Promise<{ stdout: string; error?: ExecutionError }> {
    const { environment, timeout } = this.#options;
    const args = [...this.#way(await this.#kubeconfig()), ...command];
    const limits = { env: environment, maxBuffer: 200_000_000, timeout: (timeout + 30) * 1000 };
    try {
      const running = promisify(execFile)("kubectl", args, limits);
      // A program that ends before it has read everything says itself why.
      running.child.stdin?.on("error", () => undefined);
      // Without an end it would ask for a username that the kubeconfig does not hold, and wait.
      running.child.stdin?.end(input);
      return { stdout: (await running).stdout };
    } catch (caught) {
      const error = caught as ExecutionError;
      return { stdout: error.stdout ?? "", error };
    }
  }

  #way(kubeconfig: string): string[] {
    const { context, timeout } = this.#options;
    return [
      `--kubeconfig=${kubeconfig}`,
      ...(context === undefined ? [] : [`--context=${context}`]),
      `--request-timeout=${timeout}s`,
    ];
  }

  /** Removes what it had to make and to write; at once, for a signal waits for nothing. */
  close(): void {
    const { environment, timeout } = this.#options;
    for (const path of this.#made) {
      const args = [...this.#way(this.#file ?? ""), "delete", `--raw=${path}`];
      spawnSync("kubectl", args, { env: environment, stdio: "ignore", timeout: timeout * 1000 });
    }
    this.#made.clear();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    this.#file = undefined;
  }

  async #kubeconfig(): Promise<string> {
    if (this.#file !== undefined) return this.#file;
    const kubeconfig = await this.#options.kubeconfig();
    if ("path" in kubeconfig) return (this.#file = resolve(this.#options.project, kubeconfig.path));
    this.#folder = mkdtempSync(join(tmpdir(), "datalab-doctor-"));
    this.#file = join(this.#folder, "kubeconfig");
    writeFileSync(this.#file, kubeconfig.content, { mode: 0o600 });
    return this.#file;
  }
}

type ExecutionError = NodeJS.ErrnoException & { readonly stderr?: string; readonly stdout?: string };

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

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
