/** `packages.engine` */
import type * as pulumi from "@pulumi/pulumi";

import type { ServicePlace } from "../components/contracts.ts";
import { packagesBucket } from "../components/packages/names.ts";
import { PackageServer, type PackageServerArgs } from "../components/packages/package-server.ts";
import type { Plan } from "./plan.ts";

/** The package index, where the stack file asks for one. */
export function packagesOf(
  { hosts, packages: settings }: Plan,
  args: Omit<PackageServerArgs, "host" | "place" | "settings"> & {
    readonly places: Readonly<Record<string, ServicePlace>>;
  },
  options: pulumi.ComponentResourceOptions,
): PackageServer | undefined {
  if (settings?.engine !== "pypiron") return undefined;
  const { places, ...rest } = args;
  const place = places[packagesBucket];
  // The settings' rules refuse that; `npm run explain` tries single settings without them.
  if (place === undefined) return undefined;
  return new PackageServer("packages", { ...rest, host: hosts.packages, place, settings }, options);
}
