/** The parts of Kubernetes objects that the supervisor looks at. */
export interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata: { readonly labels?: Labels };
      readonly spec: { readonly serviceAccountName?: string; readonly containers: readonly Container[] };
    };
  };
}

export interface Pod {
  readonly metadata: {
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Labels;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface Service {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector?: Labels;
    readonly ports?: readonly { readonly port: number; readonly targetPort?: number | string }[];
  };
}

export interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
}

type Labels = Readonly<Record<string, string>>;

/** The images of the programs that run beside the API server; stages.yaml has the same expression. */
export const certManagerImage = "cert-manager-(controller|webhook|cainjector)(:|@|$)";

/** What a Deployment of cert-manager's chart asks to be run. */
export interface CertManagerWorkload {
  readonly role: "controller" | "webhook" | "cainjector";
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly labels: Labels;
  /** The container's own, with `$(NAME)` replaced. */
  readonly args: readonly string[];
}

/** Undefined for every Deployment whose pods are merely simulated. */
export function certManagerWorkload(deployment: Deployment): CertManagerWorkload | undefined {
  const { namespace, name } = deployment.metadata;
  const { template, replicas = 1 } = deployment.spec;
  if (replicas === 0) return undefined;
  for (const container of template.spec.containers) {
    const role = new RegExp(certManagerImage).exec(container.image)?.[1];
    if (role === undefined) continue;
    return {
      role: role as CertManagerWorkload["role"],
      namespace,
      name,
      serviceAccount: template.spec.serviceAccountName ?? "default",
      labels: template.metadata.labels ?? {},
      args: expand(container, namespace),
    };
  }
  return undefined;
}

export function selects(selector: Labels | undefined, labels: Labels | undefined): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
}

function expand(container: Container, namespace: string): string[] {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value !== undefined) values.set(name, value);
    else if (valueFrom?.fieldRef?.fieldPath === "metadata.namespace") values.set(name, namespace);
  }
  return (container.args ?? []).map((arg) =>
    arg.replaceAll(/\$\((\w+)\)/g, (all, name: string) => values.get(name) ?? all),
  );
}
