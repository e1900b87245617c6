import { directoryPackages } from "../../directory/directory.ts";
import { addition, base } from "../base.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

/**
 * Upstream's image is Debian's package beside a script of its own, which the platform does not start.
 * @see https://github.com/vegardit/docker-openldap/blob/main/image/Dockerfile
 */
export function openldapImage(): Promise<ImageRecipe> {
  return Promise.resolve({
    layers: [base, addition("openldap", directoryPackages)],
    config: { Env: [`PATH=${searchPath}`], Cmd: ["/bin/bash"], ExposedPorts: { "389/tcp": {} } },
  });
}
