/** Every attempt of docs/isolation.md that an API server decides, on a real one with the product's own objects. */
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";

import { type ControlPlane, startControlPlane } from "../../testbed/control-plane/control-plane.ts";
import { controlPlaneTools } from "../../testbed/control-plane/tools.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";
import { minorVersions } from "../../checks/preflight/version.ts";
import { actors, type Attempt, wordsOf } from "../support/isolation/attempt.ts";
import { groups, withEveryRight, withHyphens } from "../support/isolation/attempts.ts";
import { change, furnish, giveEveryRight, inForce } from "../support/isolation/platform.ts";
import { type Answer, ApiServer } from "../support/isolation/server.ts";
import { countedKinds, creatableKinds } from "../support/isolation/kinds.ts";
import { allPolicies } from "../support/workspaces.ts";

jest.setTimeout(120_000);

const all = groups.flatMap(({ attempts }) => attempts);
const policyNames = Object.keys(allPolicies());

let plane: ControlPlane;
let server: ApiServer;
/** What refusals said, to see at the end which rules have spoken. */
const refusals: string[] = [];

/** The newest is the API server's own; older ones it emulates: APIs, features and defaults. */
const versions = [
  { version: `1.${minorVersions.newest}`, emulatedVersion: undefined },
  { version: `1.${minorVersions.oldest}`, emulatedVersion: `1.${minorVersions.oldest}` },
];

describe.each(versions)("Kubernetes $version", ({ version, emulatedVersion }) => {
  beforeAll(async () => {
    refusals.length = 0;
    const tools = await ensureToolchain();
    plane = await startControlPlane({ owned: true, tools: controlPlaneTools(tools), emulatedVersion });
    server = new ApiServer(plane.kubeconfig);
    await furnish(server);
    await Promise.all(firstOfEach(all).map((attempt) => inForce(server, attempt)));
  }, 300_000);

  afterAll(async () => {
    server.close();
    await plane.stop();
  }, 60_000);

  it("is that version", async () => {
    const { major, minor, emulationMinor = minor } = (await server.read("/version")) as Record<string, string>;
    expect(`${major}.${emulationMinor}`).toBe(version);
  });

  describe.each(groups)("$title", ({ attempts }) => {
    it.each(named(attempts))("%s", async (_name, attempt) => {
      await tryOut(attempt);
    });
  });

  describe(withEveryRight.title, () => {
    beforeAll(async () => {
      await giveEveryRight(server);
    });

    it.each(named(withEveryRight.attempts))("%s", async (_name, attempt) => {
      await tryOut(attempt);
    });
  });

  describe("the rules", () => {
    it.each(policyNames)("of %s have each refused something", (name) => {
      const { spec } = allPolicies()[name] as { spec: { validations: readonly { message: string }[] } };
      const silent = spec.validations.filter(({ message }) => !refusals.some((text) => text.includes(message)));
      expect(silent.map(({ message }) => message)).toEqual([]);
    });

    it("count every kind of object that an owner may create", async () => {
      const counted = countedKinds();
      const admin = await server.read("/apis/rbac.authorization.k8s.io/v1/clusterroles/admin");
      expect(creatableKinds(admin).filter((kind) => !counted.includes(kind))).toEqual([]);
    });
  });

  describe(withHyphens.title, () => {
    beforeAll(async () => {
      await change(server, { hyphenatedNames: true });
      await Promise.all(
        withHyphens.attempts
          .filter(({ no }) => ["I4h", "A22h"].includes(no))
          .map((attempt) => inForce(server, attempt)),
      );
    });

    it.each(named(withHyphens.attempts))("%s", async (_name, attempt) => {
      await tryOut(attempt);
    });
  });
});

async function tryOut(attempt: Attempt): Promise<void> {
  const answers = await answersTo(attempt);
  const last = answers.find(({ status }) => status >= 400) ?? answers.at(-1)!;
  expect({ ...last, refused: last.status >= 400 }).toMatchObject({
    refused: attempt.expected === "refused",
    text: expect.stringContaining(attempt.expected === "refused" ? wordsOf(attempt) : (attempt.says ?? "")),
  });
  if (last.status >= 400) refusals.push(last.text);
}

/** Its calls, some at a time, until one is refused. */
async function answersTo({ who, make }: Attempt): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let index = 0; index < make.length && answers.every(({ status }) => status < 400); index += 10) {
    const calls = make.slice(index, index + 10);
    answers.push(...(await Promise.all(calls.map((call) => decided(who, call)))));
  }
  return answers;
}

/** Calls at one time count in the same quota. An API server that has lost the race too often asks to try again: that decides nothing. */
async function decided(who: Attempt["who"], call: Attempt["make"][number]): Promise<Answer> {
  for (;;) {
    const answer = await server.attempt(who, call);
    if (!answer.text.includes("the object has been modified")) return answer;
  }
}

function named(attempts: readonly Attempt[]): [string, Attempt][] {
  return attempts.map((attempt) => {
    const verb = attempt.expected === "refused" ? "may not" : "may";
    return [`${attempt.no}: a ${actors[attempt.who]} ${verb}: ${attempt.attempt}`, attempt];
  });
}

/** One attempt for each policy. */
function firstOfEach(attempts: readonly Attempt[]): Attempt[] {
  const found = policyNames.map((name) => attempts.find(({ by, expected }) => by === name && expected === "refused"));
  return found.map((attempt, index) => {
    if (attempt === undefined) throw new Error(`no attempt is refused by ${policyNames[index] ?? ""}`);
    return attempt;
  });
}
