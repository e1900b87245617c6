import { namespaces } from "../../../components/names.ts";
import { setCommand } from "../../../stacks/settings/config-commands.ts";
import type { PinnableImage } from "../expectations.ts";
import { type Finding, passed, type Step, warning } from "../step.ts";
import type { Pod } from "../../../checks/kubectl/pods.ts";

/**
 * What runs under the tags of the portal's images. A tag can be moved to another image; what was seen once can be
 * written into the stack file, and nodes then take nothing else.
 */
export const imagesStep: Step = {
  id: "images",
  title: "portal's images are those of the stack",
  hop: "portal",
  needs: ["cluster"],
  run: async ({ expected, kubectl }) => {
    const { items } = await kubectl.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespaces.portal}/pods`);
    const seen = expected.portalImages.map((image) => ({ image, digests: digestsOf(items, image) }));
    const found = seen.map(({ image, digests }) => finding(image, digests)).find((each) => each !== undefined);
    if (found !== undefined) return warning(found);
    const pins = seen.flatMap(({ image, digests: [digest] }) =>
      image.digest === undefined && digest !== undefined ? [setCommand(image.setting, digest)] : [],
    );
    return passed(pins.length === 0 ? undefined : `by tag alone; to keep what runs: ${pins.join(" && ")}`);
  },
};

/** Digests under which running pods hold the image; none for an image that was put onto the node by hand. */
function digestsOf(pods: readonly Pod[], { repository }: PinnableImage): string[] {
  const ids = pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .map(({ imageID = "" }) => imageID);
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  return [
    ...new Set(ids.flatMap((id) => new RegExp(`/${name}@(sha256:[0-9a-f]{64})$`).exec(id)?.[1] ?? [])),
  ].toSorted();
}

function finding({ repository, digest, setting }: PinnableImage, digests: readonly string[]): Finding | undefined {
  const look = `Look at \`kubectl --namespace ${namespaces.portal} get pods --output wide\``;
  if (digests.length > 1) {
    return {
      problem: `Pods run ${digests.length} images as ${repository}: ${digests.join(", ")}`,
      cause: "the tag was moved between two pulls",
      cure: `${look}, find out which one is upstream's, then \`${setCommand(setting, "<digest>")}\` and \`pulumi up\``,
    };
  }
  const [running] = digests;
  if (digest === undefined || running === undefined || running === digest) return undefined;
  return {
    problem: `${repository} runs as ${running}, the stack file wants ${digest}`,
    cause: "the stack file was changed without `pulumi up`, or somebody has changed the pods",
    cure: `Run \`pulumi up --refresh\``,
  };
}
