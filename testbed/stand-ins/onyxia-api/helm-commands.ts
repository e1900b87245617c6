/**
 * The command lines of helm, as the API puts them together.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/helm-wrapper/src/main/java/io/github/inseefrlab/helmwrapper/service/HelmInstallService.java
 */

/** A name, namespace or version that the API puts into no command line. */
export class InvalidArgument extends Error {}

const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/;
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;
/** What may be appended as it is. */
const safe = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export interface Upgrade {
  /** Undefined: the API asks helm for one, in a way that helm refuses. */
  readonly name: string | undefined;
  /** Catalogue and chart. */
  readonly chart: string;
  readonly namespace: string;
  readonly version: string;
  /** File. */
  readonly values?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly reuseValues?: boolean;
  readonly timeout: string | undefined;
  /** File. */
  readonly caFile: string | undefined;
}

/** An installation, or a change of one. @throws InvalidArgument */
export function upgradeCommand(wanted: Upgrade): string {
  const { name, chart, namespace, version, values, set = {}, timeout, caFile } = wanted;
  if (name !== undefined) matching("release name", name, releaseName, 53);
  matching("namespace", namespace, label, 63);
  if (!semver.test(version)) throw new InvalidArgument(`${version} is no version`);
  return [
    "helm upgrade --install --history-max 0",
    ...(timeout === undefined ? [] : [`--timeout ${timeout}`]),
    ...(caFile === undefined ? [] : [`--ca-file ${caFile}`]),
    name ?? "--generate-name",
    `${chart} -n ${namespace} --version ${version}`,
    ...(values === undefined ? [] : [`-f ${values}`]),
    ...Object.entries(set).map(([key, value]) => `--set ${key}=${value}`),
    ...(wanted.dryRun === true ? ["--dry-run"] : []),
    ...(wanted.reuseValues === true ? ["--reuse-values"] : []),
  ].join(" ");
}

export function uninstallCommand(name: string, namespace: string): string {
  return `helm uninstall ${release(name)} -n ${matching("namespace", namespace, label, 63)}`;
}

export function listCommand(namespace: string): string {
  return `helm ls -n ${matching("namespace", namespace, label, 63)}`;
}

/** Releases whose name contains this one. */
export function findCommand(name: string, namespace: string): string {
  return `helm list --filter ${release(name)} -n ${matching("namespace", namespace, label, 63)}`;
}

export function describeCommand(name: string, namespace: string): string {
  return `helm get all ${release(name)} --namespace ${matching("namespace", namespace, label, 63)}`;
}

export function addRepositoryCommand(id: string, location: string, caFile: string | undefined): string {
  return `helm repo add ${caFile === undefined ? "" : `--ca-file ${caFile} `}${id} ${location}`;
}

function release(name: string): string {
  return matching("release name", name, label, 53);
}

function matching(what: string, text: string, rule: RegExp, longest: number): string {
  if (text.length > longest || !rule.test(text) || !safe.test(text)) throw new InvalidArgument(`${text} is no ${what}`);
  return text;
}
