/** `directory.kind` */
import type * as pulumi from "@pulumi/pulumi";

import type { Directory } from "../components/contracts.ts";
import { existingDirectory } from "../components/directory/existing-directory.ts";
import { OpenLdap } from "../components/directory/open-ldap.ts";
import { keycloakWorkload } from "../components/identity/names.ts";
import { namespaces } from "../components/names.ts";
import { registryLoginOf } from "./alternatives.ts";
import type { Plan } from "./plan.ts";

/** Where people are kept, and what must be there before somebody asks it; undefined where that is Keycloak itself. */
export function directoryOf(
  plan: Plan,
  options: pulumi.ComponentResourceOptions,
): { readonly directory: Directory | undefined; readonly ready: readonly pulumi.Resource[] } {
  const { access, directory: settings, identity, platform } = plan;
  const { domain, imageMirror, protectData } = platform;
  switch (settings?.kind) {
    case undefined:
      return { directory: undefined, ready: [] };
    case "existing":
      return { directory: existingDirectory(settings, domain), ready: [] };
    case "openldap": {
      const { groups, passwordLength } = identity;
      const rules = { domain, username: access.username, groups, passwordLength };
      const clients = [{ namespace: namespaces.identity, workload: keycloakWorkload }];
      const images = { imageMirror, registryLogin: registryLoginOf(plan) };
      const directory = new OpenLdap("directory", { ...rules, ...images, clients, settings, protectData }, options);
      return { directory, ready: [directory] };
    }
  }
}
