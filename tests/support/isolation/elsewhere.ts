/** Attempts that no API server decides, and the tests that make them; with those that nobody makes, and why. */

export interface Elsewhere {
  /** Numbers on the page. */
  readonly no: string;
  readonly attempt: string;
  /** What comes of it. */
  readonly outcome: string;
  /** Tests that make it, as folder and name: `node/walk`. None: open. */
  readonly tests: readonly string[];
}

/** A launch by helm, with values of a person's choice. */
const launches: readonly Elsewhere[] = [
  row(
    "H1",
    "a value that looks up Keycloak's administrator, or keys of the platform",
    "refused: RBAC of the launch",
    "node/launcher",
  ),
  row("H2", "a value that looks up all Secrets of the cluster", "refused: RBAC of the launch", "node/launcher"),
  row("H3", "a value that looks up a neighbour's S3 keys", "refused: RBAC of the launch", "node/launcher"),
  row(
    "H4",
    "the same through other values, such as `spark.userConfig`",
    "refused: RBAC of the launch",
    "node/launcher",
  ),
  row("H5", "a value with `---`: `admin` for the own notebook", "refused: `datalab-workspace-rights`", "node/launcher"),
  row("H6", "a value with `---`: `admin` in a neighbour's namespace", "refused: RBAC of the launch", "node/launcher"),
  row(
    "H7",
    "a value with `---`: a hook of the name of a neighbour's claim",
    "refused: RBAC of the launch",
    "node/launcher",
  ),
  row("H8", "a value with `---`: a role in the platform's namespace", "refused: RBAC of the launch", "node/launcher"),
  row(
    "H9",
    "a Spark chart with its own default, `kubernetes.role: admin`",
    "refused: by the form's schema, and by `datalab-workspace-rights`",
    "unit/launch-check",
    "node/launcher",
  ),
  row("H10", "suspend and resume as often as one likes", "three records stay", "node/launcher"),
];

/** The API's check of a launch against the chart's schema. */
const schemas: readonly Elsewhere[] = [
  row("V1", "`kubernetes.role` above the setting, jupyter-python", "refused", "unit/launch-check"),
  row("V2", "the same for jupyter-pyspark", "refused", "unit/launch-check"),
  row("V3", "CPU, memory, volume beyond `services.*.most`", "refused", "unit/launch-check", "unit/schema-quantities"),
  row(
    "V4",
    "any image, any host name, the network policy off",
    "accepted: images are free, hosts are held by I1 to I31, the platform's NetworkPolicies stay",
    "unit/launch-check",
  ),
  row(
    "V5",
    "the values of H1, H4 and H6",
    "templates refused by the schema; the wall is the launch's right",
    "unit/launch-check",
  ),
];

const platform: readonly Elsewhere[] = [
  row(
    "C1",
    "a Certificate for the platform's hosts, or others'",
    "refused: K1; and `datalab-issuer` lets the platform's names alone through",
    "engine/issuer-policy",
  ),
  row("C2", "a Certificate with `isCA: true`", "refused: K1; and by `datalab-issuer`", "engine/issuer-policy"),
  row("C3", "Issuers of one's own", "refused: K2; no role is aggregated", "unit/cert-manager"),
  row("C4", "passwords and keys in the stack's state in plain", "none", "unit/platform-graph"),
  row("C5", "the same in ConfigMaps, pods, Jobs and workloads", "none", "unit/platform-graph"),
  row(
    "E1",
    "a pod of high priority against a full cluster",
    "waits: P10, P11 are refused, and the platform's pods come first",
    "unit/platform-graph",
  ),
  row(
    "T3",
    "an Ingress whose name makes a neighbour's router vanish",
    "impossible by names: no hyphen, A21",
    "unit/names",
    "node/traefik",
  ),
  row(
    "T4",
    "… and leads to the neighbour's pod without the allow list",
    "impossible by names: no hyphen, A21",
    "unit/names",
    "node/traefik",
  ),
  row(
    "B1",
    "bench: servers on other than loopback",
    "the webhook's alone; of the demo and the tests, not of a platform",
  ),
];

const rest: readonly Elsewhere[] = [
  row(
    "U1",
    "mount of the whole EFS from a pod",
    "refused: P7, and the file system's policy",
    "unit/shared-files-policy",
  ),
  row(
    "U2",
    "the metadata service of the nodes from a pod",
    "no connection: link-local addresses are not open",
    "unit/workspaces",
  ),
  row("U3", "pod to pod between workspaces, to nodes, to the kubelet", "no connection", "node/walk"),
  row(
    "U4",
    "ARP spoofing with NET_RAW",
    "open: level `baseline` leaves the capability; `restricted` takes it, and INSEE's charts with it",
  ),
  row(
    "U5",
    "names of neighbours' Services by DNS",
    "open: the cluster's DNS answers everybody; a name is guessed, nothing is reached (U3)",
  ),
  row(
    "U6",
    "`services/proxy`, `pods/proxy` of the API server towards other addresses",
    "no way there: S6, S7 and S10 are refused",
    "engine/isolation",
  ),
  row(
    "U7",
    "a public certificate for `*.<domain>` by a workspace's Certificate",
    "refused: K1",
    "engine/issuer-policy",
  ),
  row(
    "U8",
    "an endless template in a value",
    "open: helm runs in the API's pod, which is started again; launches wait",
  ),
  row(
    "U9",
    "`taskId` with slashes in the API's log address",
    "open: needs Onyxia's own API; what it reads is the launch's own namespace (A29)",
  ),
  row(
    "U10",
    "forged, expired, foreign tokens at the store; another policy by parameters, attributes or session policy; longer keys",
    "refused",
    "node/walk",
  ),
  row(
    "U11",
    "username, groups, attributes in the account page; Keycloak's console from outside; path tricks; smuggled headers",
    "refused",
    "node/walk",
  ),
  row(
    "U12",
    "a neighbour's bucket, buckets whose names begin alike, the store's admin API, CORS of another origin",
    "refused",
    "node/walk",
    "node/doctor",
  ),
  row("U13", "redirect URIs of others", "refused: the portal's alone, with PKCE", "unit/realm-document"),
  row("U14", "guessing passwords", "10 failures, then waits", "unit/realm-document"),
  row("U15", "default passwords", "none; generated", "unit/platform-graph"),
  row("U16", "session tags and prefixes on S3; the role's trust", "refused", "node/session-tags", "unit/bucket-policy"),
  row("U17", "secrets on command lines of doctor and flip", "none", "unit/doctor/options"),
  row("U18", "NetworkPolicies by connection, on a real node", "no connection but those that are open", "node/walk"),
];

/** Rows of a part of the page. */
export const elsewhere: readonly { readonly title: string; readonly rows: readonly Elsewhere[] }[] = [
  { title: "Launches by helm", rows: launches },
  { title: "The API's check of a launch", rows: schemas },
  { title: "Certificates, Traefik, the stack", rows: platform },
  { title: "Network, store, login", rows: rest },
];

function row(no: string, attempt: string, outcome: string, ...tests: readonly string[]): Elsewhere {
  return { no, attempt, outcome, tests };
}
