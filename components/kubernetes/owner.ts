/** Whose an object is: a label on each, and one field manager, both of them different for every stack. */
import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { kindOf, textOf } from "./object-key.ts";

/** Label of every object. Two stacks that want the same object want different values, and the API server says so. */
export const ownerLabel = "datalab.dev/owner";

/** A stack on a cluster. */
export interface Owner {
  /** Value of {@link ownerLabel}. */
  readonly label: string;
  /**
   * Name that the API server notes beside every field. A fixed one: with the provider's own, a random one for each
   * create, an object whose create was cut off belongs to somebody else when it is made again.
   */
  readonly fieldManager: string;
}

/** What of the objects differs for a while. */
export interface Exceptions {
  /** Field managers of objects that release 0.1 made, by {@link textOf}: another one could not change their fields. */
  readonly fieldManagers?: ReadonlyMap<string, string> | undefined;
  /** Objects that are taken over on purpose, as `Kind/name`: whoever has written their fields is overruled. */
  readonly adopt?: readonly string[] | undefined;
}

/**
 * The last dot divides: a cluster's identifier holds none. What is no value of a label, a long name or one with an
 * underscore at its end, ends with a digest instead.
 */
export function ownerOf(stack: string, clusterIdentifier: string): Owner {
  const name = `${stack}.${clusterIdentifier}`;
  const label = isLabelValue(name) ? name : digested(name);
  return { label, fieldManager: `datalab-${label}` };
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
function isLabelValue(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text);
}

function digested(name: string): string {
  const readable = name.replaceAll(/[^-A-Za-z0-9_.]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return `${readable.slice(0, 40)}.${createHash("sha256").update(name).digest("hex").slice(0, 20)}`;
}

/** Marks every Kubernetes object below a component, those of charts as well. Templates of pods stay as they are. */
export function ownedBy(owner: Owner, { fieldManagers, adopt = [] }: Exceptions = {}): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!type.startsWith("kubernetes:")) return undefined;
    const { metadata, ...rest } = props as Readonly<Record<string, unknown>>;
    const marked = whenKnown(metadata, (known) => {
      const { name, namespace } = known as { readonly name: string; readonly namespace?: string };
      const key = { ...kindOf(type), namespace, name };
      const annotations = {
        "pulumi.com/patchFieldManager": fieldManagers?.get(textOf(key)) ?? owner.fieldManager,
        ...(adopt.includes(`${key.kind}/${name}`) ? { "pulumi.com/patchForce": "true" } : {}),
      };
      return {
        ...known,
        labels: whenKnown(known["labels"], (labels) => ({ ...labels, [ownerLabel]: owner.label })),
        annotations: whenKnown(known["annotations"], (others) => ({ ...others, ...annotations })),
      };
    });
    return { props: { ...rest, metadata: marked }, opts };
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Plain values stay plain: a preview shows an object's name although something else of it is unknown yet. */
function whenKnown(input: unknown, change: (fields: Fields) => Fields): unknown {
  return pulumi.Output.isInstance(input)
    ? input.apply((fields) => change(fields as Fields))
    : change((input ?? {}) as Fields);
}
