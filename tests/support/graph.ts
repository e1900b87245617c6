/**
 * Runs a part of the program against Pulumi's mocks and returns what it registered: every resource with its inputs,
 * parent, provider and dependencies.
 */
import * as pulumi from "@pulumi/pulumi";

import { awsOutputs } from "./aws-outputs.ts";
import { unwrapSecrets, withoutSecrets } from "./secrets.ts";

type MockResourceArgs = pulumi.runtime.MockResourceArgs;
type MockResourceResult = pulumi.runtime.MockResourceResult;

/** One registration. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** Inputs as the engine gets them, secrets unwrapped. */
  readonly inputs: Record<string, unknown>;
  /** Logical name of the parent; undefined for a child of the stack. */
  readonly parent: string | undefined;
  /** Logical name of the explicit provider; empty for a default provider. */
  readonly provider: string;
  /** Logical names, sorted. */
  readonly dependencies: readonly string[];
  /** Logical names that each input takes its value from, sorted. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  /** Stays in the cluster when it leaves the program. */
  readonly retainOnDelete: boolean;
  /** Logical name of the resource whose end is its own: it is not deleted beside that one. */
  readonly deletedWith: string | undefined;
  /** Paths whose change the engine does not look at. */
  readonly ignoreChanges: readonly string[];
  /** Paths whose change makes a new one. */
  readonly replaceOnChanges: readonly string[];
  /** Logical names of what it is replaced with. */
  readonly replaceWith: readonly string[];
  /** Whether the old one goes before the new one is made. */
  readonly deleteBeforeReplace: boolean;
  /** Time that an update of it may take; undefined for the provider's own. */
  readonly updateTimeout: string | undefined;
  /** What it was called before, as `name < URN of the parent`. */
  readonly aliases: readonly string[];
  /** Serialized inputs with their secret wrappers, for the search for secrets in clear. */
  readonly serialized: string;
}

export interface RunOptions {
  /** Computed values are unknown, as in the first preview. @default false */
  readonly preview?: boolean;
  /** Stack configuration, as the engine hands it over. */
  readonly config?: Record<string, string>;
  readonly secretKeys?: string[];
}

/** The program's result and everything that it registered, in order. */
export interface Graph<T> {
  readonly result: T;
  readonly resources: readonly Registration[];
  /** What the program told the person who runs it. */
  readonly notices: readonly string[];
}

const stackType = "pulumi:pulumi:Stack";

/** Builds a graph. Each call starts from nothing. */
export async function runGraph<T>(build: () => T | Promise<T>, options: RunOptions = {}): Promise<Graph<T>> {
  const registrations: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args): MockResourceResult => ({
        id: options.preview === true ? undefined : `${args.name}-id`,
        state: options.preview === true ? inputsOf(args) : { ...inputsOf(args), ...computedOutputs(args) },
      }),
      call: (args) => {
        throw new Error(`The program looked something up: ${args.token}. Lookups make previews depend on the moment.`);
      },
    },
    "datalab",
    "test",
    options.preview ?? false,
  );
  pulumi.runtime.setAllConfig(options.config ?? {}, options.secretKeys ?? []);
  record(registrations);
  const notices = heardNotices();
  const result = await build();
  await pulumi.runtime.disconnect();
  return { result, resources: registrations, notices };
}

/** Keeps what would be printed. */
function heardNotices(): string[] {
  const notices: string[] = [];
  const hear = (message: string) => {
    notices.push(message);
    return Promise.resolve();
  };
  Object.assign(pulumi.log, { info: hear, warn: hear });
  return notices;
}

/** Finds the one resource with that type and name, or says which there are. */
export function find(graph: Graph<unknown>, type: string, name: string): Registration {
  const found = graph.resources.filter((resource) => resource.type === type && resource.name === name);
  if (found.length !== 1 || found[0] === undefined) {
    const known = graph.resources.map((resource) => `${resource.type} ${resource.name}`).join("\n");
    throw new Error(`expected one ${type} ${name}, found ${found.length} among:\n${known}`);
  }
  return found[0];
}

/** `type name` of every resource, in order of registration. */
export function summary(graph: Graph<unknown>): string[] {
  return graph.resources.map((resource) => `${resource.type} ${resource.name}`);
}

