/**
 * What the scripts that talk to Keycloak have in common: bash and its own `kcadm.sh`, and a login as the platform's
 * client. In the environment: KCADM, KEYCLOAK_URL, RECONCILE_CLIENT, KC_CLI_CLIENT_SECRET, REALM and SESSION_FOLDER.
 */
export const kcadmSession = `set -euo pipefail
shopt -s nullglob inherit_errexit

# Each call is a JVM that lives for a second or two, most of it for its start. The quick compiler; the jar of BouncyCastle
# where its signatures are not checked again at each start; and the classes of the first call, kept for the others. What
# the JVM says of that would stand among kcadm's answers.
signed=("\${KCADM%/*}"/client/lib/bcprov-*.jar)
shared=$SESSION_FOLDER/kcadm.jsa
jvm="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable \${signed:+-Xbootclasspath/a:$signed}"
export KC_OPTS="$jvm -XX:SharedArchiveFile=$shared"

subject="login of $RECONCILE_CLIENT at $KEYCLOAK_URL"
trap 'code=$?; [[ $code == 0 ]] || echo "FAILED: $subject" >&2' EXIT

session=$SESSION_FOLDER/kcadm.config
kcadm() {
  "$KCADM" "$1" --config "$session" "\${@:2}"
}

# rows <resource> <fields> [query…]: one line for each object.
rows() {
  kcadm get "$1" -r "$REALM" "\${@:3}" --fields "$2" --format csv --noquotes
}

log_in() {
  local first=$KC_OPTS
  if [[ ! -e $shared ]]; then first="$jvm -XX:ArchiveClassesAtExit=$shared"; fi
  KC_OPTS=$first "$KCADM" config credentials --config "$session" --server "$KEYCLOAK_URL" --realm master --client "$RECONCILE_CLIENT"
}

# load_accounts: ids of everybody in the realm by username, and who is switched off; in pages that fit into kcadm's memory.
declare -A accounts disabled
load_accounts() {
  accounts=() disabled=()
  local first=0 listed page line id enabled name
  while true; do
    listed=$(rows users id,enabled,username -q first=$first -q max=1000)
    mapfile -t page <<< "$listed"
    for line in "\${page[@]}"; do
      IFS=, read -r id enabled name <<< "$line"
      if [[ -z $id ]]; then continue; fi
      accounts[$name]=$id
      if [[ $enabled == false ]]; then disabled[$name]=$id; fi
    done
    if ((\${#page[@]} < 1000)); then break; fi
    first=$((first + 1000))
  done
}
`;
