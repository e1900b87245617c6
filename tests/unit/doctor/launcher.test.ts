/** The doctor's steps on the launcher, against a cluster of plain objects. */
import { describe, expect, it } from "@jest/globals";

import { launcherLogStep } from "../../../commands/doctor/steps/launcher-log.ts";
import { launchFormStep } from "../../../commands/doctor/steps/launch-form.ts";
import { launcherStep } from "../../../commands/doctor/steps/launcher.ts";
import { servicesStep } from "../../../commands/doctor/steps/services.ts";
import {
  settings,
  portal,
  apiLog,
  apiDeployment,
  cluster,
  outcomeOf,
  refused,
  type Objects,
  type Bench,
} from "../../support/doctor-walls-bench.ts";

describe("the launcher", () => {
  const deployment = (volumeMounts: object[]) => ({
    spec: { template: { spec: { containers: [{ volumeMounts }] } } },
  });

  it.each<[string, Objects, string, RegExp]>([
    ["where the API looks for helm", cluster(), "passed", /passed/],
    [
      "which is not mounted",
      { ...cluster(), [apiDeployment]: deployment([{ name: "launcher", mountPath: "/launcher" }]) },
      "failed",
      /no launcher at \/usr\/local\/sbin\/helm/,
    ],
    [
      "under another file's name",
      {
        ...cluster(),
        [apiDeployment]: deployment([{ name: "launcher", mountPath: "/usr/local/sbin/helm", subPath: "x" }]),
      },
      "failed",
      /no launcher at \/usr\/local\/sbin\/helm/,
    ],
    [
      "of another version",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: { data: { helm: "#!/bin/sh" } } },
      "failed",
      /helm in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    ],
    [
      "with two other files",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: { data: { helm: "", more: "" } } },
      "failed",
      /helm in ConfigMap .*; .*more in ConfigMap datalab-portal\/onyxia-launcher is another one/,
    ],
    [
      "that is not there",
      { ...cluster(), [`${portal}/configmaps/onyxia-launcher`]: undefined },
      "failed",
      /no ConfigMap/,
    ],
  ])("is looked for: one %s", async (_, objects, status, says) => {
    const outcome = await outcomeOf(launcherStep, { objects });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it.each<[string, Bench, string, RegExp]>([
    ["as they are declared", {}, "passed", /19 of them/],
    [
      "of public certificates",
      { of: settings({ certificates: { issuer: "existing", issuerName: "public" } }) },
      "passed",
      /19 of them/,
    ],
    [
      "with another text",
      { objects: { ...cluster(), [`${portal}/configmaps/onyxia-schemas`]: { data: { "spark.json": "{}" } } } },
      "failed",
      /in ConfigMap datalab-portal\/onyxia-schemas is another one/,
    ],
    [
      "that the API does not find",
      { objects: { ...cluster(), [apiDeployment]: deployment([]) } },
      "failed",
      /no \/schemas\/default\/ide\/resources\.json, no .*\/certificates\.json: it takes/,
    ],
  ])("is held to the schemas: those %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(launchFormStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  const line = (text: string) => `2026-11-29T11:59:59.5Z ${text}\n`;

  it.each<[string, unknown, string, RegExp]>([
    ["nothing", line("2026 INFO launched"), "passed", /none failed/],
    ["a refused launch", line("launcher: the launch of a in user-bob failed"), "warning", /Something failed.*user-bob/],
    [
      "several, the newest first",
      `${line("launcher: helm ls in user-bob failed")}2026-11-29T11:00:00Z launcher: PATCH /api: 403\n`,
      "warning",
      /2 things failed in the launcher, last: launcher: helm ls in user-bob/,
    ],
    ["walls that were refused", line("launcher: PATCH /api/v1: 403"), "warning", /refuses what the launcher puts/],
    ["no log", refused, "warning", /cannot be told whether launches failed/],
  ])("is heard in the API's log: %s", async (_, log, status, says) => {
    const outcome = await outcomeOf(launcherLogStep, { objects: { ...cluster(), [apiLog]: log } });
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });

  it.each<[string, Bench, string, RegExp]>([
    ["lists them", {}, "passed", /0 in user-alice/],
    [
      "fails for the user",
      { objects: { ...cluster(), [apiLog]: line("launcher: helm ls in user-alice failed") } },
      "failed",
      /fails in user-alice/,
    ],
    [
      "fails for everybody",
      { objects: { ...cluster(), [apiLog]: line("launcher: the EndpointSlice names none") } },
      "failed",
      /EndpointSlice/,
    ],
    [
      "fails for a neighbour",
      { objects: { ...cluster(), [apiLog]: line("launcher: helm ls in user-alicia failed") } },
      "passed",
      /user-alice/,
    ],
    [
      "is refused by Kubernetes",
      { web: { status: 500, text: "pods is forbidden" } },
      "failed",
      /answers 500: pods is forbidden/,
    ],
    [
      "has no workspace yet",
      { objects: { ...cluster(), "/api/v1/namespaces/user-alice": undefined } },
      "passed",
      /first opens/,
    ],
  ])("is asked for the user's services: it %s", async (_, bench, status, says) => {
    const outcome = await outcomeOf(servicesStep, bench);
    expect(outcome).toMatchObject({ status });
    expect(JSON.stringify(outcome)).toMatch(says);
  });
});
