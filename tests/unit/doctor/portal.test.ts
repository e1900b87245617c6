/** What the doctor says of the portal's configuration and of a logout. */
import { describe, expect, it } from "@jest/globals";

import { type Browser } from "../../../commands/doctor/browser.ts";
import { expectationsOf } from "../../../commands/doctor/expectations.ts";
import { type Context } from "../../../commands/doctor/step.ts";
import { stepsFor } from "../../../commands/doctor/steps/all.ts";
import { logoutStep } from "../../../commands/doctor/steps/login.ts";
import { configurationStep } from "../../../commands/doctor/steps/portal.ts";
import type { Settings } from "../../../stacks/settings/schemas.ts";
import { contextWith, s3, aws, minimal } from "../../support/doctor-context.ts";

describe("the portal's configuration", () => {
  it("of an earlier version is told by its differences, whatever is missing", async () => {
    const context = (settings: Settings) => {
      const expected = expectationsOf(settings);
      const { access, region } = expected;
      const old = { ...region, data: { S3: { ...region.data.S3, sts: { URL: "https://s3.example.test" } } } };
      const oidcConfiguration = { issuerURI: access.issuerUrl, clientID: access.portal.clientId };
      const text = JSON.stringify({ regions: [old], oidcConfiguration });
      const request = () => Promise.resolve({ status: 200, headers: {}, text });
      return contextWith({ expected, web: { request } as unknown as Context["web"] });
    };
    expect(await configurationStep.run(context(minimal()))).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("regions[0].data.S3.sts.role.profileName is missing"),
    });
    expect(await configurationStep.run(context(minimal({ objectStore: s3, aws })))).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("names no store, or not the role"),
    });
  });
});

describe("a logout", () => {
  it.each([
    [200, "<p>You are logged out</p>", "passed"],
    [200, "<form action=confirm></form>", "warning"],
    [400, "Invalid parameter: id_token_hint", "warning"],
  ])("that is answered %d %s: %s", async (status, html, expected) => {
    const opened: string[] = [];
    const browser = {
      open: (address: string) => {
        opened.push(address);
        return Promise.resolve({ url: new URL(address), status, html });
      },
    } as unknown as Browser;
    const options = { user: "ada" } as Context["options"];
    const context = contextWith({ expected: expectationsOf(minimal()), options, facts: { browser, idToken: "hint" } });
    expect(await logoutStep.run(context)).toMatchObject({ status: expected });
    expect(opened).toEqual([
      "https://auth.example.test/realms/datalab/protocol/openid-connect/logout?id_token_hint=hint",
    ]);
  });

  it("needs nothing but the login, and is the last that a person does", () => {
    expect(logoutStep.needs).toEqual(["login"]);
    const ids = stepsFor(expectationsOf(minimal())).map(({ id }) => id);
    const cluster =
      /^((pods|volumes):.*|launcher(-log)?|launch-(form|rules)|policies|rights|workspaces|network-policies|realm-settings|images)$/;
    expect(ids.filter((id) => !cluster.test(id)).at(-1)).toBe("logout");
  });
});
