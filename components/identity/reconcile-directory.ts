import { federationName } from "./federation.ts";

/**
 * The part of the reconcile script that connects the realm to its directory, and takes over people and groups. Each hop is
 * tried by itself first, in Keycloak's pod, so that the one that fails is named.
 */
export const reconcileDirectory = `# with_password <file> <end> <before> <after>: the document with the password, between these two, before its end. Goes through
# a pipe, like a client's.
with_password() {
  local json
  json=$(<"$REALM_FILES/$1.json")
  printf '%s' "\${json%"$2"},$3$(<"$DIRECTORY_PASSWORD/password.json")$4$2"
}

# try_directory: whether Keycloak reaches the directory, trusts it, and is let in.
try_directory() {
  local url bind
  url=$(<"$REALM_FILES/directory-url")
  bind=$(<"$REALM_FILES/directory-bind")
  subject="connection of Keycloak to the directory $url: it is down, its name or a wall is in the way, or its certificate is not trusted"
  kcadm create testLDAPConnection -r "$REALM" -f "$REALM_FILES/directory-connection.json"
  subject="login of $bind at the directory $url: its password or its name is wrong"
  with_password directory-login '}' '"bindCredential":' '' | kcadm create testLDAPConnection -r "$REALM" -f -
}

# load_components <query…>: ids of the components by name.
declare -A components
load_components() {
  local listed id name
  components=()
  listed=$(rows components id,name "$@")
  while IFS=, read -r id name; do
    if [[ -n $id ]]; then components[$name]=$id; fi
  done <<< "$listed"
}

reconcile_directory() {
  local provider mapper found storage=type=org.keycloak.storage.UserStorageProvider
  subject="directory"
  load_components -q "$storage"
  provider=\${components[${federationName}]:-}
  if [[ ! -e $REALM_FILES/directory.json ]]; then
    if [[ -z $provider ]]; then return; fi
    # Otherwise everybody who came from it would go with it.
    subject="accounts of the directory, which stay in Keycloak without a password"
    kcadm create "user-storage/$provider/unlink-users" -r "$REALM" -b '{}'
    subject="directory"
    kcadm delete "components/$provider" -r "$REALM"
    echo "$subject: disconnected; its people stay in Keycloak, without a password and without its groups"
    return
  fi
  try_directory
  subject="directory"
  if [[ -n $provider ]]; then
    with_password directory '}}' '"bindCredential":[' ']' | kcadm update "components/$provider" -r "$REALM" -f - -s "id=$provider"
  else
    provider=$(with_password directory '}}' '"bindCredential":[' ']' | kcadm create components -r "$REALM" -f - -i)
  fi
  load_components -q "parent=$provider"
  for mapper in $(names directory-mapper); do
    subject="mapper $mapper of the directory"
    if [[ -v components[$mapper] ]]; then
      kcadm update "components/\${components[$mapper]}" -r "$REALM" -f "$REALM_FILES/directory-mapper.$mapper.json" -s "id=\${components[$mapper]}" -s "parentId=$provider"
    else
      components[$mapper]=$(kcadm create components -r "$REALM" -f "$REALM_FILES/directory-mapper.$mapper.json" -s "parentId=$provider" -i)
    fi
  done
  # Those that Keycloak makes by itself among them.
  for mapper in "\${!components[@]}"; do
    if [[ -e $REALM_FILES/directory-mapper.$mapper.json ]]; then continue; fi
    subject="mapper $mapper of the directory"
    kcadm delete "components/\${components[$mapper]}" -r "$REALM"
  done
  if [[ -v components[groups] ]]; then
    subject="groups of the directory, below $(<"$REALM_FILES/directory-groups"): the entry is not there, or not to be read"
    kcadm create "user-storage/$provider/mappers/\${components[groups]}/sync" -r "$REALM" -q direction=fedToKeycloak -b '{}' -o
  fi
  subject="people of the directory, below $(<"$REALM_FILES/directory-users"): the entry is not there, or not to be read"
  found=$(kcadm create "user-storage/$provider/sync" -r "$REALM" -q action=triggerFullSync -b '{}' -o)
  echo "$found"
  # Keycloak takes an entry that is not there for an empty one, and one that others keep people in is not empty.
  if [[ -e $REALM_FILES/directory-has-people && \${found//[[:space:]]/} == *'"added":0,"updated":0,'* ]]; then exit 1; fi
  echo "directory: in step"
}
`;
