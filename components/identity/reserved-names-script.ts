import { kcadmSession } from "./kcadm-session.ts";
import { namesClient } from "./names.ts";

/** What a role of the registry says, instead of an account's id, when the name is reserved. */
const reserved = "reserved";

/**
 * Keeps the names of deleted accounts. A username names a bucket and a namespace, which outlive the account: whoever got
 * the name would get both.
 *
 * Keycloak forgets a deleted account. So each username is noted in a registry, as a role of a client that nobody can log
 * in to, with the account's id as its description. A noted name without account gets a disabled account. Whoever deletes
 * that one too frees the name.
 */
export const reservedNamesScript = `#!/bin/bash
# In the environment: KCADM, KEYCLOAK_URL, RECONCILE_CLIENT, KC_CLI_CLIENT_SECRET, REALM, SESSION_FOLDER.
${kcadmSession}
# load_registry: for each name that is known, its account's id, or that it is reserved.
declare -A registry
load_registry() {
  local listed entry name
  subject="client ${namesClient}"
  roles=clients/$(rows clients id -q clientId=${namesClient})/roles
  subject="names that are known"
  listed=$(rows "$roles" description,name)
  while IFS=, read -r entry name; do
    if [[ -n $name ]]; then registry[$name]=$entry; fi
  done <<< "$listed"
}

# import <kind of objects in JSON>: all of them or none. What is there already stays as it is.
import() {
  printf '{"ifResourceExists":"SKIP",%s}' "$1" | kcadm create partialImport -r "$REALM" -f -
}

# note_new: names that are not known yet. Others than these name no bucket.
note_new() {
  local name json=
  for name in "\${!accounts[@]}"; do
    if [[ ! -v registry[$name] && $name =~ ^[a-z0-9-]+$ ]]; then
      json+=",{\\"name\\":\\"$name\\",\\"description\\":\\"\${accounts[$name]}\\"}"
    fi
  done
  subject="names that are new"
  if [[ -n $json ]]; then import "\\"roles\\":{\\"client\\":{\\"${namesClient}\\":[\${json#,}]}}"; fi
}

# reserve <name…>: disabled accounts without a password, which say what they are.
reserve() {
  local name json=
  for name in "$@"; do
    json+=",{\\"username\\":\\"$name\\",\\"enabled\\":false,\\"firstName\\":\\"Reserved\\",\\"lastName\\":\\"name of a deleted account\\"}"
  done
  subject="names of deleted accounts: $*"
  import "\\"users\\":[\${json#,}]"
}

# note <name> <entry>
note() {
  kcadm update "$roles/$1" -r "$REALM" -s "description=$2"
  echo "$subject: $3"
}

# follow: what has become of the names that were known.
follow() {
  local name entry gone=()
  for name in "\${!registry[@]}"; do
    entry=\${registry[$name]}
    if [[ $entry != ${reserved} && ! -v accounts[$name] ]]; then gone+=("$name"); fi
  done
  if ((\${#gone[@]} > 0)); then reserve "\${gone[@]}"; fi
  for name in "\${!registry[@]}"; do
    entry=\${registry[$name]}
    subject="name $name"
    if [[ ! -v accounts[$name] ]]; then
      if [[ $entry == ${reserved} ]]; then
        kcadm delete "$roles/$name" -r "$REALM"
        echo "$subject: free again"
      else
        note "$name" ${reserved} "reserved, for its account is gone"
      fi
    elif [[ $entry == ${reserved} ]]; then
      if [[ ! -v disabled[$name] ]]; then note "$name" "\${accounts[$name]}" "handed over to the account \${accounts[$name]}"; fi
    elif [[ $entry != "\${accounts[$name]}" ]]; then
      # Made by a run that was cut short, or by somebody who took the name within minutes.
      if [[ -v disabled[$name] ]]; then
        note "$name" ${reserved} "reserved"
      else
        note "$name" "\${accounts[$name]}" "WARNING: another account took it before it could be reserved"
      fi
    fi
  done
}

log_in
load_registry
subject="accounts"
load_accounts
follow
note_new
echo "names of realm $REALM: in step with its accounts"
`;
