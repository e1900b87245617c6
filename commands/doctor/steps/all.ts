import type { Expectations } from "../expectations.ts";
import type { Running } from "../../../components/part.ts";
import type { Step } from "../step.ts";
import { foreignBucketStep, ownBucketStep } from "./buckets.ts";
import { authorityStep, certificateStep, connectionStep } from "./certificates.ts";
import { clockStep } from "./clock.ts";
import { clusterStep } from "./cluster.ts";
import { exchangeStep } from "./exchange.ts";
import { imagesStep } from "./images.ts";
import { launchFormStep } from "./launch-form.ts";
import { launchRulesStep } from "./launch-rules.ts";
import { launcherStep } from "./launcher.ts";
import { launcherLogStep } from "./launcher-log.ts";
import { loginStep, logoutStep, storageLoginStep } from "./login.ts";
import { ingressAddress, nameStep } from "./names.ts";
import { networkPoliciesStep } from "./network-policies.ts";
import { notebooksStep } from "./notebooks.ts";
import { packagesStep } from "./packages.ts";
import { policiesStep, rightsStep } from "./policies.ts";
import { catalogueStep, configurationStep, pagesStep, portalLoginStep } from "./portal.ts";
import { discoveryStep } from "./realm.ts";
import { realmSettingsStep } from "./realm-settings.ts";
import { redirectStep } from "./redirects.ts";
import { servicesStep } from "./services.ts";
import { corsStep, storeStep } from "./store.ts";
import { storageTokenStep, tokenStep } from "./tokens.ts";
import { volumeStep } from "./volumes.ts";
import { workloadStep } from "./workloads.ts";
import { workspaceConnectionsStep } from "./workspace-connections.ts";
import { workspacesStep } from "./workspaces.ts";
import { writeStep } from "./write.ts";

/**
 * Every step, in the order of a person's way: from the name in the address bar to the own bucket, then the walls around
 * people's services, and what runs it all.
 */
export function stepsFor(expected: Expectations): Step[] {
  const { catalogs, notebooks, packages, parts, publicHosts } = expected;
  const served = publicHosts.flatMap((host) => (host.path === undefined ? [] : [{ host, path: host.path }]));
  return [
    clusterStep,
    authorityStep,
    ingressAddress,
    ...publicHosts.map(nameStep),
    ...publicHosts.map(connectionStep),
    ...served.map(({ host, path }) => clockStep(host, path)),
    ...publicHosts.map(certificateStep),
    ...served.map(({ host, path }) => redirectStep(host, path)),
    discoveryStep,
    pagesStep,
    configurationStep,
    ...catalogs.map(catalogueStep),
    storeStep(expected),
    corsStep,
    ...(packages === undefined ? [] : [packagesStep(packages)]),
    ...(notebooks === undefined ? [] : [notebooksStep(notebooks)]),
    loginStep,
    tokenStep,
    portalLoginStep,
    storageLoginStep,
    storageTokenStep,
    exchangeStep(expected),
    ownBucketStep,
    foreignBucketStep,
    writeStep,
    servicesStep,
    workspaceConnectionsStep,
    logoutStep,
    launcherStep,
    launchFormStep,
    policiesStep,
    rightsStep,
    launchRulesStep,
    workspacesStep,
    networkPoliciesStep,
    realmSettingsStep,
    launcherLogStep,
    ...parts.map(workloadStep),
    imagesStep,
    ...parts.filter(holdsData).map(volumeStep),
  ];
}

function holdsData({ data = [] }: Running): boolean {
  return data.length > 0;
}
