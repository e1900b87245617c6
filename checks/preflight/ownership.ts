/** Whose objects are that exist already. */
import { groupOf, type ObjectKey, textOf } from "../../components/kubernetes/object-key.ts";
import { type Owner, ownerLabel } from "../../components/kubernetes/owner.ts";
import { namespaces } from "../../components/names.ts";
import { removeCommand, setCommand } from "../../stacks/settings/config-commands.ts";
import type { Obstacle } from "./problem.ts";
import type { StateObjects } from "./state.ts";

/** An object as the API server gives it. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
}

/** Whom this stack's objects are told by. */
export interface Claim {
  readonly owner: Owner;
  /** What the stack's state knows. */
  readonly known: StateObjects;
  /** Setting `platform.adopt`: objects that are taken over on purpose, as `Kind/name`. */
  readonly adopt: readonly string[];
}

/** One obstacle for each of those whose objects this stack would take over. */
export function foreignObstacles(objects: readonly LiveObject[], claim: Claim): Obstacle[] {
  const foreign = objects.filter((object) => !isOwn(object, claim) && !claim.adopt.includes(nameOf(object)));
  const byOwner = Map.groupBy(foreign, whose);
  return [...byOwner].map(([who, theirs]) => ({
    message: `${named(theirs)} ${theirs.length === 1 ? "exists and belongs" : "exist and belong"} to ${who}.`,
    cures: curesFor(theirs, claim.adopt),
  }));
}

/** Whose data it would be, and whether its passwords are known. */
export interface Heir {
  readonly stack: string;
  readonly owner: Owner;
  /** Whether the stack's state holds passwords. */
  readonly hasPasswords: boolean;
}

/**
 * The label is this stack's, but its state knows no password although there is data: the state was lost, or this is another
 * backend. Adoption would not help: the database keeps the password that its volume was made with.
 *
 * @param hasData asked only then
 */
export async function lostStateObstacles(
  objects: readonly LiveObject[],
  { stack, owner, hasPasswords }: Heir,
  hasData: () => Promise<boolean>,
): Promise<Obstacle[]> {
  const identity = objects.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === namespaces.identity);
  if (identity === undefined || hasPasswords || identity.metadata.labels?.[ownerLabel] !== owner.label) return [];
  if (!(await hasData())) return [];
  return [
    {
      message: `Namespace ${namespaces.identity} belongs to this stack and holds data, but the stack's state knows nothing of it.`,
      cures: [
        "Log in to the backend that holds the state (`pulumi login`), or bring back a copy of it:",
        "  pulumi stack import --file <copy>",
        "Or, if there is none, take the platform back with the passwords that it has:",
        `  npm run take-back -- -s ${stack} --yes`,
        "Or, if nobody misses its accounts and settings, delete them, and the next `up` makes them anew:",
        `  kubectl delete namespace ${namespaces.identity}`,
      ],
    },
  ];
}

/**
 * Release 0.1 wrote no owner. Its objects are in the state of the stack that made them, with the identity that the API
 * server gave them.
 */
function isOwn({ apiVersion, kind, metadata }: LiveObject, { owner, known }: Claim): boolean {
  const label = metadata.labels?.[ownerLabel];
  const mine = known.get(textOf(keyOf(apiVersion, kind, metadata.name)));
  const made = mine?.uid === metadata.uid;
  if (label === undefined) return made;
  // A stack that was renamed finds its former name, as it wrote it.
  return label === owner.label || (made && mine.owner === label);
}

function keyOf(apiVersion: string, kind: string, name: string): ObjectKey {
  return { group: groupOf(apiVersion), kind, name };
}

function whose(object: LiveObject): string {
  const { labels = {}, annotations = {} } = object.metadata;
  const owner = labels[ownerLabel];
  if (owner !== undefined) return `another stack of this program, ${owner} (its stack and its cluster's identifier)`;
  if (isPulumis(object)) return "another stack of Pulumi, or to one with another state";
  const release = annotations["meta.helm.sh/release-name"];
  if (release !== undefined)
    return `the Helm release ${release} in namespace ${annotations["meta.helm.sh/release-namespace"] ?? "default"}`;
  const writers = writersOf(object);
  return writers.length === 0 ? "somebody else" : `somebody else (written by ${writers.join(", ")})`;
}

function writersOf({ metadata }: LiveObject): string[] {
  return [...new Set((metadata.managedFields ?? []).flatMap(({ manager }) => manager ?? []))];
}

function isPulumis(object: LiveObject): boolean {
  return writersOf(object).some((writer) => writer.startsWith("pulumi"));
}

/** A platform of release 0.1 whose state is not here. */
const lostState = [
  "Or, if it is this stack's own, log in to the backend that holds its state (`pulumi login`), or bring back a copy:",
  "  pulumi stack import --file <copy>",
];

const anotherCluster =
  "Choose the other stack (`pulumi stack select`), or another cluster: `cluster.kubeconfigPath`, `cluster.context`.";

function curesFor(objects: readonly LiveObject[], adopt: readonly string[]): string[] {
  // A whole platform is not taken over piece by piece: its data would get new passwords.
  if (objects.some(({ metadata }) => metadata.labels?.[ownerLabel] !== undefined)) return [anotherCluster];
  const identity = objects.find(({ metadata }) => metadata.name === namespaces.identity);
  if (identity !== undefined && isPulumis(identity)) return [anotherCluster, ...lostState];
  return [
    ...(objects.some(isPulumis) ? [anotherCluster] : curesBesideOthers(objects)),
    ...(objects.length > mostToAdopt
      ? ["Or take them over on purpose: `platform.adopt` names each as `Kind/name`."]
      : [
          "Or take over on purpose what nobody else needs; `pulumi destroy` deletes it then:",
          ...objects.map(
            (object, index) => `  ${setCommand(["platform", "adopt", adopt.length + index], nameOf(object))}`,
          ),
        ]),
  ];
}

/** With more commands nobody would see the other ways out. */
const mostToAdopt = 5;

function curesBesideOthers(objects: readonly LiveObject[]): string[] {
  return [
    ...(objects.some(({ metadata: { name } }) => name.includes("cert-manager"))
      ? [
          "To use the cert-manager that is there:",
          `  ${removeCommand(["certificates", "certManager"])}`,
          `  ${setCommand(["certificates", "certManager", "install"], false)}`,
        ]
      : []),
    ...(objects.some(({ kind }) => kind === "IngressClass")
      ? ["To use the ingress controller that is there:", `  ${setCommand(["ingress", "kind"], "existing")}`]
      : []),
    "Or choose another cluster: `cluster.kubeconfigPath`, `cluster.context`.",
  ];
}

const shown = 3;

function named(objects: readonly LiveObject[]): string {
  const names = objects.map(({ kind, metadata: { name } }) => `${kind} ${name}`);
  const rest = names.length - shown;
  if (rest <= 1) return names.join(", ").replace(/, ([^,]*)$/, " and $1");
  return `${names.slice(0, shown).join(", ")} and ${rest} more`;
}

function nameOf({ kind, metadata }: LiveObject): string {
  return `${kind}/${metadata.name}`;
}
