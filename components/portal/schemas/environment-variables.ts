import type { PackageIndex } from "../../contracts.ts";
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
export function environmentVariables(privateCa: boolean, packageIndex?: PackageIndex): JsonSchema {
  const trust = privateCa ? trustVariables.map((name) => ({ name, value: trustBundle })) : [];
  return {
    $schema: draft,
    title: "Environment variables",
    description: "Variables of your service",
    type: "array",
    default: [...trust, ...packageVariables(packageIndex)],
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

/**
 * Where packages come from and go to. uv does not read pip's variable, and INSEE's images tell it to terminals alone, not to
 * notebooks. Passwords of those who publish are nobody's here.
 */
function packageVariables(index: PackageIndex | undefined): { readonly name: string; readonly value: string }[] {
  if (index === undefined) return [];
  const { indexUrl, uploadUrl, replacesPublicIndex } = index;
  const named = (names: readonly string[], value: string) => names.map((name) => ({ name, value }));
  return [
    ...(replacesPublicIndex ? named(["PIP_INDEX_URL", "UV_DEFAULT_INDEX"], indexUrl) : []),
    ...(uploadUrl === undefined ? [] : named(["TWINE_REPOSITORY_URL", "UV_PUBLISH_URL"], uploadUrl)),
  ];
}
