import { corefileFunctions } from "./corefile-functions.ts";

/**
 * Tells the cluster's CoreDNS the platform's hosts. The image holds `sh`, `awk`, GNU `wget` and `getent`, and no JSON
 * parser.
 *
 * Where the Corefile imports `custom/*.server` (k3s, AKS) the hosts go there, else between two marks in the Corefile
 * itself. Twice is the same as once. A block that nothing came of is taken back: one that CoreDNS cannot load would
 * stop its next start, and with it all names of the cluster.
 */
export const clusterDnsScript =
  String.raw`set -eu
# In the environment: ADDRESS, HOSTS, SERVICES_DOMAIN, API_SERVER, the folders ACCOUNT and WORK, WAIT_SECONDS.
export LC_ALL=C
none="set datalab:dns.clusterDns to none, and tell the cluster's DNS yourself (docs/dns.md)"

failed() {
  echo "FAILED: $1" >&2
  exit 1
}

# The token stays out of the command line.
export WGETRC="$WORK/wgetrc"
{
  echo "header = Authorization: Bearer $(cat "$ACCOUNT/token")"
  echo "ca_certificate = $ACCOUNT/ca.crt"
  echo "use_proxy = off"
} > "$WGETRC"

# api <ConfigMap> [wget's options…]: the answer is a file, its status a variable.
api() {
  path="/api/v1/namespaces/kube-system/configmaps/$1"
  shift
  wget --no-verbose --server-response --content-on-error --tries=1 --timeout=20 \
    --output-document="$WORK/answer" "$@" "$API_SERVER$path" 2> "$WORK/log" || :
  status=$(awk '$1 ~ /^HTTP\// { code = $2 } END { print code }' "$WORK/log")
  [ -n "$status" ] || failed "the API server does not answer: $(tail -n 1 "$WORK/log")"
}

# patch <ConfigMap?query> <kind of patch>: the patch is a file.
patch() {
  api "$1" --method=PATCH --header="Content-Type: application/$2" --body-file="$WORK/patch"
}

` +
  corefileFunctions +
  String.raw`
refuse_what_cannot_work() {
  grep -Eq '^ *reload( |$)' "$WORK/corefile" ||
    failed "CoreDNS does not follow its Corefile: add the plugin reload to it, restart CoreDNS, and run pulumi up again"
  for zone in $HOSTS $SERVICES_DOMAIN; do
    awk -v zone="$zone" '
      /^[^ #].*[{] *$/ {
        for (field = 1; field <= NF; field++) {
          sub(/^dns:\/\//, "", $field); sub(/,$/, "", $field); sub(/:[0-9]+$/, "", $field); sub(/[.]$/, "", $field)
          if ($field == zone) exit 1
        }
      }' "$WORK/corefile" || failed "the Corefile of CoreDNS answers for $zone already: remove that, or $none"
  done
}

# put <with|without>: brings the block into CoreDNS's configuration, or out of it.
put() {
  for attempt in 1 2 3 4 5; do
    api coredns
    case $status in
      200) ;;
      404) failed "there is no ConfigMap coredns in kube-system, so this cluster's DNS is not CoreDNS as k3s, kubeadm or EKS have it: $none" ;;
      *) failed "the API server answers $status for the ConfigMap coredns in kube-system" ;;
    esac
    version=$(json metadata.resourceVersion < "$WORK/answer")
    json data.Corefile < "$WORK/answer" > "$WORK/old"
    without_block < "$WORK/old" > "$WORK/bare"
    lines < "$WORK/bare" > "$WORK/corefile"
    port=$(awk '/^ *[.]:[0-9]+ *[{] *$/ { sub(/^ *[.]/, ""); sub(/ *[{] *$/, ""); print; exit }' "$WORK/corefile")
    if grep -Eq '^ *import +(/etc/coredns/)?custom/[*][.]server *$' "$WORK/corefile"; then
      put_aside "$1"
      return
    fi
    if [ "$1" = with ]; then
      refuse_what_cannot_work
      awk '{ sub(/(\\n)+$/, ""); printf "%s\\n", $0 }' "$WORK/bare" > "$WORK/new"
      servers "$port" | encoded >> "$WORK/new"
    else
      cp "$WORK/bare" "$WORK/new"
    fi
    if [ "$(cat "$WORK/old")" = "$(cat "$WORK/new")" ]; then return; fi
    printf '{"metadata":{"resourceVersion":"%s"},"data":{"Corefile":"%s"}}' "$version" "$(cat "$WORK/new")" > "$WORK/patch"
    patch coredns merge-patch+json
    case $status in
      200)
        changed=yes
        return
        ;;
      # Somebody else has changed it meanwhile.
      409) sleep 1 ;;
      *) failed "the API server answers $status to the change of the ConfigMap coredns in kube-system" ;;
    esac
  done
  failed "the ConfigMap coredns in kube-system is changed by somebody else all the time"
}

# put_aside <with|without>: the same in the ConfigMap that is meant for it.
put_aside() {
  data=
  if [ "$1" = with ]; then
    refuse_what_cannot_work
    data="\"datalab.server\":\"$(servers "$port" | encoded)\""
  fi
  printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"coredns-custom"},"data":{%s}}' "$data" > "$WORK/patch"
  patch "coredns-custom?fieldManager=datalab&force=true" apply-patch+yaml
  case $status in
    200 | 201) changed=yes ;;
    *) failed "the API server answers $status to the change of the ConfigMap coredns-custom in kube-system" ;;
  esac
}

# unresolved: the first name that does not lead to the address, and what it leads to.
unresolved() {
  for name in $HOSTS "datalab-check.$SERVICES_DOMAIN"; do
    found=$(getent hosts "$name" | awk '{ print $1; exit }')
    [ "$found" = "$ADDRESS" ] || {
      [ -n "$found" ] || found=nothing
      echo "$name leads to $found"
      return
    }
  done
}

changed=no
put with
left=$WAIT_SECONDS
while wrong=$(unresolved) && [ -n "$wrong" ]; do
  if [ "$left" -le 0 ]; then
    if [ "$changed" = yes ]; then put without; fi
    failed "CoreDNS was told for $WAIT_SECONDS s, but in a pod $wrong instead of $ADDRESS. Its log says whether it could load the plugins hosts and template (kubectl --namespace kube-system logs --selector k8s-app=kube-dns); a cache on the nodes may ask other servers. Mend it and run pulumi up again, or $none"
  fi
  sleep 5
  left=$((left - 5))
done
echo "the cluster's DNS leads $HOSTS and all names below $SERVICES_DOMAIN to $ADDRESS"
`;
