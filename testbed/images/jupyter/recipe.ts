import { installPython, pythonFolder } from "../../notebook/notebook.ts";
import { debianFormat, type DebianTree, makeDebianTree } from "../debian.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

const home = "/home/jovyan";

const tree: DebianTree = {
  suite: "trixie",
  packages: ["ca-certificates", "python3-venv"],
  after: [
    `python3 -m venv ${pythonFolder}`,
    `sh -c "echo jovyan:x:1000:100::${home}:/bin/bash >> /etc/passwd"`,
    `install -d -o 1000 -g 100 ${home}`,
  ],
};

const packages = ["jupyterlab==4.6.6"];

/**
 * Jupyter from PyPI in the place of conda's, with what the platform leans on: its user, its home, its port, its token.
 * @see https://github.com/jupyter/docker-stacks/blob/main/images/base-notebook/Dockerfile
 */
export function notebookImage(): Promise<ImageRecipe> {
  return Promise.resolve({
    layers: [
      {
        name: "jupyter",
        identity: JSON.stringify([debianFormat, tree, packages]),
        fill: async (folder, workshop) => {
          await makeDebianTree(tree, folder, workshop);
          await installPython(folder, packages, workshop);
        },
      },
    ],
    config: {
      User: "1000:100",
      Env: [`PATH=${pythonFolder}/bin:${searchPath}`, `HOME=${home}`, "LANG=C.UTF-8"],
      Cmd: ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", `--ServerApp.root_dir=${home}`],
      ExposedPorts: { "8888/tcp": {} },
    },
  });
}
