/** The command line of the doctor, and the password that it asks for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { parseOptions } from "../../../commands/doctor/options.ts";
import { UsageError } from "../../../commands/usage-error.ts";
import { readPassword } from "../../../commands/doctor/password.ts";
import { authority } from "../../support/certificates.ts";

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "datalab-doctor-test-"));
  writeFileSync(join(project, "Pulumi.dev.yaml"), "config:\n  datalab:platform:\n    domain: example.test\n");
  writeFileSync(join(project, "ca.crt"), authority);
  writeFileSync(join(project, "notes.txt"), "hello");
});

afterAll(() => {
  rmSync(project, { recursive: true });
});

function problemsOf(...args: string[]): readonly string[] {
  try {
    parseOptions(args, project);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
}

describe("the command line", () => {
  it("gives defaults, and takes what is written", () => {
    expect(parseOptions(["-s", "dev"], project)).toEqual({
      stack: "dev",
      stackFile: join(project, "Pulumi.dev.yaml"),
      address: undefined,
      httpsPort: undefined,
      httpPort: undefined,
      authorities: undefined,
      user: undefined,
      write: false,
      json: false,
      timeout: 10,
      expiryDays: 14,
    });
    const args = ["--stack=somebody/datalab/dev", "--address", "192.0.2.1", "--https-port", "30443", "--timeout=3"];
    expect(parseOptions([...args, "--user", "ada", "--write", "--ca", join(project, "ca.crt")], project)).toMatchObject(
      {
        stackFile: join(project, "Pulumi.dev.yaml"),
        address: "192.0.2.1",
        httpsPort: 30_443,
        timeout: 3,
        user: "ada",
        write: true,
        authorities: authority,
      },
    );
    expect(parseOptions(["--help"], project)).toBe("help");
  });

  it("reports every mistake at once", () => {
    const args = ["--adress", "x", "--timeout", "0", "--https-port", "70000", "--write", "--json=yes"];
    const problems = problemsOf(...args, "--ca", join(project, "notes.txt"), "--address", "nowhere", "--user");
    for (const expected of [
      /^--adress is not an option, did you mean --address\?$/,
      /^"x" is not an option$/,
      /^--timeout must be a whole number from 1 to 600, not "0"$/,
      /^--https-port must be/,
      /^--json takes no value$/,
      /^--user needs a value$/,
      /^--ca .* does not hold certificates of an authority/,
      /^--address must be an IP address, not "nowhere"$/,
      /^-s <stack> is missing$/,
      /^--write needs --user/,
    ]) {
      expect(problems).toContainEqual(expect.stringMatching(expected));
    }
    expect(problems).toHaveLength(10);
  });

  it("does not take an option for the value of the one before it", () => {
    expect(problemsOf("-s", "dev", "--user", "--json")).toEqual(["--user needs a value, not --json"]);
  });

  it("names the stacks that there are", () => {
    expect(problemsOf("-s", "prd")).toEqual([
      expect.stringMatching(/there is no .*Pulumi\.prd\.yaml; stacks here: dev/),
    ]);
  });

  it("takes no password, and does not repeat it", () => {
    const problems = problemsOf("-s", "dev", "--user", "ada", "--password", "s3cret", "--password=s3cret");
    expect(problems[0]).toContain("DATALAB_PASSWORD");
    expect(problems.join("\n")).not.toContain("s3cret");
  });
});

describe("the password", () => {
  const surroundings = (environment: NodeJS.ProcessEnv, text: string) => {
    const input = new PassThrough();
    input.end(text);
    return { environment, input, errors: new PassThrough() };
  };

  it("comes from the environment, else from standard input", async () => {
    expect(await readPassword("ada", surroundings({ DATALAB_PASSWORD: "a b" }, "c"))).toBe("a b");
    expect(await readPassword("ada", surroundings({}, "c d\nsecond line\n"))).toBe("c d");
    await expect(readPassword("ada", surroundings({}, ""))).rejects.toThrow(UsageError);
  });

  it("is asked for on a terminal and not shown", async () => {
    const errors = new PassThrough();
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const answer = readPassword("ada", { environment: {}, input, errors });
    input.write("s3cret\r");
    expect(await answer).toBe("s3cret");
    expect((errors.read() as Buffer).toString()).toBe("Password of ada: \n");
  });
});
