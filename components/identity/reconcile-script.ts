import { kcadmSession } from "./kcadm-session.ts";
import { reconcileDirectory } from "./reconcile-directory.ts";
import { reconcileGroups } from "./reconcile-groups.ts";
import { reconcileRealm } from "./reconcile-realm.ts";
import { reconcileUsers } from "./reconcile-users.ts";

/**
 * Brings a running realm in step with the files of `realm-files.ts`. Bash and Keycloak's own `kcadm.sh` only: the image
 * holds no JSON parser, so each object is a file, and what the script must know of the server it asks for as CSV, the
 * name last because only a name could hold a comma.
 *
 * Objects are updated where they are and keep their ids. Deleted is only what carries the mark and is in no file.
 */
export const reconcileScript = `#!/bin/bash
# In the environment: KCADM, KEYCLOAK_URL, RECONCILE_CLIENT, KC_CLI_CLIENT_SECRET, REALM, and the folders REALM_FILES
# (one JSON file for each object), CLIENT_SECRETS and USER_PASSWORDS (one file for each name), MAIL_SERVER (server.json,
# or nothing), DIRECTORY_PASSWORD (password.json, or nothing), SESSION_FOLDER.
${kcadmSession}
# load <resource> <name field> [query…]: ids of the objects by name, and those among them that carry the mark.
declare -A ids marked
load() {
  ids=() marked=()
  local listed id mark name
  listed=$(rows "$1" "id,attributes(datalab.managed),$2" "\${@:3}")
  while IFS=, read -r id mark name; do
    if [[ -z $id ]]; then continue; fi
    ids[$name]=$id
    if [[ $mark == true ]]; then marked[$name]=$id; fi
  done <<< "$listed"
}

# names <kind>: of the objects of that kind that have a file.
names() {
  local file
  for file in "$REALM_FILES/$1".*.json; do
    file=\${file##*/"$1".}
    echo "\${file%.json}"
  done
}

# prune <kind> <resource>: deletes what the last load found with the mark and without a file.
prune() {
  local name
  for name in "\${!marked[@]}"; do
    if [[ -e $REALM_FILES/$1.$name.json ]]; then continue; fi
    subject="$1 $name"
    kcadm delete "$2/\${marked[$name]}" -r "$REALM"
    echo "$subject: deleted"
  done
}

# create_missing <kind> <resource>: what exists already under that name is left as it is, and to whoever made it.
create_missing() {
  local name
  for name in $(names "$1"); do
    if [[ -v ids[$name] ]]; then continue; fi
    subject="$1 $name"
    kcadm create "$2" -r "$REALM" -f "$REALM_FILES/$1.$name.json"
    echo "$subject: created"
  done
}

${reconcileRealm}
# Mappers are no part of a scope's update.
reconcile_mappers() {
  local scope=$1 mapper field listed models="client-scopes/\${ids[$1]}/protocol-mappers/models"
  local -A mappers=()
  subject="client scope $scope"
  listed=$(rows "$models" id,name)
  while IFS=, read -r field mapper; do
    if [[ -n $field ]]; then mappers[$mapper]=$field; fi
  done <<< "$listed"
  for mapper in $(names "mapper.$scope"); do
    subject="mapper $mapper of client scope $scope"
    local file="$REALM_FILES/mapper.$scope.$mapper.json"
    if [[ -v mappers[$mapper] ]]; then
      kcadm update "$models/\${mappers[$mapper]}" -r "$REALM" -f "$file" -s "id=\${mappers[$mapper]}"
    else
      kcadm create "$models" -r "$REALM" -f "$file"
    fi
    unset "mappers[$mapper]"
  done
  for mapper in "\${!mappers[@]}"; do
    subject="mapper $mapper of client scope $scope"
    kcadm delete "$models/\${mappers[$mapper]}" -r "$REALM"
  done
}

declare -A scope_ids
reconcile_scopes() {
  local name id defaults
  subject="client scopes"
  load client-scopes name
  defaults=$(rows default-default-client-scopes name)
  for name in $(names scope); do
    subject="client scope $name"
    if [[ -v ids[$name] ]]; then
      kcadm update "client-scopes/\${ids[$name]}" -r "$REALM" -f "$REALM_FILES/scope.$name.json"
    else
      ids[$name]=$(kcadm create client-scopes -r "$REALM" -f "$REALM_FILES/scope.$name.json" -i)
    fi
    reconcile_mappers "$name"
    # Clients that people make by hand get it too.
    if [[ $'\\n'$defaults$'\\n' != *$'\\n'"$name"$'\\n'* ]]; then
      kcadm update "default-default-client-scopes/\${ids[$name]}" -r "$REALM" -b '{}'
    fi
    echo "client scope $name: in step"
  done
  prune scope client-scopes
  for name in "\${!ids[@]}"; do scope_ids[$name]=\${ids[$name]}; done
}

# A client's document, with the secret where it has one. Goes through a pipe: an argument would be seen by all.
client_document() {
  local json
  json=$(<"$REALM_FILES/client.$1.json")
  if [[ -e $CLIENT_SECRETS/$1 ]]; then json="\${json%\\}},\\"secret\\":\\"$(<"$CLIENT_SECRETS/$1")\\"}"; fi
  printf '%s' "$json"
}

reconcile_clients() {
  local name id assigned scope listed
  local -A scopes=()
  subject="clients"
  load clients clientId
  for name in $(names client); do
    subject="client $name"
    if [[ -v ids[$name] ]]; then
      client_document "$name" | kcadm update "clients/\${ids[$name]}" -r "$REALM" -f -
    else
      ids[$name]=$(client_document "$name" | kcadm create clients -r "$REALM" -f - -i)
    fi
    echo "$subject: in step"
  done
  prune client clients
  # Scopes are no part of a client's update.
  subject="scopes of the clients"
  listed=$(rows clients id,defaultClientScopes)
  while IFS=, read -r id assigned; do scopes[\${id:-none}]=,$assigned,; done <<< "$listed"
  for name in $(names client); do
    for scope in $(<"$REALM_FILES/default-scopes"); do
      if [[ \${scopes[\${ids[$name]}]} == *",$scope,"* ]]; then continue; fi
      subject="client scope $scope of client $name"
      kcadm update "clients/\${ids[$name]}/default-client-scopes/\${scope_ids[$scope]}" -r "$REALM" -b '{}'
      echo "$subject: added"
    done
  done
}

${reconcileGroups}
${reconcileDirectory}
${reconcileUsers}
log_in
reconcile_realm
reconcile_scopes
subject="roles"
load roles name -q briefRepresentation=false
create_missing role roles
prune role roles-by-id
reconcile_groups
reconcile_clients
reconcile_directory
reconcile_users
echo "realm $REALM: in step with its document"
`;
