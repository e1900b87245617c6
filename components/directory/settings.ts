import { X509Certificate } from "node:crypto";

import { z } from "zod";

import { resources, volume } from "../scalars.ts";

/** In the cluster. */
export const openLdapSettings = z.strictObject({
  kind: z.literal("openldap").describe("`openldap`: a server of the platform's own, kept from Keycloak's consoles."),
  resources: resources.prefault({ cpu: "50m", memory: "256Mi" }).describe("What its pod gets."),
  storage: volume.prefault({ size: "1Gi" }).describe("Volume with all people and groups."),
});

const attribute = z
  .string()
  .max(64, "must be at most 64 characters")
  .regex(/^[A-Za-z][-A-Za-z0-9]*$/, "must be the name of an attribute or of an object class, like sAMAccountName");

const distinguishedName = z
  .string()
  .max(1000, "must be at most 1000 characters")
  .regex(
    /^[A-Za-z][-A-Za-z0-9]*=[^,=${}"'\\]+(,[A-Za-z][-A-Za-z0-9]*=[^,=${}"'\\]+)*$/,
    "must be a distinguished name without escapes, like ou=people,dc=example,dc=org",
  );

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== "";
  } catch {
    return false;
  }
}

/** Somewhere else. */
export const existingDirectorySettings = z
  .strictObject({
    kind: z.literal("existing").describe("`existing`: a directory that is there already. Nothing is created."),
    url: z
      .string()
      .regex(
        /^ldaps:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]{1,5})?$/,
        "must be an address like ldaps://ldap.example.org:636, encrypted and without a path",
      )
      .describe("Address of the server, `ldaps://` and a host name; port 636 when it names none."),
    caBundle: z
      .string()
      .refine(isCertificate, "must be a certificate in PEM (BEGIN CERTIFICATE)")
      .optional()
      .describe("Authority of its certificate, in PEM; absent for a public one, or one of `platform.authorities`."),
    baseDn: distinguishedName.describe("Entry that everything lies below, like `dc=example,dc=org`."),
    usersDn: distinguishedName.describe("Entry that people lie directly below."),
    groupsDn: distinguishedName
      .optional()
      .describe("Entry that groups lie below; no groups are taken from the directory when absent."),
    bindDn: distinguishedName.describe("Account that Keycloak looks people up with. It needs to read, nothing more."),
    bindPassword: z
      .string()
      .min(1, "must not be empty")
      .describe("Password of `bindDn`, as a secret of the stack file."),
    vendor: z
      .enum(["other", "ad", "rhds", "edirectory", "tivoli"])
      .default("other")
      .describe("Whose server it is: `ad` for Active Directory, `rhds` for 389 and Red Hat's, `other` for OpenLDAP."),
    usernameAttribute: attribute.optional().describe("Attribute with the username; `uid`, with `ad` `sAMAccountName`."),
    uuidAttribute: attribute
      .optional()
      .describe(
        "Attribute that an entry keeps when it is renamed; `entryUUID`, with `ad` `objectGUID`, with `rhds` `nsUniqueId`.",
      ),
    userObjectClasses: z
      .array(attribute)
      .min(1, "must name at least one")
      .optional()
      .describe(
        "Object classes of people; `inetOrgPerson` and `organizationalPerson`, with `ad` `person`, `organizationalPerson` and `user`.",
      ),
    userFilter: z
      .string()
      .max(1000, "must be at most 1000 characters")
      .regex(
        /^\([^${}]*\)$/,
        "must be an LDAP filter in parentheses, like (memberOf=cn=lab,ou=groups,dc=example,dc=org)",
      )
      .optional()
      .describe("Further condition on people; all below `usersDn` when absent."),
    groupClass: attribute.optional().describe("Object class of groups; `groupOfNames`, with `ad` `group`."),
    membershipAttribute: attribute.default("member").describe("Attribute of a group with the names of its members."),
    sshKeyAttribute: attribute.optional().describe("Attribute with people's SSH keys; they are not read when absent."),
    editMode: z
      .enum(["READ_ONLY", "WRITABLE"])
      .default("READ_ONLY")
      .describe("`READ_ONLY`: Keycloak changes nothing there; `WRITABLE`: it makes, changes and deletes people."),
    pagination: z.boolean().default(true).describe("Whether the server gives long lists in pages, as most do."),
  })
  .superRefine((settings, context) => {
    for (const key of ["usersDn", "groupsDn"] as const) {
      const dn = settings[key]?.toLowerCase();
      const base = settings.baseDn.toLowerCase();
      if (dn === undefined || dn === base || dn.endsWith(`,${base}`)) continue;
      const message = `does not lie below baseDn: ${settings.baseDn}`;
      context.addIssue({ code: "custom", path: [key], message });
    }
  });

/** `datalab:directory` */
export const directorySettings = z.discriminatedUnion("kind", [openLdapSettings, existingDirectorySettings]);

export type DirectorySettings = z.infer<typeof directorySettings>;
export type OpenLdapSettings = z.infer<typeof openLdapSettings>;
export type ExistingDirectorySettings = z.infer<typeof existingDirectorySettings>;
