/** The Secrets of a cluster that hold what a lost state has known. */
import { type Kubectl, KubectlError } from "../../checks/kubectl/kubectl.ts";
import { type Owner, ownerLabel } from "../../components/kubernetes/owner.ts";
import type { KeptValue, SecretEntry } from "../../components/kept-value.ts";
import { textOfEntry, type Values } from "./state.ts";

/** As the API server gives it. */
export interface LiveSecret {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

/** What was found, and what was not. */
export interface Found {
  readonly values: Values;
  /** Values that no Secret holds. */
  readonly missing: readonly KeptValue[];
  /** Secrets that are there and bear another owner, or none, as `namespace/name`. */
  readonly foreign: readonly string[];
}

/** Reads the Secrets one by one: others of the same namespaces are nobody's business. @throws KubectlError */
export async function readSecrets(kept: readonly KeptValue[], kubectl: Pick<Kubectl, "get">): Promise<LiveSecret[]> {
  const paths = kept.map(({ entry }) => `/api/v1/namespaces/${entry.namespace}/secrets/${entry.name}`);
  const answers = await Promise.all([...new Set(paths)].map((path) => existing(kubectl.get<LiveSecret>(path))));
  return answers.flatMap((secret) => secret ?? []);
}

async function existing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubectlError && error.kind === "not found") return undefined;
    throw error;
  }
}

export function foundIn(secrets: readonly LiveSecret[], kept: readonly KeptValue[], owner: Owner): Found {
  const isOwn = ({ metadata }: LiveSecret) => metadata.labels?.[ownerLabel] === owner.label;
  const entries = kept.flatMap(({ entry, inputs = {} }) => [entry, ...Object.values(inputs)]);
  const values = new Map<string, string>();
  for (const entry of entries) {
    const value = secrets.filter(isOwn).find((secret) => holds(secret, entry))?.data?.[entry.key];
    if (value !== undefined) values.set(textOfEntry(entry), Buffer.from(value, "base64").toString("utf8"));
  }
  const known = (entry: SecretEntry) => values.has(textOfEntry(entry));
  return {
    values,
    missing: kept.filter(({ entry, inputs = {} }) => ![entry, ...Object.values(inputs)].every(known)),
    foreign: secrets.filter((secret) => !isOwn(secret)).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  };
}

function holds({ metadata }: LiveSecret, { namespace, name }: SecretEntry): boolean {
  return metadata.namespace === namespace && metadata.name === name;
}
