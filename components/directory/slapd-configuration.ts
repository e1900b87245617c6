/** slapd's configuration, whole: the image's own is not read. @see https://www.openldap.org/doc/admin26/ */
import type { NameRule } from "../access/names.ts";
import { sshKeyPattern } from "../ldap.ts";
import { bytesOf } from "../scalars.ts";
import { accountDn, distinguishedNames } from "./distinguished-names.ts";

/** Folders of the server's pod. */
export const folders = {
  configuration: "/directory/configuration",
  secrets: "/directory/secrets",
  certificate: "/directory/certificate",
  data: "/directory/data",
  seed: "/directory/seed",
  /** Of the image, as Debian lays it out. */
  schemas: "/etc/ldap/schema",
  modules: "/usr/lib/ldap",
} as const;

export const configurationFile = "slapd.conf";
export const schemaFile = "ssh-key.schema";
/** Line with the password of the root account, which stands in a Secret. */
export const rootPasswordFile = "root-password.conf";

/** Whom a group consists of that has nobody yet: a group must have a member. It is what Keycloak itself writes. */
export const nobody = "cn=empty-membership-placeholder";

export interface SlapdSettings {
  readonly domain: string;
  /** Rule for names of people, the platform's. */
  readonly username: NameRule;
  /** Size of the volume. */
  readonly size: string;
}

const schemas = ["core", "cosine", "nis", "inetorgperson"];
const modules = ["back_mdb", "memberof", "refint", "unique", "ppolicy", "constraint"];

/** The text of slapd.conf. Begins at the machine's own defaults nowhere. */
export function slapdConfiguration(settings: SlapdSettings): string {
  const { domain } = settings;
  const { base, people } = distinguishedNames(domain);
  return `${[
    ...schemas.map((name) => `include ${folders.schemas}/${name}.schema`),
    `include ${folders.configuration}/${schemaFile}`,
    "",
    `modulepath ${folders.modules}`,
    ...modules.map((name) => `moduleload ${name}`),
    // Each of the threads below may need so much at the same time. @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    "moduleload argon2 m=12288 t=3 p=1",
    "threads 8",
    "",
    "password-hash {ARGON2}",
    "disallow bind_anon",
    "require bind LDAPv3 authc",
    "idletimeout 900",
    `TLSCertificateFile ${folders.certificate}/tls.crt`,
    `TLSCertificateKeyFile ${folders.certificate}/tls.key`,
    "pidfile /tmp/slapd.pid",
    "argsfile /tmp/slapd.args",
    "",
    "database mdb",
    `suffix "${base}"`,
    `rootdn "${accountDn(domain, "root")}"`,
    `include ${folders.secrets}/${rootPasswordFile}`,
    `directory ${folders.data}`,
    // slapd's own is 10 MiB. The file grows up to this; the rest of the volume is for its copy.
    `maxsize ${Math.floor(bytesOf(settings.size) / 2)}`,
    "index objectClass,member,memberOf,uidNumber,entryUUID,entryCSN eq",
    "index uid,cn,sn,mail eq,sub",
    ...["keycloak", "reader"].map(
      (account) => `limits dn.exact="${accountDn(domain, account as "keycloak" | "reader")}" size=unlimited time=60`,
    ),
    "",
    ...accessRules(domain),
    "",
    "overlay memberof",
    "memberof-group-oc groupOfNames",
    "memberof-member-ad member",
    "memberof-memberof-ad memberOf",
    "memberof-refint TRUE",
    "overlay refint",
    "refint_attributes member",
    `refint_nothing "${nobody}"`,
    "overlay unique",
    ...["uid", "uidNumber", "mail"].map((attribute) => `unique_uri "ldap:///${people}?${attribute}?sub"`),
    "overlay ppolicy",
    `ppolicy_default "${policyDn(domain, "people")}"`,
    "ppolicy_hash_cleartext",
    "overlay constraint",
    ...nameConstraint(settings.username),
    `constraint_attribute sshPublicKey regex "${sshKeyPattern}"`,
  ].join("\n")}\n`;
}

/** Entry with the rules for passwords of one kind of account. */
export function policyDn(domain: string, kind: "people" | "services"): string {
  return `cn=${kind},${distinguishedNames(domain).policies}`;
}

/** POSIX knows no look-around, and the rule has none; its lengths are a rule of their own. */
function nameConstraint({ minLength, maxLength, pattern }: NameRule): string[] {
  return [
    `constraint_attribute uid regex "${pattern}"`,
    `constraint_attribute uid regex "^.{${minLength},${maxLength}}$"`,
  ];
}

/**
 * Who may do what; the first rule that fits an entry decides. Nobody reads a password. Keycloak keeps people and groups and
 * nothing else: its account is an ordinary one, because slapd checks no rule for passwords that the root account sets.
 */
function accessRules(domain: string): string[] {
  const { people, groups } = distinguishedNames(domain);
  const keycloak = `by dn.exact="${accountDn(domain, "keycloak")}"`;
  const reader = `by dn.exact="${accountDn(domain, "reader")}"`;
  return [
    `access to dn.subtree="${people}" attrs=userPassword ${keycloak} =xw by self =xw by anonymous auth by * none`,
    "access to attrs=userPassword by anonymous auth by * none",
    `access to dn.subtree="${people}" attrs=sshPublicKey ${keycloak} write by self write ${reader} read by * none`,
    `access to dn.subtree="${people}" ${keycloak} write by self read ${reader} read by * none`,
    // Programs that log people in with LDAP alone look groups up as the person.
    `access to dn.subtree="${groups}" ${keycloak} write by users read by * none`,
    "access to * by users search by * none",
  ];
}
