/**
 * Stands in for the AWS plugin, which cannot be had without the internet: it knows what the typed SDK knows, decides
 * what AWS decides, refuses what AWS refuses, and keeps what was made in an account on disk.
 */
import { type Account, accountId, type AwsCall, type AwsResource } from "./account.ts";
import { goesWithNodeGroup } from "./autoscaling.ts";
import { checkFields, type Failure } from "./check-shape.ts";
import { type Difference, differences } from "./difference.ts";
import type { KubernetesApi } from "./kubernetes.ts";
import { idOf, models, outputsOf, previewed } from "./models/index.ts";
import type { Subject } from "./model.ts";
import { generatedName, nameFailures, nameField, type Origin } from "./names.ts";
import { syncNodes } from "./nodes.ts";
import { deletionRefusal, failuresOf, refusal } from "./rules.ts";
import type { Sdk } from "./sdk.ts";
import { isObject, text, texts, type Values } from "./values.ts";

/** What the program's provider resource says. */
export interface ProviderConfig {
  readonly region: string;
  readonly defaultTags: Values;
}

export interface Change {
  readonly token: string;
  readonly urn: string;
  /** The program's own name of the resource. */
  readonly name: string;
  readonly inputs: Values;
  readonly preview: boolean;
}

/** What a change of inputs means. */
export interface Diff {
  readonly differences: readonly Difference[];
  /** A resource with a name of the program's choice: the new one cannot be made while the old one is there. */
  readonly deleteBeforeReplace: boolean;
}

export class RecordingAws {
  readonly #sdk: Sdk;
  readonly #account: Account;
  readonly #kubernetes: KubernetesApi | undefined;
  #turn: Promise<void> = Promise.resolve();
  #config: ProviderConfig = { region: "us-east-1", defaultTags: {} };

  constructor(sdk: Sdk, account: Account, kubernetes?: KubernetesApi) {
    this.#sdk = sdk;
    this.#account = account;
    this.#kubernetes = kubernetes;
  }

