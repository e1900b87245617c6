/** The Kubernetes API, as the pod's ServiceAccount, or as a kubeconfig in JSON says. */
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";

import { type Answer, NoAnswer, send } from "./http.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** An answer that is not a success. */
export class KubernetesError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

export class Kubernetes {
  readonly #server: string;
  readonly #ca: string;
  readonly #tokenFile: string;

  private constructor(server: string, ca: string, tokenFile: string) {
    this.#server = server;
    this.#ca = ca;
    this.#tokenFile = tokenFile;
  }

  /** Undefined where there is neither: the API only says so in its log. */
  static find(environment: Environment): Kubernetes | undefined {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBECONFIG: file } = environment;
    if (host !== undefined) {
      const address = host.includes(":") ? `[${host}]` : host;
      const ca = readFileSync(`${account}/ca.crt`, "utf8");
      return new Kubernetes(`https://${address}:${port ?? "443"}`, ca, `${account}/token`);
    }
    if (file === undefined) return undefined;
    const kubeconfig = JSON.parse(readFileSync(file, "utf8")) as Kubeconfig;
    const { server, "certificate-authority": ca } = kubeconfig.clusters[0].cluster;
    return new Kubernetes(server, readFileSync(ca, "utf8"), kubeconfig.users[0].user.tokenFile);
  }

  /** Undefined when there is no such object. */
  async get(path: string): Promise<KubernetesObject | undefined> {
    const answer = await this.#send("GET", path);
    return answer.status === 404 ? undefined : success(answer, path);
  }

  /** Objects of a list; none where there is no such kind. */
  async list(path: string): Promise<readonly KubernetesObject[]> {
    const list = await this.get(path);
    return (list as { readonly items?: readonly KubernetesObject[] } | undefined)?.items ?? [];
  }

  /** An answer that is no object, such as a pod's log. */
  async text(path: string): Promise<string> {
    const answer = await this.#send("GET", path);
    if (answer.status !== 200) success(answer, path);
    return answer.body;
  }

  /** @throws KubernetesError 409 if it is there already */
  async create(path: string, object: KubernetesObject): Promise<void> {
    success(await this.#send("POST", path, object), path);
  }

  /** Server-side apply. */
  async apply(path: string, object: KubernetesObject): Promise<void> {
    const query = "?fieldManager=fabric8&force=true";
    success(
      await this.#send("PATCH", `${path}/${object.metadata.name}${query}`, object, "application/apply-patch+yaml"),
      path,
    );
  }

  /** Creates the object, or replaces it unless `keep` speaks for the one that is there. */
  async createOrReplace(
    path: string,
    object: KubernetesObject,
    keep: (present: KubernetesObject) => boolean = () => false,
  ): Promise<void> {
    const own = `${path}/${object.metadata.name}`;
    const present = await this.get(own);
    if (present !== undefined && keep(present)) return;
    success(
      present === undefined ? await this.#send("POST", path, object) : await this.#send("PUT", own, object),
      path,
    );
  }

  /** Begins a watch: lines of JSON, until the server ends it or the stream is destroyed. */
  watch(path: string): Promise<IncomingMessage> {
    const headers = { authorization: this.#authorization() };
    return new Promise((resolve, reject) => {
      const watching = request(`${this.#server}${path}`, { ca: this.#ca, headers }, (response) => {
        if (response.statusCode === 200) {
          resolve(response);
          return;
        }
        response.destroy();
        reject(new KubernetesError(response.statusCode ?? 0, `${path}: no watch`));
      });
      watching.once("error", (error) => {
        reject(new KubernetesError(500, error.message));
      });
      watching.end();
    });
  }

  async #send(method: string, path: string, body?: object, type = "application/json"): Promise<Answer> {
    try {
      return await send(`${this.#server}${path}`, {
        method,
        headers: { authorization: this.#authorization(), ...(body === undefined ? {} : { "content-type": type }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ca: [this.#ca],
      });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new KubernetesError(500, error.message);
    }
  }

  /** Read anew each time: the kubelet renews the token. */
  #authorization(): string {
    return `Bearer ${readFileSync(this.#tokenFile, "utf8").trim()}`;
  }
}

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority": string } },
  ];
  readonly users: readonly [{ readonly user: { readonly tokenFile: string } }];
}

function success({ status, body }: Answer, path: string): KubernetesObject {
  if (status >= 300) {
    const { message } = JSON.parse(body) as { message?: string };
    throw new KubernetesError(status, `${path}: ${message ?? body}`);
  }
  return JSON.parse(body) as KubernetesObject;
}
