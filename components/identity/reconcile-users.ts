/**
 * The part of the reconcile script that makes the first users. Only who does not exist yet is made, and keeps from then
 * on what the person changes.
 *
 * All go through few calls: one for each of them would outlast the Job's deadline where there are many.
 */
export const reconcileUsers = `# users_document <name…>: with their one-time passwords. Goes through a pipe, like a client's.
users_document() {
  local name json users=
  for name in "$@"; do
    json=$(<"$REALM_FILES/user.$name.json")
    json="\${json%\\}},\\"credentials\\":[{\\"type\\":\\"password\\",\\"value\\":\\"$(<"$USER_PASSWORDS/$name")\\",\\"temporary\\":true}]}"
    users+=",$json"
  done
  printf '{"ifResourceExists":"FAIL","users":[%s]}' "\${users#,}"
}

# import_users <document>: makes all of them or none.
import_users() {
  printf '%s' "$1" | kcadm create partialImport -r "$REALM" -f -
}

reconcile_users() {
  local name at document missing=() some
  subject="users"
  if [[ -z $(names user) ]]; then return; fi
  load_accounts
  for name in $(names user); do
    if [[ ! -v accounts[$name] ]]; then missing+=("$name"); fi
  done
  for ((at = 0; at < \${#missing[@]}; at += 50)); do
    some=("\${missing[@]:at:50}")
    subject="users \${some[*]}"
    document=$(users_document "\${some[@]}")
    if import_users "$document"; then
      echo "$subject: created"
      continue
    fi
    # One by one, for the name of the one that cannot be made.
    for name in "\${some[@]}"; do
      subject="user $name, whose mail address may be another account's"
      document=$(users_document "$name")
      import_users "$document"
      echo "user $name: created"
    done
  done
}
`;