function inputsOf(args: MockResourceArgs): Record<string, unknown> {
  return args.inputs as Record<string, unknown>;
}

/** What providers would compute. The values carry a marker, so that a leak of a secret can be found by its text. */
function computedOutputs(args: MockResourceArgs): Record<string, unknown> {
  switch (args.type) {
    case "random:index/randomPassword:RandomPassword":
      return { result: `${secretMarker}-${args.name}` };
    case "tls:index/privateKey:PrivateKey":
      return { privateKeyPem: `${secretMarker}-${args.name}`, publicKeyPem: `public-key-of-${args.name}` };
    case "tls:index/selfSignedCert:SelfSignedCert":
      return { certPem: `certificate-of-${args.name}` };
    case "kubernetes:core/v1:Service":
      return {
        spec: { clusterIP: "10.96.0.10", ...withNodePorts(inputsOf(args)["spec"] as ServiceSpec | undefined) },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.10" }] } },
      };
    default:
      return awsOutputs(args);
  }
}

interface ServiceSpec {
  readonly type?: string;
  readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[];
}

/** A cluster's choice, where none is given. */
function withNodePorts(spec: ServiceSpec | undefined): ServiceSpec {
  if (spec?.type !== "NodePort") return spec ?? {};
  return { ...spec, ports: (spec.ports ?? []).map((one) => ({ nodePort: 31000 + one.port, ...one })) };
}

/** Every secret that the mocks generate contains this text. */
export const secretMarker = "canary-secret";

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProvider(): string;
  getProvidersMap(): { forEach(callback: (value: string, key: string) => void): void };
  getDependenciesList(): string[];
  getPropertydependenciesMap(): {
    forEach(callback: (value: { getUrnsList(): string[] }, key: string) => void): void;
  };
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletedwith(): string;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getReplaceWithList(): string[];
  getDeletebeforereplace(): boolean;
  getCustomtimeouts(): { getUpdate(): string } | undefined;
  getAliasesList(): { getSpec(): { getName(): string; getParenturn(): string } | undefined }[];
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

interface Monitor {
  registerResource(request: RegisterRequest, callback: (error: unknown, response: unknown) => void): void;
}

function propertiesOf(request: RegisterRequest): Record<string, string[]> {
  const entries: [string, string[]][] = [];
  request.getPropertydependenciesMap().forEach((value, key) => {
    entries.push([key, value.getUrnsList().map(nameOf).sort()]);
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function aliasesOf(request: RegisterRequest): string[] {
  // Those without a name are other types, which the SDK adds by itself.
  return request.getAliasesList().flatMap((alias) => {
    const spec = alias.getSpec();
    return spec === undefined || spec.getName() === "" ? [] : [`${spec.getName()} < ${spec.getParenturn()}`];
  });
}

/** Looks at the requests on their way to the mock monitor: mocks alone do not show dependencies or providers. */
function record(registrations: Registration[]): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const forward = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const raw = request.getObject()?.toJavaScript() ?? {};
    if (request.getType() !== stackType) {
      registrations.push({
        urn: `${parentOf(request) ?? ""}$${request.getType()}::${request.getName()}`,
        type: request.getType(),
        name: request.getName(),
        custom: request.getCustom(),
        inputs: unwrapSecrets(raw) as Record<string, unknown>,
        parent: parentOf(request),
        provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
        dependencies: request.getDependenciesList().map(nameOf).sort(),
        propertyDependencies: propertiesOf(request),
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
        deletedWith: nameOf(request.getDeletedwith()) || undefined,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        replaceWith: request.getReplaceWithList().map(nameOf).sort(),
        deleteBeforeReplace: request.getDeletebeforereplace(),
        updateTimeout: request.getCustomtimeouts()?.getUpdate() || undefined,
        aliases: aliasesOf(request),
        serialized: JSON.stringify(withoutSecrets(raw)),
      });
    }
    forward(request, callback);
  };
}

function parentOf(request: RegisterRequest): string | undefined {
  const parent = request.getParent();
  return parent === "" || parent.includes(stackType) ? undefined : nameOf(parent);
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
