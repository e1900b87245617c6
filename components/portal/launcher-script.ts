/**
 * The `helm` that the portal's API finds first. It gives each call the rights of the one namespace that it is for, and
 * puts what the platform wants there in place before.
 *
 * Onyxia's API calls helm by name, without a shell, with its own account for everybody. Its mode `impersonate` is no
 * way out: with an impersonation helm leaves the pod's own configuration aside and asks localhost.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/helm-wrapper/src/main/java/io/github/inseefrlab/helmwrapper/service/HelmInstallService.java
 */
import { accountUser, launcherName, placeholders } from "../workspaces/names.ts";

/** Places in the API's pod; tests have others. */
export interface LauncherPlaces {
  /** The real program. */
  readonly helm: string;
  /** Folder with the index and the files of the workspaces' objects. */
  readonly objects: string;
  /** Kubeconfig of the API's account. */
  readonly kubeconfig: string;
  /** Folder with `token` and `ca.crt` of the API's account. */
  readonly account: string;
  /** Address of the API server. */
  readonly apiServer: string;
  /** Folder with helm's plugins, for the launcher alone. */
  readonly plugins: string;
  /** Where what it has done is noted; lost with the pod. */
  readonly marks: string;
  /** The log that an operator reads. */
  readonly log: string;
}

export interface LauncherOptions {
  readonly places: LauncherPlaces;
  /** Beginning of the names of users' and of groups' namespaces. */
  readonly prefixes: { readonly user: string; readonly group: string };
  /** helm's plugin that every release's objects go through; undefined: none. */
  readonly postRenderer: string | undefined;
  /** Whether the workspaces' objects name the API server's addresses. */
  readonly asksForApiServer: boolean;
}

/** Revisions of a release that are kept. Each is a Secret of up to 1 MB, and every pause makes one. */
const revisions = 3;

