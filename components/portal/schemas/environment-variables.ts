import type { PackageIndex } from "../../contracts.ts";
import { packageVariables, trustVariables } from "../../kubernetes/service-variables.ts";
import { draft, type JsonSchema, noTemplate } from "./schema.ts";

/**
 * Bundle of all authorities that a service trusts, where Debian and Ubuntu keep it. INSEE's images renew it at their
 * start from what `certificates.json` laid beside it; until then, and where that fails, it holds the public ones.
 */
export const trustBundle = "/etc/ssl/certs/ca-certificates.crt";

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
