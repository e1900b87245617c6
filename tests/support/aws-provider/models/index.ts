/** What AWS decides, for each kind of resource; a kind without a model gets plausible values by their type. */
import type { Fields, ResourceDeclaration, Sdk, Shape } from "../sdk.ts";
import { accountId } from "../account.ts";
import { hex, input, type Model, type Subject } from "../model.ts";
import { isObject, unknown, type Value, type Values } from "../values.ts";
import { clusterModels } from "./cluster.ts";
import { dnsModels } from "./dns.ts";
import { identityModels } from "./identity.ts";
import { networkModels } from "./network.ts";
import { storageModels } from "./storage.ts";

export const models: Readonly<Record<string, Model>> = {
  ...networkModels,
  ...clusterModels,
  ...identityModels,
  ...storageModels,
  ...dnsModels,
};

export function idOf(subject: Subject): string {
  const model = models[subject.token];
  return model?.id(subject) ?? `${input(subject, "name") || subject.name}-${hex(subject, 12)}`;
}

/** Everything that the resource has after it was created or changed. */
export function outputsOf(
  sdk: Sdk,
  subject: Subject,
  id: string,
  defaultTags: Readonly<Record<string, Value>>,
): Values {
  const declaration = sdk.resources[subject.token];
  if (declaration === undefined) throw new Error(`the SDK knows no ${subject.token}`);
  const model = models[subject.token];
  const given: Values = {
    ...subject.inputs,
    ...model?.computed?.(subject, id),
    ...(model?.arn && declaration.outputs["arn"] ? { arn: model.arn(subject, id) } : {}),
    ...always(declaration, subject, defaultTags),
  };
  return complete(sdk, declaration.outputs, given, subject);
}

/** Adds what the SDK says is always there, at every depth. */
function complete(sdk: Sdk, fields: Fields, values: Values, subject: Subject): Values {
  const whole = (shape: Shape, value: Value): Value => {
    if (Array.isArray(value)) {
      return shape.kind === "list" ? value.map((element: Value) => whole(shape.of, element)) : (value as Value[]);
    }
    const inner = shape.kind === "object" ? shape.fields : shape.kind === "type" ? sdk.types[shape.name] : undefined;
    return isObject(value) && inner ? complete(sdk, inner, value, subject) : value;
  };
  const present = Object.entries(values).filter(([, value]) => value !== null);
  const missing = Object.entries(fields).filter(([name, { optional }]) => !optional && (values[name] ?? null) === null);
  return {
    ...Object.fromEntries(
      present.map(([name, value]) => [name, fields[name] ? whole(fields[name].shape, value) : value]),
    ),
    ...Object.fromEntries(missing.map(([name, { shape }]) => [name, invent(sdk, shape, subject, name)])),
  };
}

/** What every resource with such a field has. */
function always({ outputs }: ResourceDeclaration, subject: Subject, defaultTags: Values): Values {
  const { tags } = subject.inputs;
  return {
    ...(outputs["region"] && { region: subject.region }),
    ...(outputs["tagsAll"] && {
      tagsAll: tags === unknown ? unknown : { ...defaultTags, ...(isObject(tags) && tags) },
    }),
  };
}

function invent(sdk: Sdk, shape: Shape, subject: Subject, name: string): Value {
  switch (shape.kind) {
    case "string":
    case "any":
      return name === "arn" || name.endsWith("Arn")
        ? `arn:aws:${subject.token.split(/[:/]/)[1] ?? ""}:${subject.region}:${accountId}:${subject.name}/${hex(subject, 12, name)}`
        : `${name}-${hex(subject, 12, name)}`;
    case "number":
      return 0;
    case "boolean":
      return false;
    case "list":
      return [];
    case "map":
      return {};
    case "union":
      return invent(sdk, shape.of[0] ?? { kind: "any" }, subject, name);
    case "object":
    case "type": {
      const fields = shape.kind === "object" ? shape.fields : (sdk.types[shape.name] ?? {});
      const required = Object.entries(fields).filter(([, { optional }]) => !optional);
      return Object.fromEntries(required.map(([key, one]) => [key, invent(sdk, one.shape, subject, key)]));
    }
  }
}

/**
 * The outputs as a preview knows them: what the program has given, the rest unknown.
 *
 * @param known Values that hold already: the inputs, and for a change what was before.
 */
export function previewed(outputs: Values, known: Values): Values {
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, mask(value, known[key])]));
}

function mask(value: Value, known: Value | undefined): Value {
  if (known === undefined || known === unknown) return unknown;
  if (isObject(value) && isObject(known)) return previewed(value, known);
  return known;
}
