/** Names of users and groups that the stack's rule refuses, each with the commands that cure it. */
import { type NameRule, nameRules, obeys } from "../../components/access/names.ts";
import type { IdentitySettings } from "../../components/identity/settings.ts";
import { ask, by, type Fix, or, type Path, remove, set } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";

type Names = Pick<IdentitySettings, "hyphenatedNames" | "groups" | "firstUsers">;
type Kind = "username" | "group";

/** One problem for each name. */
export function nameProblems(identity: Names): Problem[] {
  const rules = nameRules(identity.hyphenatedNames);
  const refused = (names: readonly string[], rule: NameRule) =>
    [...new Set(names)].filter((name) => !obeys(rule, name));
  return [
    ...refused(identity.groups, rules.group).map((name) => {
      const path = ["identity", "groups", identity.groups.indexOf(name)];
      return problem("group", path, name, renameGroup(identity, name));
    }),
    ...refused(Object.keys(identity.firstUsers), rules.username).map((name) =>
      problem("username", ["identity", "firstUsers", name], name, renameUser(identity, name)),
    ),
  ];
}

function problem(kind: Kind, path: Path, name: string, rename: readonly Fix[]): Problem {
  if (!obeys(nameRules(true)[kind], name)) {
    const reason = `is called ${name}: a part behind a hyphen that is digits alone could be read as the number in a service's host name`;
    return broken(path, reason, by(...rename));
  }
  const reason = `is called ${name}: a hyphen lets the names of services run into those of a neighbour`;
  return broken(path, reason, by(...rename), or("where somebody has that name already", allowHyphens));
}

const allowHyphens = set(["identity", "hyphenatedNames"], true);

/** The group in the list, and wherever first users are put into it. */
function renameGroup({ groups, firstUsers }: Names, name: string): Fix[] {
  const renamed = withoutHyphens("group", name, groups);
  const rename = (list: readonly string[], path: Path) =>
    list.flatMap((each, index) => (each === name ? [named([...path, index], renamed)] : []));
  return [
    ...rename(groups, ["identity", "groups"]),
    ...Object.entries(firstUsers).flatMap(([user, entry]) =>
      rename(entry.groups, ["identity", "firstUsers", user, "groups"]),
    ),
  ];
}

/** The same entry under another key. */
function renameUser({ hyphenatedNames, groups, firstUsers }: Names, name: string): Fix[] {
  const users = ["identity", "firstUsers"];
  const path = [...users, withoutHyphens("username", name, Object.keys(firstUsers))];
  const { email = "", firstName, lastName, roles = [], groups: memberOf = [] } = firstUsers[name] ?? {};
  // A group that is refused too has a problem of its own, whose commands know the entry of before only.
  const { group: rule } = nameRules(hyphenatedNames);
  const renamed = memberOf.map((group) => (obeys(rule, group) ? group : withoutHyphens("group", group, groups)));
  const values: [Path, string | undefined][] = [
    [["email"], email],
    [["firstName"], firstName],
    [["lastName"], lastName],
    ...renamed.map((group, index): [Path, string] => [["groups", index], group]),
    ...roles.map((role, index): [Path, string] => [["roles", index], role]),
  ];
  return [
    ...values.flatMap(([below, value]) => (value === undefined ? [] : [named([...path, ...below], value)])),
    remove([...users, name]),
  ];
}

/** A placeholder is asked for. */
function named(path: Path, value: string): Fix {
  const [, what] = /^<(.*)>$/.exec(value) ?? [];
  return what === undefined ? set(path, value) : ask(path, what);
}

/** A name that will do, or a placeholder. The command line would take digits alone for a number. */
function withoutHyphens(kind: Kind, name: string, taken: readonly string[]): string {
  const joined = name.replaceAll("-", "");
  const fits = obeys(nameRules(false)[kind], joined) && !taken.includes(joined) && !/^[0-9]+$/.test(joined);
  return fits ? joined : `<another ${kind === "group" ? "group" : "username"}>`;
}
