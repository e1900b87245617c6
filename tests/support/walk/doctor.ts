/** The operator's own walk, on the same platform: see docs/doctor.md. */
import { dirname, delimiter } from "node:path";
import process from "node:process";

import { describe, expect, it } from "@jest/globals";

import { run } from "../doctor-bench.ts";
import { minutes, type Walk } from "./walk.ts";

interface Report {
  readonly usable: boolean;
  readonly steps: readonly { readonly id: string; readonly status: string }[];
}

export function doctorsVisit(walk: () => Walk): void {
  describe("the doctor", () => {
    it(
      "finds the platform usable, as a user who may write",
      async () => {
        const { platform, client } = walk();
        await walk().person("alice");
        const way = ["--address", "127.0.0.1", "--https-port", client.httpsPort, "--http-port", client.httpPort];
        const stack = ["-s", "dev", "--config-file", platform.engine.stackFile, "--timeout", "60"];
        const options = [...stack, ...way.map(String), "--user", "alice", "--write", "--json"];
        const { code, text } = await run(options, {
          environment: {
            ...process.env,
            PATH: [dirname(platform.toolchain.path("kubectl")), process.env["PATH"]].join(delimiter),
          },
          input: `${walk().chosenPassword("alice")}\n`,
        });
        if (code !== 0) throw new Error(`the doctor does not find the platform usable:\n${text}`);
        const { usable, steps } = JSON.parse(text) as Report;
        expect(usable).toBe(true);
        expect(steps.filter(({ status }) => status !== "passed")).toEqual([]);
        expect(steps.map(({ id }) => id)).toEqual(expect.arrayContaining(["own-bucket", "foreign-bucket", "write"]));
      },
      5 * minutes,
    );
  });
}
