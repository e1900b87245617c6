/** Settings of a directory, of both kinds. */
import fc from "fast-check";

import { resources, some } from "./arbitrary-values.ts";

export const directory = fc.option(
  fc.oneof(
    some({ resources, storage: fc.constant({ size: "2Gi", storageClass: "fast" }) }).map(
      (rest): Record<string, unknown> => ({ kind: "openldap", ...rest }),
    ),
    some({
      vendor: fc.constantFrom("other", "ad", "rhds"),
      groupsDn: fc.constant("ou=groups,dc=example,dc=org"),
      sshKeyAttribute: fc.constant("sshPublicKey"),
      userFilter: fc.constant("(objectClass=person)"),
      editMode: fc.constant("WRITABLE"),
    }).map((rest): Record<string, unknown> => ({
      kind: "existing",
      url: "ldaps://ldap.example.org:3269",
      baseDn: "dc=example,dc=org",
      usersDn: "ou=people,dc=example,dc=org",
      bindDn: "cn=lab,ou=services,dc=example,dc=org",
      bindPassword: "canary-secret-directory-password",
      ...rest,
    })),
  ),
  { nil: undefined },
);
