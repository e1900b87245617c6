/**
 * The `helm` that the portal's API finds first. It gives each call the rights of the one namespace that it is for, and
 * puts what the platform wants there in place before.
 *
 * Onyxia's API calls helm by name, without a shell, with its own account for everybody. Its mode `impersonate` is no
 * way out: with an impersonation helm leaves the pod's own configuration aside and asks localhost.
 * @see https://github.com/InseeFrLab/onyxia-api/blob/v4.12.0/helm-wrapper/src/main/java/io/github/inseefrlab/helmwrapper/service/HelmInstallService.java
 */
import { accountUser, launcherName } from "../workspaces/names.ts";
import type { LauncherOptions } from "./launcher-options.ts";
import { putInPlace } from "./launcher-walls.ts";

/** POSIX shell; needs wget (GNU), awk and sed, which upstream's image has. */
export function launcherScript({ places, prefixes, postRenderer, asksForApiServer }: LauncherOptions): string {
  const renderer = postRenderer === undefined ? "" : `"--post-renderer=${postRenderer}" `;
  return `#!/bin/sh
# helm with the rights of the namespace that it is called for.
set -eu

# Onyxia tells people nothing of a failure, and shows an empty list where helm cannot list.
say() { printf 'launcher: %s\\n' "$*" | tee -a ${places.log} >&2 2>/dev/null || true; }
refuse() { say "$*"; exit 1; }

verb=\${1-} namespace= release= expected=command
for argument; do
  case $expected in
    value) expected=; continue ;;
    namespace)
      [ -z "$namespace" ] || [ "$namespace" = "$argument" ] || refuse "two namespaces in one call: $namespace, $argument"
      namespace=$argument expected=; continue ;;
  esac
  case $argument in
    -n | --namespace) expected=namespace ;;
    --history-max | --timeout | --ca-file | --version | --values | -f | --set | --output | -o | --filter) expected=value ;;
    --namespace=* | -[!-]?* | --kube* | --post-renderer* | --) refuse "not for this command: $argument" ;;
    -*) ;;
    *) if [ "$expected" = command ]; then expected=; elif [ -z "$release" ]; then release=$argument; fi ;;
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
  upgrade | ls | list | get | uninstall) ;;
  *) refuse "not a command of the portal's: $verb" ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
${putInPlace({ places, asksForApiServer })}
# In front, where no option before it can take it for its value.
as="--kube-as-user=${accountUser({ name: launcherName, namespace: "$namespace" })}"
shift
# With an impersonation helm leaves the pod's own configuration aside and asks localhost: it needs a file.
export KUBECONFIG=${places.kubeconfig} HELM_PLUGINS=${places.plugins}
status=0
if [ "$verb" != upgrade ]; then
  ${places.helm} "$as" "$verb" "$@" || status=$?
  [ $status -eq 0 ] || say "helm $verb in $namespace failed"
  exit $status
fi

${places.helm} "$as" upgrade ${renderer}"$@" || status=$?
if [ $status -eq 0 ]; then
  # Each is a Secret of up to 1 MB, and every pause makes one. The first stays: Onyxia's own record of the service belongs
  # to it and would go with it, so helm's --history-max is no way. The last two stay for helm.
  ${places.helm} "$as" history "$release" -n "$namespace" --output json 2>/dev/null | tr '{,' '\\n\\n' |
    sed -n 's/^"revision": *\\([0-9]*\\).*/\\1/p' | sed 1d | sed '$d' | sed '$d' |
    while read -r revision; do
      (acting=${accountUser({ name: launcherName, namespace: "$namespace" })}
      ask DELETE "/api/v1/namespaces/$namespace/secrets/sh.helm.release.v1.$release.v$revision") || true
    done
  exit 0
fi
say "the launch of $release in $namespace failed"
# What was refused half-way would run, count in the quota, and be in nobody's list. Of a service that ran before there is
# another revision, or the only one has not failed.
history=$(${places.helm} "$as" history "$release" -n "$namespace" --max 2 --output json 2>/dev/null) || history=
case $history in
  *'"revision":'*'"revision":'*) ;;
  *'"status":"failed"'*)
    ${places.helm} "$as" uninstall "$release" -n "$namespace" --ignore-not-found >&2 ||
      say "what is left of $release in $namespace could not be removed" ;;
esac
exit $status
`;
}
