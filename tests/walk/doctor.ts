/** The operator's own walk, on the same platform: see docs/doctor.md. */
import { dirname, delimiter } from "node:path";
import process from "node:process";

import { describe, expect, it } from "@jest/globals";

import type { Result } from "../../commands/doctor/runner.ts";
import { run } from "../support/doctor-bench.ts";
import { minutes, type Walk } from "./walk.ts";

export interface Report {
  /** Exit code of the command. */
  readonly code: number;
  readonly usable: boolean;
  readonly steps: readonly Result[];
  /** Everything that was printed. */
  readonly text: string;
}

/** Runs the doctor in front of the platform, as alice. */
export async function examineAsAlice(walk: Walk, { write }: { readonly write: boolean }): Promise<Report> {
  const { platform, client } = walk;
  await walk.person("alice");
  const way = ["--address", "127.0.0.1", "--https-port", client.httpsPort, "--http-port", client.httpPort];
  const stack = ["-s", "dev", "--config-file", platform.engine.stackFile, "--timeout", "60"];
  const asAlice = ["--user", "alice", ...(write ? ["--write"] : [])];
  const { code, text } = await run([...stack, ...way.map(String), ...asAlice, "--json"], {
    environment: {
      ...process.env,
      PATH: [dirname(platform.toolchain.path("kubectl")), process.env["PATH"]].join(delimiter),
    },
    input: `${walk.chosenPassword("alice")}\n`,
  });
  const { usable, steps } = JSON.parse(text) as Pick<Report, "usable" | "steps">;
  return { code, usable, steps, text };
}

export function doctorsVisit(walk: () => Walk): void {
  describe("the doctor", () => {
    it(
      "finds the platform usable, as a user who may write",
      async () => {
        const { code, usable, steps, text } = await examineAsAlice(walk(), { write: true });
        if (code !== 0) throw new Error(`the doctor does not find the platform usable:\n${text}`);
        expect(usable).toBe(true);
        // Launches that the walk wanted to be refused are told there, rightly.
        const unhappy = steps.filter(({ id, status }) => status !== "passed" && id !== "launcher-log");
        expect(unhappy).toEqual([]);
        const tried = ["own-bucket", "foreign-bucket", "write", "portal-services", "workspace-connections"];
        expect(steps.map(({ id }) => id)).toEqual(expect.arrayContaining(tried));
      },
      5 * minutes,
    );
  });
}
