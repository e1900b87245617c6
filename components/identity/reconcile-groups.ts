/**
 * The part of the reconcile script that makes groups, and gives those of the stack file their project. A group that
 * people have made under the same name gets the project too, and nothing else.
 */
export const reconcileGroups = `# refuse_subgroups: a group that is about to be deleted would take along those below it, which only people make.
refuse_subgroups() {
  local name below
  for name in "\${!marked[@]}"; do
    if [[ -e $REALM_FILES/group.$name.json ]]; then continue; fi
    subject="group $name"
    below=$(rows "groups/\${marked[$name]}/children" name)
    if [[ -z $below ]]; then continue; fi
    subject="group $name, to be deleted, has groups below it that were made by hand: \${below//$'\\n'/, }"
    exit 1
  done
}

# give_projects: to groups that were there before. A group's name is its project.
give_projects() {
  local listed id project name
  listed=$(rows groups "id,attributes(datalab.project),name" -q briefRepresentation=false)
  while IFS=, read -r id project name; do
    if [[ -z $id || $project == "$name" || ! -e $REALM_FILES/group.$name.json ]]; then continue; fi
    subject="project of group $name"
    kcadm update "groups/$id" -r "$REALM" -s "attributes.\\"datalab.project\\"=[\\"$name\\"]"
    echo "$subject: given"
  done <<< "$listed"
}

reconcile_groups() {
  subject="groups"
  load groups name -q briefRepresentation=false
  refuse_subgroups
  create_missing group groups
  prune group groups
  give_projects
}
`;
