import { keycloakWorkload } from "../../../components/identity/names.ts";
import { namespaces } from "../../../components/names.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import type { RealmRules } from "../realm-rules.ts";
import { failed, passed, type Step, warning } from "../step.ts";

const pod = `statefulset/${keycloakWorkload}`;

/**
 * Whether guessing, registering and renaming are held as the stack file wants them. Only Keycloak's administration knows:
 * its pod is asked, with the login that it has itself, and neither login nor token leave it.
 */
export const realmSettingsStep: Step = {
  id: "realm-settings",
  title: "realms keep strangers out",
  hop: "Keycloak",
  needs: ["cluster", "discovery"],
  run: async ({ expected: { realms }, kubectl }) => {
    let output: string;
    try {
      output = await kubectl.run(namespaces.identity, pod, "keycloak", realmScript(realms));
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      return warning(cannotTell(error.message));
    }
    const found = realmsIn(output);
    const unread = Object.keys(realms).filter((realm) => found.get(realm) === undefined);
    if (unread.length > 0) return warning(cannotTell(`Keycloak says nothing of ${unread.join(" and ")}`));
    const others = Object.entries(realms).flatMap(([realm, rules]) => differencesIn(realm, rules, found.get(realm)));
    if (others.length === 0) return passed(Object.keys(realms).join(" and "));
    return failed({
      problem: others.join("; "),
      cause:
        "somebody has changed the realm in Keycloak's administration, or the stack file was changed without `pulumi up`",
      cure: `Set it back in Keycloak's administration, or let the stack do it: \`kubectl --namespace ${namespaces.identity} delete jobs --selector app.kubernetes.io/name=keycloak-realm\`, then \`pulumi up --refresh\``,
    });
  },
};

/**
 * For bash, which the image has, as it has grep and sed; there is nothing that speaks HTTP or reads JSON, and another JVM
 * (`kcadm.sh`) has no room beside Keycloak. Prints `realm <name>`, then a line for each field.
 */
export function realmScript(realms: Readonly<Record<string, RealmRules>>): string {
  const fields = [...new Set(Object.values(realms).flatMap((rules) => Object.keys(rules)))].join("|");
  return `exec bash <<'EOF'
# call METHOD PATH HEADER [BODY]
call() {
  exec 3<>"/dev/tcp/127.0.0.1/$KC_HTTP_PORT" || exit
  printf '%s %s HTTP/1.0\\r\\nHost: localhost\\r\\n%s\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$1" "$2" "$3" "\${#4}" "\${4-}" >&3
  cat <&3
  exec 3>&-
}
login="grant_type=client_credentials&client_id=$KC_BOOTSTRAP_ADMIN_CLIENT_ID&client_secret=$KC_BOOTSTRAP_ADMIN_CLIENT_SECRET"
token=$(call POST /realms/master/protocol/openid-connect/token 'Content-Type: application/x-www-form-urlencoded' "$login" |
  sed -n 's/.*"access_token":"\\([^"]*\\)".*/\\1/p')
for realm in ${Object.keys(realms).join(" ")}; do
  echo "realm $realm"
  call GET "/admin/realms/$realm" "Authorization: Bearer $token" | grep -oE '"(${fields})":("[^"]*"|[a-z0-9]+)' || true
done
EOF`;
}

/** What the script prints, by realm; a realm of which nothing was said is left out. */
export function realmsIn(output: string): ReadonlyMap<string, ReadonlyMap<string, unknown>> {
  const parts = output.split(/^realm /m).slice(1);
  return new Map(
    parts.flatMap((part): [string, Map<string, unknown>][] => {
      const [name = "", ...lines] = part.trim().split("\n");
      // What stands deeper in the document comes later, and may be called the same.
      const fields = lines.toReversed().flatMap((line) => Object.entries(JSON.parse(`{${line}}`) as object));
      return fields.length === 0 ? [] : [[name, new Map(fields)]];
    }),
  );
}

function differencesIn(realm: string, rules: RealmRules, found?: ReadonlyMap<string, unknown>): string[] {
  return Object.entries(rules)
    .filter(([field, value]) => found?.get(field) !== value)
    .map(([field, value]) => `${field} of realm ${realm} is ${shown(found?.get(field))}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}

function cannotTell(reason: string) {
  return {
    problem: `It cannot be told whether the realms keep strangers out: ${reason}`,
    cause: "this kubeconfig may not run commands in pods, or the client of the realm master was removed",
    cure: `Look at brute force detection, password policy and login in Keycloak's administration`,
  };
}
