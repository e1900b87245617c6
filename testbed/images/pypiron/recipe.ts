import { serverProgram } from "../../../components/packages/names.ts";
import { ensurePypiron } from "../../packages/packages.ts";
import { base, onlyProgramsOf } from "../base.ts";
import { filesLayer } from "../files.ts";
import type { Workshop } from "../layer.ts";
import type { ImageRecipe } from "../recipe.ts";

const user = "65532:65532";

/**
 * Upstream's image has nothing but the program and a bundle of authorities. The program of PyPI's wheel needs the C library,
 * so there is a Debian below, without any of its programs.
 * @see https://github.com/blackthorn-interstellar/pypiron/blob/main/Dockerfile
 */
export async function pypironImage(workshop: Workshop): Promise<ImageRecipe> {
  return {
    layers: [
      base,
      onlyProgramsOf("no-programs", []),
      await filesLayer("pypiron", {
        [serverProgram]: { kind: "file", from: await ensurePypiron(workshop) },
        "/data": { kind: "folder", owner: [65_532, 65_532] },
      }),
    ],
    config: {
      User: user,
      Env: ["PYPIRON_DATA_DIR=/data"],
      Entrypoint: [serverProgram],
      Cmd: ["serve"],
      ExposedPorts: { "8080/tcp": {} },
    },
  };
}
