import { Provider } from "@pulumi/aws/provider.js";
import type * as pulumi from "@pulumi/pulumi";

import type { AwsSettings } from "./settings.ts";

/** Tag of everything that a stack makes: its leftovers can be found by it. */
export const stackTag = "datalab.dev/stack";

/** Tags of everything that is made. What AWS makes on its own, such as volumes of nodes, gets them too. */
export function tagsOf(settings: AwsSettings, stack: string): Record<string, string> {
  const all = Object.entries({ ...settings.tags, [stackTag]: stack });
  // Some end up in a text, whose order would count.
  return Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The one explicit provider of everything on AWS. Credentials come from the environment, as the AWS command line takes
 * them; those of another account are refused before anything is made.
 */
export function awsProvider(
  name: string,
  settings: AwsSettings,
  stack: string,
  opts?: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      region: settings.region,
      allowedAccountIds: [settings.accountId],
      defaultTags: { tags: tagsOf(settings, stack) },
    },
    opts,
  );
}
