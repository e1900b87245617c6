/** The doctor's look at what keeps strangers out of the realms. */
import { describe, expect, it } from "@jest/globals";

import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { realmRules } from "../../../commands/doctor/realm-rules.ts";
import type { Context } from "../../../commands/doctor/step.ts";
import { realmScript, realmSettingsStep } from "../../../commands/doctor/steps/realm-settings.ts";
import { accessModel } from "../../../components/access/access-model.ts";
import { identitySettings } from "../../../components/identity/settings.ts";

const access = accessModel({ domain: "example.test", realm: "datalab" });
const smtp = { host: "smtp.example.test", from: "datalab@example.test" };
const rules = (settings: object = {}) => realmRules(access, identitySettings.parse(settings));

/** What the pod prints where all is as it should be, but for some fields. */
function printed(realms = rules(), changes: Readonly<Record<string, object>> = {}): string {
  return Object.entries(realms)
    .map(([realm, fields]) => {
      const lines = Object.entries({ ...fields, ...changes[realm] }).map((field) => {
        const [name, value] = field as [string, unknown];
        return value === undefined ? "" : `${JSON.stringify(name)}:${JSON.stringify(value)}\n`;
      });
      return `realm ${realm}\n${lines.join("")}`;
    })
    .join("");
}

async function look(output: string | KubectlError, realms = rules()) {
  const ran: string[][] = [];
  const run = (...args: string[]) => {
    ran.push(args);
    return output instanceof Error ? Promise.reject(output) : Promise.resolve(output);
  };
  const context = { expected: { realms }, kubectl: { run } } as unknown as Context;
  return { outcome: await realmSettingsStep.run(context), ran };
}

describe("the rules of the realms", () => {
  it("hold guessing back in both, and say who may register in the platform's", () => {
    expect(rules()).toMatchObject({
      master: { bruteForceProtected: true, failureFactor: 10, passwordPolicy: expect.stringContaining("length(") },
      datalab: { bruteForceProtected: true, registrationAllowed: false, verifyEmail: false, sslRequired: "external" },
    });
    expect(rules()["master"]).not.toHaveProperty("registrationAllowed");
    expect(rules({ registration: "verified", smtp })["datalab"]).toMatchObject({
      registrationAllowed: true,
      verifyEmail: true,
    });
  });

  it("are asked of Keycloak's pod, without a secret in the command", async () => {
    const { outcome, ran } = await look(printed());
    expect(outcome).toEqual({ status: "passed", note: "master and datalab" });
    expect(ran).toEqual([["datalab-identity", "statefulset/keycloak", "keycloak", realmScript(rules())]]);
  });

  it.each<[string, string | KubectlError, string, RegExp]>([
    [
      "that are others, all of them",
      printed(rules(), {
        master: { bruteForceProtected: false },
        datalab: { passwordPolicy: undefined, verifyEmail: true },
      }),
      "failed",
      /bruteForceProtected of realm master is false, not true; passwordPolicy of realm datalab is missing, not .*; verifyEmail of realm datalab is true, not false/,
    ],
    // A client of the realm could have a field of the same name.
    ["that stand deeper too", `${printed()}"bruteForceProtected":false\n`, "passed", /master/],
    ["of which one realm says nothing", "realm master\nrealm datalab\n", "warning", /nothing of master and datalab/],
    ["that cannot be asked for", new KubectlError("refused", "pods exec is forbidden"), "warning", /exec is forbidden/],
  ])("are looked at: those %s", async (_, output, status, says) => {
    const { outcome } = await look(output);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome).replaceAll('\\"', '"')).toMatch(says);
  });

  it("are those of every other error's own", async () => {
    await expect(look(new TypeError("no such thing") as unknown as KubectlError)).rejects.toThrow("no such thing");
  });
});
