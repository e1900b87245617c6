/** The Kubernetes side of what AWS does: load balancers that the cluster's Services have made. */
import { readFileSync } from "node:fs";
import { request } from "node:https";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** A cluster that answers an administrator. */
export class KubernetesApi {
  readonly server: string;
  /** In base64. */
  readonly certificateAuthority: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;

  constructor(kubeconfigFile: string) {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfigFile, "utf8")) as Kubeconfig;
    const cluster = clusters[0]?.cluster ?? {};
    const user = users[0]?.user ?? {};
    this.server = cluster["server"] ?? "";
    this.certificateAuthority = cluster["certificate-authority-data"] ?? "";
    this.certificate = decode(user["client-certificate-data"]);
    this.key = decode(user["client-key-data"]);
  }

  /** Services for which a load balancer exists, `namespace/name`. */
  async loadBalancers(): Promise<string[]> {
    type Service = {
      metadata: { name: string; namespace: string };
      spec: { type: string; loadBalancerClass?: string };
    };
    const { items } = JSON.parse(await this.call("GET", "/api/v1/services")) as { items: Service[] };
    return (
      items
        // One with a class belongs to whoever serves that class, and EKS itself serves none.
        .filter(({ spec }) => spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined)
        .map(({ metadata: m }) => `${m.namespace}/${m.name}`)
    );
  }

  call(method: string, path: string, body?: object): Promise<string> {
    return new Promise((done, fail) => {
      const options = {
        method,
        ca: decode(this.certificateAuthority),
        cert: this.certificate,
        key: this.key,
        headers: body ? { "content-type": "application/json" } : {},
      };
      const sent = request(new URL(path, this.server), options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) done(text);
          else fail(new Error(`${method} ${path}: ${response.statusCode ?? 0} ${text}`));
        });
      });
      sent.once("error", fail);
      sent.end(body && JSON.stringify(body));
    });
  }
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString();
}
