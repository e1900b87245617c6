/** The attempts' way to an API server: plain HTTPS, for a process for each would take minutes. */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";

import { launcherUser } from "../workspaces.ts";
import type { Actor } from "./attempt.ts";
import { type Call, type KubernetesObject, own, pathOf, resourceOf } from "./calls.ts";
import { crowded } from "./quantities.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Accounts that try with a token of their own: what they pretend to be is checked, too. */
export const accounts = {
  portal: { name: "onyxia-api", namespace: "datalab-portal" },
  service: { name: "service", namespace: own },
} as const;

/** Users that the administrator pretends to be; Kubernetes then looks at their rights alone. */
const impersonated: Partial<Record<Actor, string>> = {
  mallory: "oidc-mallory",
  launcher: launcherUser(own),
  controller: "system:serviceaccount:kube-system:replicaset-controller",
  crowd: launcherUser(crowded),
};

interface Kubeconfig {
  readonly clusters: readonly [{ cluster: { server: string; "certificate-authority-data": string } }];
  readonly users: readonly [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

export class ApiServer {
  readonly #url: string;
  readonly #administrator: Agent;
  /** Without a certificate: a token says who it is. */
  readonly #anybody: Agent;
  readonly #tokens = new Map<Actor, string>();

  /** @param kubeconfig A file, of an administrator. */
  constructor(kubeconfig: string) {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
    const decoded = (text: string) => Buffer.from(text, "base64");
    const common = { keepAlive: true, maxSockets: 10, ca: decoded(clusters[0].cluster["certificate-authority-data"]) };
    this.#url = clusters[0].cluster.server;
    this.#administrator = new Agent({
      ...common,
      cert: decoded(users[0].user["client-certificate-data"]),
      key: decoded(users[0].user["client-key-data"]),
    });
    this.#anybody = new Agent(common);
  }

  /** Gets the tokens of the accounts that use one. */
  async logIn(): Promise<void> {
    for (const [actor, { name, namespace }] of Object.entries(accounts)) {
      const answer = await this.#send(this.#administrator, {
        method: "POST",
        path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
      });
      const { status } = JSON.parse(answer.text) as { status: { token: string } };
      this.#tokens.set(actor as Actor, status.token);
    }
  }

  /** Tries it as somebody; for real only where the call says so. */
  async attempt(who: Actor, call: Call): Promise<Answer> {
    const asIs = call.real === true || call.method === "GET" || /\/(exec|token|binding)\b/.test(call.path);
    const path = asIs ? call.path : `${call.path}?dryRun=All`;
    const token = this.#tokens.get(who);
    const pretended = call.as ?? impersonated[who];
    const headers = {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(pretended === undefined ? {} : { "Impersonate-User": pretended }),
    };
    const agent = token === undefined ? this.#administrator : this.#anybody;
    return this.#send(agent, { ...call, path }, { ...headers, "Content-Type": typeOf(call) });
  }

  async read(path: string): Promise<unknown> {
    const { status, text } = await this.#send(this.#administrator, { method: "GET", path });
    if (status >= 300) throw new Error(text);
    return JSON.parse(text) as unknown;
  }

  /** Puts an object in place, as an administrator. */
  async apply(object: KubernetesObject): Promise<void> {
    const { apiVersion, kind, metadata } = object as unknown as Identified;
    const collection = pathOf(apiVersion, resourceOf(kind), metadata.namespace);
    const path = `${collection}/${metadata.name}?fieldManager=test&force=true`;
    const type = { "Content-Type": "application/apply-patch+yaml" };
    const { status, text } = await this.#send(this.#administrator, { method: "PATCH", path, body: object }, type);
    if (status >= 300) throw new Error(`${path}: ${text}`);
  }

  close(): void {
    this.#administrator.destroy();
    this.#anybody.destroy();
  }

  #send(agent: Agent, { method, path, body }: Call, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((done, fail) => {
      const call = request(new URL(path, this.#url), { agent, method, headers }, (response) => {
        response.setEncoding("utf8");
        let text = "";
        response.on("data", (part: string) => (text += part));
        response.once("end", () => {
          done({ status: response.statusCode ?? 0, text: messageOf(text) });
        });
      });
      call.once("error", fail);
      call.setTimeout(30_000, () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

interface Identified {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function typeOf({ method }: Call): string {
  return method === "PATCH" ? "application/merge-patch+json" : "application/json";
}

/** Of a refusal the words, without the quotation marks of JSON; of an object the whole. */
function messageOf(text: string): string {
  try {
    const answer = JSON.parse(text) as { kind?: string; message?: string };
    return answer.kind === "Status" && answer.message !== undefined ? answer.message : text;
  } catch {
    return text;
  }
}
