/** Outputs of the stack as lines of a table; values with several parts get one line for each. */
export function outputTable(outputs: Readonly<Record<string, unknown>>): string[] {
  const rows = Object.entries(outputs).flatMap(([name, value]) => rowsOf(label(name), value));
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function rowsOf(name: string, value: unknown): [name: string, value: string][] {
  if (Array.isArray(value)) {
    return value.map((part: unknown, index) => [index === 0 ? name : "", lineOf(part)]);
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, part]) => rowsOf(`${name} ${key}`, part));
  }
  return [[name, lineOf(value)]];
}

/** The parts of an object, such as a DNS record, stand side by side. */
function lineOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null
    ? Object.values(value).map(lineOf).join(" ")
    : JSON.stringify(value);
}

/** "objectStoreConsole" → "object store console" */
function label(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** What can be done with a running demo. */
export const nextSteps = `The API server, its controllers, admission and cert-manager are real. Nodes are simulated: pods become
ready, but nothing runs in them, so the addresses above answer on a real cluster only.

Look at it
  eval "$(npm run --silent demo -- --env)"
  kubectl get pods,ingresses,certificates -A
  pulumi preview -s dev              # after a change of Pulumi.dev.yaml or of the program

Install the same stack on a cluster of yours (k3d, kind, any other): in another shell, after \`pulumi login\`
  grep -v encryptionsalt Pulumi.dev.yaml > Pulumi.mine.yaml      # set your cluster and domain in it, see the README
  pulumi stack init mine
  pulumi up -s mine

Stop
  npm run demo -- --stop`;

/** What can be done with the demo on a real node. */
export function realNextSteps(given: {
  readonly domain: string;
  readonly entrance: { readonly https: number };
  readonly browser: string;
  /** Folder with images from outside, if one was given: which of them took the places of ours is for it to tell. */
  readonly provided: string | undefined;
}): string {
  const onyxia =
    given.provided === undefined
      ? "Of Onyxia, which no\npackage registry has, stand-ins run (testbed/docs/stand-ins.md)."
      : `Images from\n${given.provided} run where it has them; where it has none of Onyxia's, stand-ins do (testbed/docs/stand-ins.md).`;
  return `Everything runs: the ingress controller, cert-manager, PostgreSQL, Keycloak and the object store. ${onyxia}
The addresses above answer on this machine's loopback only.

Open the portal in a browser on this machine; names and trust are given to this browser alone
  ${given.browser}
  # log in as alice or bob; the command under "first passwords users" prints the passwords

Ask it from a shell
  curl --cacert .datalab/ca.crt --connect-to ::127.0.0.1:${given.entrance.https} https://auth.${given.domain}/realms/datalab
  npm run doctor -- -s dev --address 127.0.0.1 --https-port ${given.entrance.https} …    # see docs/doctor.md

Look at it
  eval "$(npm run --silent demo -- --env)"
  kubectl get pods,ingresses,certificates -A
  pulumi preview -s dev --config-file .datalab/Pulumi.real.yaml

Stop
  npm run demo -- --stop`;
}
