import * as pulumi from "@pulumi/pulumi";

import { draft, hidden, type JsonSchema, oneLine } from "./schema.ts";

/**
 * Authorities that a service trusts besides the public ones. INSEE's charts write the text as it is into PEM files, so
 * it is not encoded. An address in its place would be loaded without a check, and stand in YAML without quotes.
 * @see https://github.com/InseeFrLab/helm-charts-interactive-services/blob/main/charts/library-chart/templates/_secret.tpl
 */
export function certificates(pem: string): JsonSchema {
  return {
    $schema: draft,
    title: "Certificates",
    type: "object",
    properties: {
      cacerts: { type: "string", default: pem, not: { pattern: "^https?://" }, ...hidden },
      // `update-ca-certificates` reads it; the charts mount the PEM files there.
      pathToCaBundle: { ...oneLine, default: "/usr/local/share/ca-certificates/", ...hidden },
    },
  };
}

/** Override that makes services trust the platform's CA. */
export function certificatesOverride(caBundle: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(caBundle).apply((pem) => JSON.stringify(certificates(pem)));
}
