import { join } from "node:path";

import { debian } from "../base.ts";
import { filesLayer } from "../files.ts";
import { type ImageRecipe, searchPath } from "../recipe.ts";

/** User and group of the image. */
const postgres = [999, 999] as const;

/**
 * PostgreSQL 18 is in Debian's unstable suite alone, so this image has a Debian of its own.
 * @see https://github.com/docker-library/postgres/blob/master/18/trixie/Dockerfile
 */
export async function postgresImage(): Promise<ImageRecipe> {
  const programs = "/usr/lib/postgresql/18/bin";
  const tree = debian("postgres-debian", {
    suite: "sid",
    packages: ["ca-certificates", "locales", "postgresql-18", "libnss-wrapper", "xz-utils", "zstd"],
    // The package would take whatever number is free.
    before: [
      `sh -c "echo postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/bash >> /etc/passwd"`,
      `sh -c "echo postgres:x:999: >> /etc/group"`,
    ],
    after: [
      "localedef -i en_US -f UTF-8 en_US.UTF-8",
      "rm -rf /usr/share/i18n",
      // A cluster that Debian's scripts have made; the image makes its own when it starts.
      "rm -rf /var/lib/postgresql/18 /etc/postgresql/18",
      `sed -ri "s/^#?(listen_addresses) *=.*/\\1 = '*'/" /usr/share/postgresql/18/postgresql.conf.sample`,
    ],
  });
  return {
    layers: [
      tree,
      await filesLayer("postgres", {
        "/usr/local/bin/docker-entrypoint.sh": {
          kind: "file",
          from: join(import.meta.dirname, "docker-entrypoint.sh"),
        },
        "/docker-entrypoint-initdb.d": { kind: "folder" },
        "/var/lib/postgresql": { kind: "folder", mode: 0o1777, owner: postgres },
        "/run/postgresql": { kind: "folder", mode: 0o3777, owner: postgres },
      }),
    ],
    config: {
      Env: [`PATH=${searchPath}:${programs}`, "LANG=en_US.utf8", "PG_MAJOR=18", "PGDATA=/var/lib/postgresql/18/docker"],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["postgres"],
      ExposedPorts: { "5432/tcp": {} },
      Volumes: { "/var/lib/postgresql": {} },
      // "Fast shutdown": ends sessions instead of waiting for them.
      StopSignal: "SIGINT",
    },
  };
}
