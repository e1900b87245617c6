import * as pulumi from "@pulumi/pulumi";

import type { Directory } from "../contracts.ts";
import { directoryFactsOf } from "./directory-facts.ts";
import type { ExistingDirectorySettings } from "./settings.ts";

/** A directory that is there already. Makes nothing. */
export function existingDirectory(settings: ExistingDirectorySettings, domain: string): Directory {
  const password = pulumi.secret(settings.bindPassword);
  return {
    facts: directoryFactsOf(settings, domain),
    caBundle: settings.caBundle === undefined ? undefined : pulumi.output(settings.caBundle),
    keycloakPassword: password,
    readerPassword: password,
    servers: undefined,
  };
}