/** POSIX shell; needs wget (GNU), awk and sed, which upstream's image has. */
export function launcherScript({ places, prefixes, postRenderer, asksForApiServer }: LauncherOptions): string {
  const user = accountUser({ name: launcherName, namespace: "$namespace" });
  return `#!/bin/sh
# helm with the rights of the namespace that it is called for.
set -eu

# Onyxia tells people nothing of a failure, and shows an empty list where helm cannot list.
say() { echo "launcher: $*" >&2; { echo "launcher: $*" >${places.log}; } 2>/dev/null || true; }
refuse() { say "$*"; exit 1; }

verb=\${1-} namespace= release= expected=command
for argument; do
  case $expected in
    value) expected=; continue ;;
    namespace)
      [ -z "$namespace" ] || [ "$namespace" = "$argument" ] || refuse "two namespaces in one call: $namespace, $argument"
      namespace=$argument expected=release; continue ;;
  esac
  case $argument in
    -n | --namespace) expected=namespace ;;
    --history-max | --timeout | --ca-file | --version | --values | -f | --set | --output | -o | --filter) expected=value ;;
    --namespace=* | -[!-]?* | --kube* | --post-renderer*) refuse "not for this command: $argument" ;;
    -*) ;;
    *) if [ "$expected" = command ]; then expected=release; elif [ -z "$release" ]; then release=$argument; fi ;;
  esac
done
[ "$expected" != namespace ] || refuse "no namespace after -n"

case $namespace in
  *[!a-z0-9-]*) refuse "not a namespace: $namespace" ;;
  ${prefixes.user}?*) kind=user ;;
  ${prefixes.group}?*) kind=group ;;
  '')
    case $verb in repo | search | version) exec ${places.helm} "$@" ;; esac
    refuse "without a namespace there is only repo, search and version, not: $verb" ;;
  *) refuse "not for the namespace $namespace" ;;
esac
case $verb in
  upgrade | ls | list | get | uninstall | history | status) ;;
  *) refuse "not a command of the portal's: $verb" ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# ask METHOD PATH [FILE]: the answer is in $scratch/answer
ask() {
  # In a file of its own: a command line can be read by others.
  (umask 077; echo "header = Authorization: Bearer $(cat ${places.account}/token)" >"$scratch/wgetrc")
  WGETRC="$scratch/wgetrc" wget --quiet --no-proxy --no-hsts --content-on-error --tries=3 --retry-connrefused --timeout=20 \\
    --ca-certificate=${places.account}/ca.crt --header="Accept: application/yaml" \\
    --method="$1" \${3:+--header=Content-Type:application/apply-patch+yaml --body-file="$3"} \\
    --output-document="$scratch/answer" "${places.apiServer}$2" 2>"$scratch/error" ||
    refuse "$1 $2: $(cat "$scratch/error" "$scratch/answer" 2>/dev/null | tr '\\n' ' ')"
}

peers= port=0
${asksForApiServer ? readApiServer : ""}
# What the workspace was given: whoever puts the same in place once more changes nothing.
state=$(cat ${places.objects}/* | cksum)"$peers:$port"
mark=${places.marks}/$namespace
if [ "$(cat "$mark" 2>/dev/null)" != "$state" ]; then
  while read -r only file path; do
    case $only in all | "$kind") ;; *) continue ;; esac
    sed -e "s|${placeholders.namespace}|$namespace|g" -e "s|\\"${placeholders.apiServer}\\"|$peers|g" \\
      -e "s|\\"${placeholders.apiServerPort}\\"|$port|g" "${places.objects}/$file" >"$scratch/object"
    ask PATCH "$(echo "$path" | sed "s|${placeholders.namespace}|$namespace|g")?fieldManager=${launcherName}&force=true" "$scratch/object"
  done <${places.objects}/index
  mkdir -p ${places.marks}
  echo "$state" >"$scratch/mark" && mv "$scratch/mark" "$mark"
fi

# Onyxia keeps every revision. Written anew one by one: a name may hold anything but a newline.
previous=
for argument; do
  shift
  [ "$previous" != --history-max ] || argument=${revisions}
  set -- "$@" "$argument"
  previous=$argument
done
set -- "$@" --kube-as-user "${user}"

# With an impersonation helm leaves the pod's own configuration aside and asks localhost: it needs a file.
export KUBECONFIG=${places.kubeconfig}
if [ "$verb" != upgrade ]; then
  status=0
  ${places.helm} "$@" || status=$?
  [ $status -eq 0 ] || say "helm $verb in $namespace failed"
  exit $status
fi

${postRenderer === undefined ? "" : `export HELM_PLUGINS=${places.plugins}\nset -- "$@" --post-renderer ${postRenderer}\n`}status=0
${places.helm} "$@" || status=$?
[ $status -ne 0 ] || exit 0
say "the launch of $release in $namespace failed"
# What was refused half-way would run, count in the quota, and be in nobody's list.
if [ "$(${places.helm} history "$release" -n "$namespace" --max 2 --output json --kube-as-user "${user}" 2>/dev/null | tr ',' '\\n' | grep -c '"revision":')" = 1 ]; then
  ${places.helm} uninstall "$release" -n "$namespace" --ignore-not-found --kube-as-user "${user}" >&2 ||
    say "what is left of $release in $namespace could not be removed"
fi
exit $status
`;
}

/** Addresses after the translation of the Service's: that is where most networks look. */
const readApiServer = `ask GET /apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes
peers=$(awk '
  /^addressType: IPv6/ { bits = 128 }
  /^- addresses:/ { inside = 1; next }
  inside && /^  - / { gsub(/"/, "", $2); list = list (list == "" ? "" : ",") "{\\"ipBlock\\":{\\"cidr\\":\\"" $2 "/@BITS@\\"}}"; next }
  { inside = 0 }
  END { gsub("@BITS@", bits ? bits : 32, list); print "[" list "]" }
' "$scratch/answer")
port=$(awk '/^ports:/ { inside = 1 } inside && $1 == "port:" || inside && $1 == "-" && $2 == "port:" { print $NF; exit }' "$scratch/answer")
[ "$peers" != "[]" ] && [ -n "$port" ] || refuse "the EndpointSlice kubernetes names no address of the API server"
`;
