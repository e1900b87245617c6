/** What cures a stack file, as values: the printer writes them down, `npm run flip` follows them. */

/** Path into a stack file: first the key of the component, then what lies below it. */
export type Path = readonly (string | number)[];

/** Whether `path` is `other` or lies below it. */
export function isWithin(path: Path, other: Path): boolean {
  return other.every((part, index) => path[index] === part);
}

/** Settings that hold credentials: they must be secrets of the stack file, never plain text. */
export const credentialSettings: readonly Path[] = [
  ["cluster", "kubeconfig"],
  ["certificates", "privateKey"],
  ["identity", "smtp", "password"],
  ["directory", "bindPassword"],
  ["platform", "imagePull", "password"],
];

export type Value = string | number | boolean;

/** `secret`: the value is encrypted, as credentials always are; `text`: it stays a text, whatever it looks like. */
export type Form = "secret" | "text";

/** One change of a stack file. */
export type Fix =
  | { readonly do: "set"; readonly path: Path; readonly value: Value; readonly form?: Form | undefined }
  /** A value that only a person knows. */
  | { readonly do: "ask"; readonly path: Path; readonly what: string; readonly form?: Form | undefined }
  | { readonly do: "remove"; readonly path: Path }
  /** What no command can do, as a sentence. */
  | { readonly do: "edit"; readonly sentence: string };

/** All changes of one way out. */
export interface Cure {
  /** What this way is for, where it is not the usual one. @example "where pods resolve them" */
  readonly when?: string;
  readonly fixes: readonly Fix[];
}

export function set(path: Path, value: Value): Fix {
  return { do: "set", path, value };
}

/** @param what what the value is, as it stands between angle brackets. @example "path of a kubeconfig" */
export function ask(path: Path, what: string, form?: Form): Fix {
  return { do: "ask", path, what, form };
}

export function remove(path: Path): Fix {
  return { do: "remove", path };
}

export function edit(sentence: string): Fix {
  return { do: "edit", sentence };
}

export function by(...fixes: readonly Fix[]): Cure {
  return { fixes };
}

/** Another way out. @param when what it is for, as the rest of a sentence that begins with "or," */
export function or(when: string, ...fixes: readonly Fix[]): Cure {
  return { when, fixes };
}

/** Whether what is set must be encrypted. */
export function isSecret(path: Path, form?: Form): boolean {
  return form === "secret" || credentialSettings.some((setting) => setting.join("\n") === path.join("\n"));
}
