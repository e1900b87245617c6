/** A state that holds what the cluster could give back, and nothing else: `up` finds the rest in the cluster. */
import type { KeptValue, SecretEntry } from "../../components/kept-value.ts";
import type { Inputs, Step } from "../flip/engine-events.ts";
import { canBeMade, madeOf, secret } from "./outputs.ts";

/** One resource of a deployment, as `pulumi stack import` reads it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs?: Inputs;
  readonly outputs?: Inputs;
}

/** Texts of Secrets' entries, by {@link textOfEntry}. */
export type Values = ReadonlyMap<string, string>;

export function textOfEntry({ namespace, name, key }: SecretEntry): string {
  return `${namespace}/${name} ${key}`;
}

/**
 * @param steps of a preview, in order: parents and providers come first
 * @param kept those whose values were found
 * @param newId a new one each time
 */
export function stateResources(
  steps: readonly Step[],
  kept: readonly KeptValue[],
  values: Values,
  newId: () => string,
): StateResource[] {
  const found = new Map(kept.map((one) => [one.resource, one]));
  const taken = steps.filter(({ urn, type }) => canBeMade(type) && found.has(nameOf(urn)));
  const wanted = new Set(taken.flatMap(({ urn, parent }) => [urn, ...ancestors(parent, steps)]));
  const packages = new Set(taken.map(({ type }) => providerType(type)));
  const providers = new Map<string, string>();
  return steps.flatMap((step): StateResource[] => {
    const { urn, type, custom, parent, newInputs } = step;
    const common = { urn, type, custom, ...(parent !== undefined && parent !== "" ? { parent } : {}) };
    if (packages.has(type)) {
      const id = newId();
      providers.set(type, `${urn}::${id}`);
      return [{ ...common, id, inputs: newInputs, outputs: newInputs }];
    }
    if (!wanted.has(urn)) return [];
    const value = found.get(nameOf(urn));
    if (!custom || value === undefined) return [common];
    const provider = providers.get(providerType(type));
    if (provider === undefined) throw new Error(`no provider of ${urn}`);
    const inputs = { ...newInputs, ...inputsOf(value, values) };
    return [{ ...common, provider, inputs, ...madeOf(type, valueOf(value.entry, values), inputs) }];
  });
}

function inputsOf({ inputs = {} }: KeptValue, values: Values): Inputs {
  return Object.fromEntries(Object.entries(inputs).map(([name, entry]) => [name, secret(valueOf(entry, values))]));
}

function valueOf(entry: SecretEntry, values: Values): string {
  const value = values.get(textOfEntry(entry));
  if (value === undefined) throw new Error(`${textOfEntry(entry)} was not found`);
  return value;
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Type of the provider of a type's package. */
function providerType(type: string): string {
  return `pulumi:providers:${type.split(":")[0] ?? ""}`;
}

function ancestors(parent: string | undefined, steps: readonly Step[]): string[] {
  const above = steps.find(({ urn }) => urn === parent);
  return above === undefined ? [] : [above.urn, ...ancestors(above.parent, steps)];
}
