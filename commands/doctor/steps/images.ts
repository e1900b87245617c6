import { namespaces } from "../../../components/names.ts";
import { setCommand } from "../../../stacks/settings/config-commands.ts";
import type { PinnableImage } from "../expectations.ts";
import type { FirstSeen } from "../first-images.ts";
import { type Context, type Finding, type Outcome, passed, type Step, warning } from "../step.ts";
import type { Pod } from "../../../checks/kubectl/pods.ts";

/**
 * What runs under the tags of the portal's images. A tag can be moved to another image; what was seen once can be
 * written into the stack file, and nodes then take nothing else. Until then what was seen first is remembered.
 */
export const imagesStep: Step = {
  id: "images",
  title: "portal's images are those of the stack",
  hop: "portal",
  needs: ["cluster"],
  run: async (context) => {
    const { expected, kubectl } = context;
    const { items } = await kubectl.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespaces.portal}/pods`);
    const seen = expected.portalImages.map((image) => ({ image, digests: digestsOf(items, image) }));
    const found = seen.flatMap(({ image, digests }) => finding(image, digests) ?? []);
    if (found.length > 0) return together(found);
    const unpinned = seen.flatMap(({ image, digests: [digest] }) =>
      image.digest === undefined && digest !== undefined ? [{ image, digest }] : [],
    );
    return unpinned.length === 0 ? passed() : compared(context, unpinned);
  },
};

interface Unpinned {
  readonly image: PinnableImage;
  /** That of what runs. */
  readonly digest: string;
}

/** Whether that is what ran first; what was never seen is remembered. */
function compared({ firstImages, now }: Context, unpinned: readonly Unpinned[]): Outcome {
  const name = firstImages.file.replace(/^.*\//, "");
  let before: Readonly<Record<string, FirstSeen>>;
  const others: Finding[] = [];
  try {
    before = firstImages.read();
    for (const one of unpinned) {
      const first = before[keyOf(one.image)];
      if (first !== undefined && first.digest !== one.digest) others.push(moved(one, first, firstImages.file));
    }
    const seen = now().toISOString().slice(0, 10);
    const unseen = unpinned.filter(({ image }) => before[keyOf(image)] === undefined);
    if (unseen.length > 0)
      firstImages.add(Object.fromEntries(unseen.map(({ image, digest }) => [keyOf(image), { digest, seen }])));
  } catch (error) {
    return warning({
      problem: `What ran first cannot be remembered in ${firstImages.file}: ${(error as Error).message.replace(/\s+/g, " ")}`,
      cause: "the file may not be read or written, or somebody has changed it",
      cure: `Pin what runs, if it is upstream's: ${pinning(unpinned)}; or restore the file from its history`,
    });
  }
  if (others.length > 0) return together(others);
  return passed(`by tag alone, as first seen (${name}); to keep what runs: ${pinning(unpinned)}`);
}

function keyOf({ repository, tag }: PinnableImage): string {
  return `${repository}:${tag}`;
}

function pinning(unpinned: readonly Unpinned[]): string {
  return unpinned.map(({ image, digest }) => setCommand(image.setting, digest)).join(" && ");
}

function moved({ image, digest }: Unpinned, first: FirstSeen, file: string): Finding {
  const key = keyOf(image);
  return {
    problem: `${key} runs as ${digest}; it was first seen, on ${first.seen}, as ${first.digest}`,
    cause: "the tag was moved to another image, upstream or in your mirror",
    cure: `Find out which one is upstream's, then \`${setCommand(image.setting, "<digest>")}\` and \`pulumi up\`; or, if the new one is right, remove "${key}" from ${file}`,
  };
}

/** All that is wrong; what to do about the first. */
function together(findings: readonly Finding[]): Outcome {
  const [first] = findings;
  if (first === undefined) return passed();
  return warning({ ...first, problem: findings.map(({ problem }) => problem).join("; ") });
}

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
