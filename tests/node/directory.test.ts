/** The directory's own configuration on a real slapd, and a real Keycloak that keeps people in it. */
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { directoryHost } from "../../components/directory/names.ts";
import { directoryUnavailable } from "../../testbed/directory/directory.ts";
import { selfSigned, validNow } from "../support/certificate-maker.ts";
import { type DirectoryServer, type Login, loginOf, names, startDirectory } from "../support/directory.ts";

const passwords = { root: "root-s3cret", keycloak: "keycloak-s3cret", reader: "reader-s3cret" };
const root = loginOf("root", passwords);
const keycloak = loginOf("keycloak", passwords);
const reader = loginOf("reader", passwords);

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0c1p3mS0wq6Yc4mG1bY9yqk0P0nq0g1d2e3f4g5h6i dave@lab";

/** Codes of LDAP. @see https://www.rfc-editor.org/rfc/rfc4511#appendix-A */
const codes = { constraint: 19, wrongLogin: 49, insufficientRights: 50, anonymous: 48 };

const person = (uid: string, more = "") =>
  `dn: uid=${uid},${names.people}\nobjectClass: inetOrgPerson\nobjectClass: ldapPublicKey\nuid: ${uid}\ncn: ${uid}\nsn: ${uid}\n${more}`;
const loginOfPerson = (uid: string, password: string): Login => ({ dn: `uid=${uid},${names.people}`, password });

const unavailable = directoryUnavailable();
const describeWithSlapd = unavailable === undefined ? describe : describe.skip;

