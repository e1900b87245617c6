/** Environment of what people launch, whoever makes it. */
import type { PackageIndex } from "../contracts.ts";

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
 * Where packages come from and go to. uv does not read pip's variable, and INSEE's images tell it to terminals alone, not to
 * notebooks. Passwords of those who publish are nobody's here.
 */
export function packageVariables(index: PackageIndex | undefined): { readonly name: string; readonly value: string }[] {
  if (index === undefined) return [];
  const { indexUrl, uploadUrl, replacesPublicIndex } = index;
  const named = (names: readonly string[], value: string) => names.map((name) => ({ name, value }));
  return [
    ...(replacesPublicIndex ? named(["PIP_INDEX_URL", "UV_DEFAULT_INDEX"], indexUrl) : []),
    ...(uploadUrl === undefined ? [] : named(["TWINE_REPOSITORY_URL", "UV_PUBLISH_URL"], uploadUrl)),
  ];
}
