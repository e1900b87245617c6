import { draft, type JsonSchema, noTemplate } from "./schema.ts";

/**
 * Bundle of all authorities that a service trusts, where Debian and Ubuntu keep it. INSEE's images renew it at their
 * start from what `certificates.json` laid beside it; until then, and where that fails, it holds the public ones.
 */
export const trustBundle = "/etc/ssl/certs/ca-certificates.crt";

/** Programs that bring a bundle of their own unless a variable names another; the system's own tools need none. */
export const trustVariables = [
  "AWS_CA_BUNDLE", // boto3, the AWS CLI
  "CURL_CA_BUNDLE", // curl, and R through it, where conda brought its own
  "GIT_SSL_CAINFO", // git
  "NODE_EXTRA_CA_CERTS", // Node.js, which adds it to its own
  "PIP_CERT", // pip
  "REQUESTS_CA_BUNDLE", // requests, and before PIP_CERT also pip
  "SSL_CERT_FILE", // Python's ssl, httpx, uv, Go, Julia
] as const;

/**
 * Environment of a service. Charts run the values through `tpl` and write the names without quotes. Whoever launches
 * by the form adds to the defaults, for it begins with them; helm itself would replace the list.
 */
export function environmentVariables(privateCa: boolean): JsonSchema {
  return {
    $schema: draft,
    title: "Environment variables",
    description: "Variables of your service",
    type: "array",
    default: privateCa ? trustVariables.map((name) => ({ name, value: trustBundle })) : [],
    items: {
      title: "",
      type: "object",
      required: ["name", "value"],
      additionalProperties: false,
      properties: {
        name: { type: "string", default: "CHANGE_ME", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
        value: { ...noTemplate, default: "" },
      },
    },
  };
}