describeWithSlapd(`a real slapd${unavailable === undefined ? "" : ` (skipped: ${unavailable})`}`, () => {
  let directory: DirectoryServer;

  beforeAll(async () => {
    const certificate = await selfSigned({ names: ["localhost", directoryHost], ...validNow });
    directory = await startDirectory({ groups: ["crew", "team"], passwordLength: 12, passwords, certificate });
    const { code, output } = directory.seed();
    if (code !== 0) throw new Error(`${output}\n${directory.log()}`);
  }, 300_000);

  afterAll(async () => {
    await directory.stop();
  });

  const add = (login: Login, ldif: string) => directory.client("ldapadd", login, [], ldif);
  const change = (login: Login, ldif: string) => directory.client("ldapmodify", login, [], ldif);
  const newPassword = (login: Login, dn: string, password: string) =>
    directory.client("ldappasswd", login, ["-s", password, dn]);
  const whoAmI = (login?: Login) => directory.client("ldapwhoami", login, []);

  it("lets nobody in without a login, or with a wrong password", () => {
    expect(whoAmI().code).toBe(codes.anonymous);
    expect(whoAmI({ ...reader, password: "wrong" }).code).toBe(codes.wrongLogin);
    expect(whoAmI(reader)).toMatchObject({ code: 0, output: expect.stringContaining(`dn:${reader.dn}`) });
  });

  it("begins with the platform's groups, and is seeded again without harm", () => {
    const groups = () => directory.values(reader, names.groups, "(objectClass=groupOfNames)", "cn");
    expect(groups()).toEqual(["crew", "team"]);
    const again = directory.seed({ groups: ["crew", "team", "guests"] });
    expect(again).toMatchObject({ code: 0 });
    expect(groups()).toEqual(["crew", "team", "guests"]);
  });

  it("takes people from Keycloak's account, with a hashed password that only they know", () => {
    expect(add(keycloak, person("dave", `mail: dave@example.test\nsshPublicKey: ${key}\n`))).toMatchObject({ code: 0 });
    expect(newPassword(keycloak, `uid=dave,${names.people}`, "correct horse battery")).toMatchObject({ code: 0 });
    const dave = loginOfPerson("dave", "correct horse battery");
    expect(whoAmI(dave).code).toBe(0);
    expect(directory.values(root, names.people, "(uid=dave)", "userPassword")).toEqual([
      expect.stringMatching(/^\{ARGON2\}\$argon2id?\$v=19\$m=12288,t=3,p=1\$/),
    ]);
    for (const login of [keycloak, reader, dave]) {
      expect(directory.values(login, names.people, "(uid=dave)", "userPassword")).toEqual([]);
    }
    expect(directory.values(reader, names.people, "(uid=dave)", "sshPublicKey")).toEqual([key]);
  });

  it("refuses a name outside of the rule, one that is taken, a key that is none, and a weak password", () => {
    for (const uid of ["bad.name", "Bad", "ab", "a".repeat(41), "bad-name"]) {
      expect([uid, add(keycloak, person(uid)).code]).toEqual([uid, codes.constraint]);
    }
    const twice = person("dave").replace(`uid=dave,`, "cn=dave,");
    expect(add(keycloak, twice).code).toBe(codes.constraint);
    expect(add(root, twice).code).toBe(codes.constraint);
    expect(add(keycloak, person("erin", "sshPublicKey: rm -rf /\n")).code).toBe(codes.constraint);
    expect(newPassword(keycloak, `uid=dave,${names.people}`, "short").output).toContain("Constraint violation (19)");
    expect(whoAmI(loginOfPerson("dave", "correct horse battery")).code).toBe(0);
  });

  it("writes both sides of a membership, and takes both away", () => {
    const member = (what: string) =>
      change(
        keycloak,
        `dn: cn=team,${names.groups}\nchangetype: modify\n${what}: member\nmember: uid=dave,${names.people}\n`,
      );
    const memberOf = () => directory.values(reader, names.people, "(uid=dave)", "memberOf");
    expect(member("add")).toMatchObject({ code: 0 });
    expect(memberOf()).toEqual([`cn=team,${names.groups}`]);
    expect(member("delete")).toMatchObject({ code: 0 });
    expect(memberOf()).toEqual([]);
  });

  it("lets people read groups, and change their own key and password, and nothing else", () => {
    expect(add(keycloak, person("frank"))).toMatchObject({ code: 0 });
    const dave = loginOfPerson("dave", "correct horse battery");
    expect(directory.values(dave, names.groups, "(cn=team)", "cn")).toEqual(["team"]);
    expect(directory.values(dave, names.people, "(uid=frank)", "cn")).toEqual([]);
    const set = (dn: string, attribute: string, value: string) =>
      change(dave, `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`).code;
    expect(set(dave.dn, "sshPublicKey", `${key}-2`)).toBe(0);
    for (const [dn, attribute, value] of [
      [dave.dn, "mail", "other@example.test"],
      [dave.dn, "sn", "Other"],
      [`uid=frank,${names.people}`, "sshPublicKey", key],
      [`cn=team,${names.groups}`, "member", dave.dn],
    ] as const) {
      expect([attribute, set(dn, attribute, value)]).toEqual([attribute, codes.insufficientRights]);
    }
    expect(newPassword(dave, dave.dn, "another long password").code).toBe(0);
    expect(newPassword(loginOfPerson("dave", "another long password"), dave.dn, "short").output).toContain(
      "Constraint violation (19)",
    );
  });

  it("lets Keycloak's account and the reader do nothing beyond their task", () => {
    const policy = `dn: cn=people,${names.policies}\nchangetype: modify\nreplace: pwdMinLength\npwdMinLength: 1\n`;
    expect(change(keycloak, policy).code).not.toBe(0);
    expect(newPassword(keycloak, reader.dn, "reader is mine now").code).not.toBe(0);
    expect(newPassword(reader, `uid=frank,${names.people}`, "frank is mine now").output).toContain(
      "Insufficient access (50)",
    );
    expect(add(reader, person("grace")).code).toBe(codes.insufficientRights);
    expect(whoAmI(reader).code).toBe(0);
  });

  it("keeps everything when it starts again, and takes new passwords of its accounts from the Job", async () => {
    await directory.halt();
    expect(whoAmI(reader).code).not.toBe(0);
    await directory.resume();
    expect(directory.values(reader, names.people, "(uid=*)", "uid").toSorted()).toEqual(["dave", "frank"]);
    const others = { ...passwords, reader: "another-s3cret" };
    expect(directory.seed({ passwords: others })).toMatchObject({ code: 0 });
    expect(whoAmI(reader).code).toBe(codes.wrongLogin);
    expect(whoAmI(loginOf("reader", others)).code).toBe(0);
    expect(directory.seed()).toMatchObject({ code: 0 });
  });

  it("says what failed where the Job cannot log in", () => {
    const { code, output } = directory.seed({ passwords: { ...passwords, root: "wrong" } });
    expect(code).not.toBe(0);
    expect(output).toContain(`FAILED: login of root at the directory ldaps://${directoryHost}:`);
    expect(directory.seed()).toMatchObject({ code: 0 });
  });
});
