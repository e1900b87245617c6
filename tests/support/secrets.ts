/** Secrets as the engine gets them: wrapped, with a mark. */

// Names of the wire format: the value behind this key is marked as secret.
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

function isSecret(value: object): value is { value: unknown } {
  return Object.values(value).includes(secretSignature);
}

export function unwrapSecrets(value: unknown): unknown {
  return mapObjects(value, (secret) => unwrapSecrets(secret.value));
}

/** The inputs without what is marked secret: what a person may see. */
export function withoutSecrets(value: unknown): unknown {
  return mapObjects(value, () => "[secret]");
}

function mapObjects(value: unknown, onSecret: (secret: { value: unknown }) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => mapObjects(element, onSecret));
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return onSecret(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, onSecret)]));
}
