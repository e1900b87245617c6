/** A person's path through the whole platform on a real node, in a real browser. The parts are in tests/support/walk. */
import { afterAll, beforeAll, describe, jest } from "@jest/globals";

import { realPlatformObstacle } from "../support/real-platform.ts";
import { doctorsVisit } from "../walk/doctor.ts";
import { launchesByPage } from "../walk/catalogue-page.ts";
import { documented } from "../walk/documented.ts";
import { escalation } from "../walk/escalation.ts";
import { forgeries } from "../walk/forgeries.ts";
import { launches } from "../walk/launch.ts";
import { firstLogin } from "../walk/login.ts";
import { refusals } from "../walk/refusals.ts";
import { networkPolicies } from "../walk/network.ts";
import { recovery } from "../walk/recovery.ts";
import { settingsChange } from "../walk/settings.ts";
import { smuggling } from "../walk/smuggling.ts";
import { wayIn } from "../walk/tls.ts";
import { minutes, Walk } from "../walk/walk.ts";
import { brokenWirings } from "../walk/wirings.ts";

const obstacle = realPlatformObstacle();
const describeWalk = obstacle === undefined ? describe : describe.skip;

// For steps that say nothing else: a busy machine takes its time.
jest.setTimeout(2 * minutes);

describeWalk(`the walk${obstacle === undefined ? "" : ` (skipped: ${obstacle})`}`, () => {
  let begun: Walk | undefined;
  const walk = (): Walk => {
    if (begun === undefined) throw new Error("the platform did not start");
    return begun;
  };

  beforeAll(async () => {
    begun = await Walk.begin();
  }, 60 * minutes);

  afterAll(async () => {
    await begun?.end();
  }, 2 * minutes);

  firstLogin(walk);
  launches(walk);
  launchesByPage(walk);
  refusals(walk);
  forgeries(walk);
  escalation(walk);
  settingsChange(walk);
  wayIn(walk);
  smuggling(walk);
  networkPolicies(walk);
  recovery(walk);
  doctorsVisit(walk);
  documented(walk);
  // Last: it leaves the platform as it was, with other pods.
  brokenWirings(walk);
});
