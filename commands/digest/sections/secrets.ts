/** Secrets that a change touches, by name alone. */
import type { Causes } from "../causes.ts";
import type { Change } from "../change.ts";
import { type Block, code, line, listed, type Section, type Text } from "../page.ts";

export interface TouchedSecret {
  /** @example "Secret datalab-identity/keycloak-admin" */
  readonly name: string;
  readonly fate: Change["fate"];
}

const generators = ["random:index/randomPassword:RandomPassword", "tls:index/privateKey:PrivateKey"];

export function touchedSecrets(changes: readonly Change[], { settings }: Causes): TouchedSecret[] {
  const made = changes
    .filter(({ type }) => type === "kubernetes:core/v1:Secret" || generators.includes(type))
    .map(({ label, fate }) => ({ name: label, fate }));
  const set = settings
    .filter(({ secret }) => secret)
    .map(({ setting }) => ({ name: `setting ${setting}`, fate: "changed" as const }));
  return [...set, ...made];
}

export function secretsSection(secrets: readonly TouchedSecret[]): Section {
  const fates = [...new Set(secrets.map(({ fate }) => fate))].toSorted();
  const items = fates.map((fate): Text => {
    const names = secrets.filter((secret) => secret.fate === fate).map(({ name }) => code(name));
    return line`${fate}: ${listed(names)}`;
  });
  const blocks: Block[] = items.length > 0 ? [{ kind: "list", items }] : [];
  return { id: "secrets", title: "Secrets, by name", blocks, nothing: ["no secret is touched"] };
}
