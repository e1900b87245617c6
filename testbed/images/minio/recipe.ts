import { join } from "node:path";

import { ensureMinio } from "../../minio/minio.ts";
import { base, onlyProgramsOf } from "../base.ts";
import { filesLayer } from "../files.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

// Both of upstream's images stand on Red Hat's "micro" image: bash, the core tools, and those of the C library.
const micro = onlyProgramsOf("micro-programs", ["bash", "coreutils", "libc-bin"]);
const path = `PATH=${searchPath}`;

/**
 * The server. The program inside is MinIO's last free version that is served; the platform's image, Silo, goes on from it.
 * @see https://github.com/pgsty/silo/blob/main/Dockerfile.goreleaser
 */
export async function minioImage(): Promise<ImageRecipe> {
  const { server, client } = await ensureMinio();
  return {
    layers: [
      base,
      micro,
      await filesLayer("minio", {
        "/usr/bin/silo": { kind: "file", from: server },
        "/usr/bin/mcli": { kind: "file", from: client },
        "/usr/bin/mc": { kind: "link", to: "mcli" },
        "/usr/bin/docker-entrypoint.sh": { kind: "file", from: join(import.meta.dirname, "docker-entrypoint.sh") },
      }),
    ],
    config: {
      Env: [
        path,
        "MINIO_ACCESS_KEY_FILE=access_key",
        "MINIO_SECRET_KEY_FILE=secret_key",
        "MINIO_ROOT_USER_FILE=access_key",
        "MINIO_ROOT_PASSWORD_FILE=secret_key",
        "MINIO_KMS_SECRET_KEY_FILE=kms_master_key",
        "MINIO_CONFIG_ENV_FILE=config.env",
        "HOME=/tmp",
        "MC_CONFIG_DIR=/tmp/.mc",
      ],
      Entrypoint: ["/usr/bin/docker-entrypoint.sh"],
      Cmd: ["silo"],
      ExposedPorts: { "9000/tcp": {} },
      Volumes: { "/data": {} },
    },
  };
}

/** The client. @see https://github.com/pgsty/mc/blob/main/Dockerfile.goreleaser */
export async function minioClientImage(): Promise<ImageRecipe> {
  const { client } = await ensureMinio();
  return {
    layers: [base, micro, await filesLayer("mc", { "/usr/bin/mc": { kind: "file", from: client } })],
    config: { Env: [path], Entrypoint: ["/usr/bin/mc"] },
  };
}
