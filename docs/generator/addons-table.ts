/** The table of docs/aws.md: which add-on comes in which version, from the versions that are installed. */
import { beforeNodes, onNodes } from "../../components/cluster/addons.ts";
import { addons } from "../../components/versions.ts";

/** A line for each add-on, a column for each version of Kubernetes. */
export function addonsTable(): string {
  const versions = Object.entries(addons);
  const head = ["add-on", ...versions.map(([version]) => `on ${version}`)];
  const rows = [...beforeNodes, ...onNodes].map((addon) => [
    `\`${addon}\``,
    ...versions.map(([, versionOf]) => versionOf[addon]),
  ]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
