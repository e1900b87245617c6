/** `platform.imagePull` beside what says where images come from. */
import { registryOf } from "../../components/kubernetes/image-pull.ts";
import { images } from "../../components/versions.ts";
import { ask, by, or, remove, set } from "./cures.ts";
import { closest } from "./near-misses.ts";
import { broken, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schemas.ts";

/** Names that people know Docker Hub by; images name the first. */
const dockerHub = ["docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com"];

const path = ["platform", "imagePull", "registry"];

/** A login that no image needs would hide a mistake, and show the password to a registry that was not meant. */
export function imagePullProblems({
  platform: { imageMirror, imagePull },
  objectStore,
}: Pick<ParsedSettings, "platform" | "objectStore">): Problem[] {
  if (imagePull === undefined) return [];
  const { registry } = imagePull;
  const others = objectStore.kind === "minio" && objectStore.image !== undefined ? [registryOf(objectStore.image)] : [];
  const upstream = Object.values(images).map(({ repository }) => registryOf(repository));
  const used = [...new Set([...(imageMirror === undefined ? upstream : [registryOf(imageMirror)]), ...others])];
  if (registry === undefined) {
    if (imageMirror !== undefined) return [];
    const mirror = or("where a mirror wants the login", ask(["platform", "imageMirror"], "prefix of the mirror"));
    const reason = "is missing: without `imageMirror` nothing says which registry the login is for";
    return [broken(path, reason, by(oneOf(used)), mirror)];
  }
  if (used.includes(registry)) return [];
  const likely = dockerHub.includes(registry) && used.includes("docker.io") ? "docker.io" : closest(registry, used);
  const reason = `(${registry}) is where no image comes from: they come from ${used.join(" and ")}`;
  const right = likely === undefined ? oneOf(used) : set(path, likely);
  return [broken(path, reason, by(imageMirror === undefined ? right : remove(path)))];
}

function oneOf(registries: readonly string[]) {
  return ask(path, `one of ${registries.join(", ")}`);
}
