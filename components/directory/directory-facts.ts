/** What the settings say of a directory, the same for both kinds. */
import type { DirectoryFacts } from "../ldap.ts";
import { accountDn, distinguishedNames } from "./distinguished-names.ts";
import { directoryHost, servicePort } from "./names.ts";
import type { DirectorySettings, ExistingDirectorySettings } from "./settings.ts";

/** @param domain the platform's, which the names in its own directory come from */
export function directoryFactsOf(settings: DirectorySettings, domain: string): DirectoryFacts {
  switch (settings.kind) {
    case "openldap":
      return ownFacts(domain);
    case "existing":
      return existingFacts(settings);
  }
}

function ownFacts(domain: string): DirectoryFacts {
  const { base, people, groups } = distinguishedNames(domain);
  return {
    url: `ldaps://${directoryHost}:${servicePort}`,
    port: servicePort,
    baseDn: base,
    usersDn: people,
    groupsDn: groups,
    own: true,
    writable: true,
    bindDn: accountDn(domain, "keycloak"),
    readerDn: accountDn(domain, "reader"),
    vendor: "other",
    usernameAttribute: "uid",
    rdnAttribute: "uid",
    uuidAttribute: "entryUUID",
    userObjectClasses: ["inetOrgPerson", "organizationalPerson", "ldapPublicKey"],
    userFilter: undefined,
    groupClass: "groupOfNames",
    membershipAttribute: "member",
    sshKeyAttribute: "sshPublicKey",
    pagination: true,
  };
}

/** What Keycloak itself would fill in for a vendor. */
function usual(vendor: ExistingDirectorySettings["vendor"]) {
  const ldap = {
    username: "uid",
    rdn: "uid",
    uuid: vendor === "rhds" ? "nsUniqueId" : "entryUUID",
    classes: ["inetOrgPerson", "organizationalPerson"],
    group: "groupOfNames",
  };
  const ad = {
    username: "sAMAccountName",
    rdn: "cn",
    uuid: "objectGUID",
    classes: ["person", "organizationalPerson", "user"],
    group: "group",
  };
  return vendor === "ad" ? ad : ldap;
}

function existingFacts(settings: ExistingDirectorySettings): DirectoryFacts {
  const { port } = new URL(settings.url.replace("ldaps:", "https:"));
  const defaults = usual(settings.vendor);
  return {
    url: settings.url,
    // A port 443 would be cut off as https's own.
    port: port === "" ? (settings.url.endsWith(":443") ? 443 : servicePort) : Number(port),
    baseDn: settings.baseDn,
    usersDn: settings.usersDn,
    groupsDn: settings.groupsDn,
    own: false,
    writable: settings.editMode === "WRITABLE",
    bindDn: settings.bindDn,
    readerDn: settings.bindDn,
    vendor: settings.vendor,
    usernameAttribute: settings.usernameAttribute ?? defaults.username,
    rdnAttribute: defaults.rdn,
    uuidAttribute: settings.uuidAttribute ?? defaults.uuid,
    userObjectClasses: settings.userObjectClasses ?? defaults.classes,
    userFilter: settings.userFilter,
    groupClass: settings.groupClass ?? defaults.group,
    membershipAttribute: settings.membershipAttribute,
    sshKeyAttribute: settings.sshKeyAttribute,
    pagination: settings.pagination,
  };
}