  checkConfig(values: Values): Failure[] {
    // The engine's own: which plugin to start.
    const failures = checkFields(this.#sdk, this.#sdk.provider, without(values, "version", "pluginDownloadURL"));
    if (values["region"] === undefined) failures.push({ property: "region", reason: "is required" });
    const allowed = texts(values["allowedAccountIds"]);
    if (allowed.length > 0 && !allowed.includes(accountId)) {
      failures.push({ property: "allowedAccountIds", reason: `AWS account ID not allowed: ${accountId}` });
    }
    return failures;
  }

  configure(values: Values): void {
    const tags = isObject(values["defaultTags"]) ? values["defaultTags"]["tags"] : undefined;
    this.#config = { region: text(values["region"]) ?? "", defaultTags: isObject(tags) ? tags : {} };
  }

  /** The inputs, with a name where the program gives none. */
  check(token: string, urn: string, news: Values, origin: Origin = {}): { inputs: Values; failures: Failure[] } {
    const declaration = this.#sdk.resources[token];
    if (declaration === undefined)
      return { inputs: news, failures: [{ property: "", reason: `the SDK knows no ${token}` }] };
    const inputs = { ...generatedName(token, urn, news, origin), ...news };
    const failures = [
      ...checkFields(this.#sdk, declaration.inputs, inputs),
      ...failuresOf(token, inputs),
      ...nameFailures(token, inputs),
    ];
    return { inputs, failures };
  }

  diff(token: string, olds: Values, news: Values): Diff {
    const found = differences(token, olds, news);
    const name = nameField(token);
    const keepsName = text(news[name]) !== undefined && news[name] === olds[name] && !("__generated" in news);
    return { differences: found, deleteBeforeReplace: found.some(({ replaces }) => replaces) && keepsName };
  }

  async create(change: Change): Promise<{ id: string; outputs: Values }> {
    const seed = `${change.urn} ${this.#account.generation(change.urn)}`;
    const subject = this.#subject(change, seed);
    if (change.preview) return { id: "", outputs: this.#previewed(subject, "", subject.inputs) };
    const id = idOf(subject);
    this.#allow("create", change, id, refusal(subject, id));
    const outputs = outputsOf(this.#sdk, subject, id, this.#config.defaultTags);
    await this.#put({ token: change.token, urn: change.urn, id, seed, inputs: change.inputs, outputs });
    return { id, outputs };
  }

  async update(id: string, change: Change, before: Values): Promise<Values> {
    const existing = this.#account.find(change.token, id);
    const subject = { ...this.#subject(change, existing?.seed ?? change.urn), before: existing?.outputs ?? before };
    if (change.preview) {
      const stays = Object.entries(before).filter(([key]) => !models[change.token]?.volatile?.includes(key));
      return this.#previewed(subject, id, { ...Object.fromEntries(stays), ...subject.inputs });
    }
    this.#allow("update", change, id, existing ? refusal(subject, id) : `NotFound: there is no ${id}`);
    const outputs = outputsOf(this.#sdk, subject, id, this.#config.defaultTags);
    await this.#put({
      token: change.token,
      urn: change.urn,
      id,
      seed: subject.seed,
      inputs: change.inputs,
      outputs,
    });
    return outputs;
  }

  /** Undefined where it has gone. */
  read(token: string, id: string): AwsResource | undefined {
    return this.#account.find(token, id);
  }

  async delete(token: string, urn: string, id: string): Promise<void> {
    const resource = this.#account.find(token, id);
    if (resource === undefined) return;
    const refused = deletionRefusal(resource, this.#account) ?? (await this.#heldByLoadBalancer(resource));
    this.#allow("delete", { token, urn, inputs: resource.inputs }, id, refused);
    await this.#abandonLoadBalancers(resource);
    for (const gone of [resource, ...goesWithNodeGroup(resource, this.#account)]) this.#account.remove(gone);
    await this.#syncNodes(resource.token);
  }

  #subject({ token, name, inputs }: Change, seed: string): Subject {
    const given = without(inputs, "__generated");
    const api = this.#kubernetes;
    return {
      token,
      name,
      seed,
      inputs: given,
      region: text(given["region"]) ?? this.#config.region,
      account: this.#account,
      controlPlane: api && { server: api.server, certificateAuthority: api.certificateAuthority },
    };
  }

  #previewed(subject: Subject, id: string, known: Values): Values {
    const outputs = outputsOf(this.#sdk, subject, id, this.#config.defaultTags);
    const { tagsAll, region } = outputs;
    return previewed(outputs, { ...known, ...(region && { region }), ...(tagsAll && { tagsAll }) });
  }

  #allow(
    operation: AwsCall["operation"],
    change: Pick<Change, "token" | "urn" | "inputs">,
    id: string,
    refused?: string,
  ) {
    const { token, urn, inputs } = change;
    this.#account.record({ operation, token, urn, id, inputs, ...(refused && { refused }) });
    if (refused !== undefined) throw new Error(refused);
  }

  async #put(resource: AwsResource): Promise<void> {
    this.#account.put(resource);
    await this.#syncNodes(resource.token);
  }

  /** A node group's instances join its cluster. One change after the other, each with what is true by then. */
  async #syncNodes(token: string): Promise<void> {
    const api = this.#kubernetes;
    if (api === undefined || !/^aws:eks\/(cluster|nodeGroup):/.test(token)) return;
    const turn = this.#turn.then(() => syncNodes(api, this.#account));
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  /** The load balancers of a cluster's Services have network interfaces in the network. */
  async #heldByLoadBalancer({ token, id }: AwsResource): Promise<string | undefined> {
    if (token !== "aws:ec2/vpc:Vpc" && token !== "aws:ec2/subnet:Subnet") return undefined;
    const existing = this.#account.resources();
    const left = existing.filter((one) => one.token === leftLoadBalancer).map((one) => one.id);
    const cluster = existing.some((one) => one.token === "aws:eks/cluster:Cluster");
    const live = cluster && this.#kubernetes ? await this.#kubernetes.loadBalancers() : [];
    const [holder] = [...left, ...live];
    return holder && `DependencyViolation: ${id} is in use by the load balancer of Service ${holder}`;
  }

  /** Who deletes a cluster leaves the load balancers of its Services behind: nobody is there to remove them. */
  async #abandonLoadBalancers({ token, urn }: AwsResource): Promise<void> {
    if (token !== "aws:eks/cluster:Cluster" || this.#kubernetes === undefined) return;
    for (const id of await this.#kubernetes.loadBalancers()) {
      this.#account.put({ token: leftLoadBalancer, urn, id, seed: id, inputs: {}, outputs: {} });
    }
  }
}

/** No resource of the program: what a controller in the cluster has made, and nobody has deleted. */
export const leftLoadBalancer = "left:loadBalancer";

function without(values: Values, ...names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}
