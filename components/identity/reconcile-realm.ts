/** The part of the reconcile script that brings the realm itself in step, and Keycloak's own realm `master`. */
export const reconcileRealm = `# realm_document: with the mail server where there is one. Goes through a pipe, like a client's.
realm_document() {
  local json
  json=$(<"$REALM_FILES/realm.json")
  if [[ -e $MAIL_SERVER/server.json ]]; then json="\${json%\\}},\\"smtpServer\\":$(<"$MAIL_SERVER/server.json")}"; fi
  printf '%s' "$json"
}

reconcile_realm() {
  local realms
  # Who gets in here rules over every account.
  subject="realm master"
  kcadm update realms/master -f "$REALM_FILES/master.json"
  echo "$subject: in step"
  realms=$(kcadm get realms --fields realm --format csv --noquotes)
  subject="realm $REALM"
  if [[ $'\\n'$realms$'\\n' == *$'\\n'"$REALM"$'\\n'* ]]; then
    realm_document | kcadm update "realms/$REALM" -f -
  else
    realm_document | kcadm create realms -f -
  fi
  echo "$subject: in step"
  subject="user profile"
  kcadm update users/profile -r "$REALM" -f "$REALM_FILES/user-profile.json"
  echo "$subject: in step"
}
`;
