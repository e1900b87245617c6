/** The part of the launcher that puts the platform's objects into a workspace before helm comes to it. */
import { launcherName, limitsName, placeholders } from "../workspaces/names.ts";
import type { LauncherOptions } from "./launcher-options.ts";

/**
 * POSIX shell that goes on only when all of it is in place. Expects `$namespace`, `$kind`, `$scratch` and `refuse`.
 *
 * It asks with wget, because nothing else in upstream's image speaks HTTPS; kubectl is not there, and helm would leave a
 * record of what it applies.
 */
export function putInPlace({ places, asksForApiServer }: Pick<LauncherOptions, "places" | "asksForApiServer">): string {
  return `
# ask METHOD PATH [FILE TYPE]: the answer is in $scratch/answer; as $acting, if that is set
acting=
ask() {
  # In a file of its own: a command line can be read by others.
  (umask 077; echo "header = Authorization: Bearer $(cat ${places.account}/token)" >"$scratch/wgetrc")
  WGETRC="$scratch/wgetrc" wget --quiet --no-proxy --no-hsts --content-on-error \\
    --tries=3 --retry-connrefused --retry-on-http-error=429,503 --timeout=20 \\
    --ca-certificate=${places.account}/ca.crt --header="Accept: application/yaml" \\
    \${acting:+--header="Impersonate-User: $acting"} --method="$1" \${3:+--body-file="$3" --header="Content-Type: $4"} \\
    --output-document="$scratch/answer" "${places.apiServer}$2" 2>"$scratch/error" ||
    refuse "$1 $2: $(cat "$scratch/error" "$scratch/answer" 2>/dev/null | tr '\\n' ' ')"
}

# comes REASON PATTERN METHOD PATH [FILE TYPE]: asks until the answer has a line like that
comes() {
  reason=$1 pattern=$2 tries=0
  shift 2
  until ask "$@" && grep -q "$pattern" "$scratch/answer"; do
    tries=$((tries + 1))
    [ $tries -lt 20 ] || refuse "$reason"
    sleep 1
  done
}

# One that was deleted and made again is another, though it has the same name.
ask GET "/api/v1/namespaces/$namespace"
uid=$(sed -n 's/^  uid: *//p' "$scratch/answer")
peers= port=0
${asksForApiServer ? readApiServer : ""}# What the workspace was given: whoever puts the same in place once more changes nothing.
state="$uid $(cat ${places.objects}/* | cksum) $peers:$port"
mark=${places.marks}/$namespace
# After a while all is done again: an operator may have taken something away.
if [ "$(cat "$mark" 2>/dev/null)" != "$state" ] || [ -z "$(find "$mark" -mmin -10)" ]; then
  while read -r only file path; do
    case $only in all | "$kind") ;; *) continue ;; esac
    sed -e "s|${placeholders.namespace}|$namespace|g" -e "s|\\"${placeholders.apiServer}\\"|$peers|g" \\
      -e "s|\\"${placeholders.apiServerPort}\\"|$port|g" "${places.objects}/$file" >"$scratch/object"
    ask PATCH "$(echo "$path" | sed "s|${placeholders.namespace}|$namespace|g")?fieldManager=${launcherName}&force=true" \\
      "$scratch/object" application/apply-patch+yaml
  done <${places.objects}/index
  # Before the quota is counted, nothing may be made that counts in it.
  comes "the quota in $namespace has been made, and is not counted" '^  used:' \\
    GET "/api/v1/namespaces/$namespace/resourcequotas/${limitsName}"
  # A new right counts when the API server has heard of it. This one was given last.
  echo '${review}' | sed "s|${placeholders.namespace}|$namespace|" >"$scratch/object"
  comes "the rights in $namespace have been given, and are not in force" '^  allowed: true' \\
    POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews "$scratch/object" application/json
  mkdir -p ${places.marks}
  echo "$state" >"$scratch/mark" && mv "$scratch/mark" "$mark"
fi
`;
}

/** The right that helm needs first. */
const review = JSON.stringify({
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  spec: {
    resourceAttributes: {
      namespace: placeholders.namespace,
      verb: "impersonate",
      resource: "serviceaccounts",
      name: launcherName,
    },
  },
});

/**
 * Addresses after the translation of the Service's, and the Service's own: where a network looks differs, and some look
 * at both.
 */
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
service=\${KUBERNETES_SERVICE_HOST-}
case $service in
  '') ;;
  *:*) peers="[{\\"ipBlock\\":{\\"cidr\\":\\"$service/128\\"}},\${peers#?}" ;;
  *) peers="[{\\"ipBlock\\":{\\"cidr\\":\\"$service/32\\"}},\${peers#?}" ;;
esac
`;
