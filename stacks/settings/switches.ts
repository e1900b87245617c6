/**
 * The five words of a stack file that choose a provider, and the pairs of them that do not go together: one table for
 * the settings, for `npm run flip` and for docs/switching.md.
 */
import { by, type Path, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";

/** Where each word stands, and what it may be. */
export const switches = {
  cluster: { path: ["cluster", "kind"], words: ["existing", "eks"] },
  dns: { path: ["dns", "kind"], words: ["none", "route53"] },
  ingress: { path: ["ingress", "kind"], words: ["traefik", "existing"] },
  certificates: { path: ["certificates", "issuer"], words: ["privateCa", "letsencrypt", "existing", "provided"] },
  objectStore: { path: ["objectStore", "kind"], words: ["minio", "s3", "external"] },
} as const satisfies Record<string, { readonly path: Path; readonly words: readonly string[] }>;

export type Switch = keyof typeof switches;

/** One word for each switch. */
export type Combination = { readonly [S in Switch]: (typeof switches)[S]["words"][number] };

/** Two words that exclude each other. */
export interface Refusal {
  /** The two words. The problem is shown at the first. */
  readonly when: Partial<Combination>;
  /** Why, as the rest of a sentence. */
  readonly reason: string;
  /** What to write in the place of the first word. */
  readonly instead: Partial<Combination>;
}

/** Every pair that is refused. A combination that holds none of them works. */
export const refusals: readonly Refusal[] = [
  {
    when: { ingress: "existing", cluster: "eks" },
    reason: "cannot be there: the cluster is made by this very stack, and nothing else is installed in it",
    instead: { ingress: "traefik" },
  },
  {
    when: { certificates: "existing", cluster: "eks" },
    reason: "cannot be there: the cluster is made by this very stack, and holds no issuer of somebody else",
    instead: { certificates: "letsencrypt" },
  },
  {
    when: { certificates: "letsencrypt", dns: "none" },
    reason: "needs a public zone: wildcard certificates are proven by records that the platform must be able to write",
    instead: { dns: "route53" },
  },
  {
    when: { certificates: "letsencrypt", cluster: "existing" },
    reason: "gets its rights on the zone by EKS Pod Identity, which only a cluster of this stack has for sure",
    instead: { certificates: "existing" },
  },
  {
    when: { objectStore: "s3", certificates: "privateCa" },
    reason: "asks Keycloak for its keys over the internet, and AWS trusts no private authority",
    instead: { certificates: "letsencrypt" },
  },
];

/** The refusals that a combination runs into. */
export function refusalsOf(combination: Combination): Refusal[] {
  return refusals.filter(({ when }) => entriesOf(when).every(([name, word]) => combination[name] === word));
}

/** The same, as problems of a stack file. */
export function switchProblems(combination: Combination): Problem[] {
  return refusalsOf(combination).flatMap(({ when, reason, instead }) => {
    const [first, second] = entriesOf(when);
    if (first === undefined || second === undefined) return [];
    const beside = switches[second[0]].path.join(".");
    return broken(
      switches[first[0]].path,
      `(${first[1]}) ${reason}; and \`${beside}\` is ${second[1]}`,
      by(...entriesOf(instead).map(([name, word]) => set(switches[name].path, word))),
    );
  });
}

/** Those words of a combination, as settings, whose parts run on AWS. */
export function awsWords({
  cluster,
  dns,
  objectStore,
}: Pick<Combination, "cluster" | "dns" | "objectStore">): string[] {
  return [
    ...(cluster === "eks" ? ["cluster.kind is eks"] : []),
    ...(dns === "route53" ? ["dns.kind is route53"] : []),
    ...(objectStore === "s3" ? ["objectStore.kind is s3"] : []),
  ];
}

/** Every combination there is. */
export function allCombinations(): Combination[] {
  return (Object.keys(switches) as Switch[]).reduce<Partial<Combination>[]>(
    (combinations, name) =>
      combinations.flatMap((combination) => switches[name].words.map((word) => ({ ...combination, [name]: word }))),
    [{}],
  ) as Combination[];
}

function entriesOf(words: Partial<Combination>): [Switch, string][] {
  return Object.entries(words) as [Switch, string][];
}
