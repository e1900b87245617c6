/** What a step is: pure data and one function, so that runner and printers know nothing of what is checked. */
import type { ObjectStore } from "../../components/contracts.ts";
import type { Browser } from "./browser.ts";
import type { Expectations } from "./expectations.ts";
import type { FirstImages } from "./first-images.ts";
import type { Kubectl } from "../../checks/kubectl/kubectl.ts";
import type { Options } from "./options.ts";
import type { S3Credentials } from "./s3.ts";
import type { WebClient } from "./web-client.ts";

/** One thing that must hold. */
export interface Step {
  /** Stable name for CI, such as `certificate:identity`. */
  readonly id: string;
  /** What is looked at, as people read it. */
  readonly title: string;
  /** The part that is asked, or the way between two: where to look when the step fails. */
  readonly hop: string;
  /** Ids of earlier steps without which this one says nothing. */
  readonly needs: readonly string[];
  /** Why the step is left out; undefined to run it. */
  readonly unless?: (context: Context) => string | undefined;
  readonly run: (context: Context) => Promise<Outcome>;
}

/** What a step can look at. */
export interface Context {
  readonly expected: Expectations;
  readonly options: Options;
  readonly password: string | undefined;
  readonly kubectl: Kubectl;
  /** Talks to public hosts, and trusts what the facts say. */
  readonly web: WebClient;
  readonly facts: Facts;
  /** What ran first under the tags of images. */
  readonly firstImages: FirstImages;
  /** Addresses of a host, as this machine resolves names. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly now: () => Date;
}

/** What steps have found out for later ones. */
export interface Facts {
  /** Authorities to trust beside the public ones, in PEM. */
  readonly authorities?: readonly string[];
  /** Addresses of the ingress controller, as the cluster names them. */
  readonly ingressAddresses?: readonly string[];
  /** The user's browser, logged in. */
  readonly browser?: Browser;
  /** Access token of the portal's client. */
  readonly portalToken?: string;
  /** Says whose session a logout ends. */
  readonly idToken?: string;
  /** Access token of the object store's client. */
  readonly storageToken?: string;
  readonly credentials?: S3Credentials;
  /** As the portal tells browsers. */
  readonly objectStore?: ObjectStore;
  /** The user's namespace, if it is there. */
  readonly workspace?: string;
}

/** What is wrong, as three parts of one sentence. */
export interface Finding {
  /** What was seen, as a sentence without its full stop. */
  readonly problem: string;
  /** Why, most likely: the rest of a sentence that begins with "likely because". */
  readonly cause: string;
  /** What to do, as a sentence without its full stop. */
  readonly cure: string;
  /** Where, if it is not the step's own hop. */
  readonly hop?: string;
}

export type Outcome =
  | { readonly status: "passed"; readonly note?: string; readonly facts?: Facts }
  | ({ readonly status: "warning"; readonly facts?: Facts } & Finding)
  | ({ readonly status: "failed" } & Finding);

export function passed(note?: string, facts?: Facts): Outcome {
  return { status: "passed", ...(note === undefined ? {} : { note }), ...(facts === undefined ? {} : { facts }) };
}

export function warning(finding: Finding, facts?: Facts): Outcome {
  return { status: "warning", ...finding, ...(facts === undefined ? {} : { facts }) };
}

export function failed(finding: Finding): Outcome {
  return { status: "failed", ...finding };
}

/** A fact that a needed step has left. */
export function fact<K extends keyof Facts>({ facts }: Context, name: K): NonNullable<Facts[K]> {
  const value = facts[name];
  if (value === undefined) throw new Error(`no step has left ${name}`);
  return value;
}

/** The object store: as the settings say, else as the portal tells browsers. */
export function storeOf(context: Context): ObjectStore {
  return context.expected.objectStore ?? fact(context, "objectStore");
}
