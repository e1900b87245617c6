/** What users and groups may be called: their names become parts of namespaces, buckets and host names. */

/** Checked by the settings, by Keycloak and by admission: JavaScript, Java and RE2 read the pattern alike. */
export interface NameRule {
  readonly minLength: number;
  readonly maxLength: number;
  /** Anchored regular expression. */
  readonly pattern: string;
}

/** The rules for both kinds of names. */
export interface NameRules {
  /** Whether hyphens are allowed. */
  readonly hyphenatedNames: boolean;
  readonly username: NameRule;
  readonly group: NameRule;
}

/**
 * Letters and digits alone. A hyphen would let names run into each other where they are joined by hyphens: Traefik calls
 * a router `<namespace>-<ingress>`, so that `pierre-x` of `user-jean` and `x` of `user-jean-pierre` are one.
 */
const joined = "^[a-z0-9]+$";

/**
 * Hyphens too, for platforms that have such names. No part but the first is digits alone: a service's host is
 * `<namespace>-<digits>…`, and whose it is must not be a matter of reading.
 */
const hyphenated = "^[a-z0-9]+(-+[0-9]*[a-z][a-z0-9]*)*$";

/** @param hyphenatedNames See {@link NameRules.hyphenatedNames}. */
export function nameRules(hyphenatedNames: boolean): NameRules {
  const pattern = hyphenatedNames ? hyphenated : joined;
  return {
    hyphenatedNames,
    // 40 characters leave room for `user-`, the random part and the suffix of a service's host within one DNS label.
    username: { minLength: 3, maxLength: 40, pattern },
    group: { minLength: 1, maxLength: 50, pattern },
  };
}

/** Whether a name keeps to a rule. */
export function obeys({ minLength, maxLength, pattern }: NameRule, name: string): boolean {
  return name.length >= minLength && name.length <= maxLength && new RegExp(pattern).test(name);
}
