/** `packages` beside what it stands on. */
import { packages as part } from "../../components/packages/part.ts";
import { ask, by, or, remove } from "./cures.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

/** The servers keep everything in a bucket that the platform must be able to make. */
export function packagesProblems({
  packages,
  objectStore,
  cluster,
}: Pick<ParsedSettings, "packages" | "objectStore" | "cluster">): Problem[] {
  if (packages?.engine !== "pypiron") return [];
  const { mirror, privatePrefix } = packages;
  const problems: Problem[] = [];
  const makesBuckets = objectStore.kind === "minio" || (objectStore.kind === "s3" && cluster.kind === "eks");
  if (!makesBuckets) {
    const whose = "its servers keep everything in a bucket that the platform makes and lets them use";
    const where = "in a store in the cluster, or on AWS where `cluster.kind` is eks";
    const reason = `cannot be there: ${whose}, ${where}; and \`objectStore.kind\` is ${objectStore.kind}`;
    problems.push(broken(["packages"], reason, by(remove(["packages"]))));
  }
  if (mirror !== undefined && privatePrefix === undefined) {
    const path = ["packages", "privatePrefix"];
    const reason =
      "is missing beside `packages.mirror`: whoever publishes one of your names in public would be installed";
    problems.push(
      broken(
        path,
        reason,
        by(ask(path, "beginning of your packages' names")),
        or("closed", remove(["packages", "mirror"])),
      ),
    );
  }
  return problems;
}

/** Its host, for a certificate that must hold for it. */
export function packagesHost(
  packages: ParsedSettings["packages"],
  { domain }: Pick<ParsedSettings["platform"], "domain">,
): { readonly packages?: string } {
  return packages?.engine !== "pypiron" ? {} : { packages: `${part.hosts.packages}.${domain}` };
}
