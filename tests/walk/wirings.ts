/** Slips in the wiring between components: each must be found, and named. */
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { checkout } from "../../testbed/engine/dev-stack.ts";
import { openEngine } from "../../testbed/engine/engine.ts";
import { namespaces } from "../../components/names.ts";
import { brokenCheckout } from "./broken-checkout.ts";
import { examineAsAlice } from "./doctor.ts";
import { alone, type Breakage } from "./slips.ts";
import { wallSlips } from "./wall-slips.ts";
import { minutes, type Walk } from "./walk.ts";

export const wirings: readonly Breakage[] = [
  alone({
    title: "the portal's redirect URI is another one",
    file: "components/access/access-model.ts",
    from: "redirectUris: [`${portalUrl}/*`]",
    to: "redirectUris: [`${portalUrl}/elsewhere/*`]",
    step: "login",
    says: /redirect/i,
  }),
  alone({
    title: "tokens do not name the store as their audience",
    file: "components/identity/clients.ts",
    from: "const mappers = [audienceMapper(access.objectStore.audience), policyMapper(access)",
    to: "const mappers = [policyMapper(access)",
    step: "storage-token",
    says: /meant for/,
  }),
  alone({
    title: "tokens name a policy that the store does not have",
    file: "components/identity/claims.ts",
    from: '"claim.value": objectStore.policyName',
    to: '"claim.value": "everything"',
    step: "storage-token",
    says: /policy/,
  }),
  // Neither the portal's API nor the store may have to begin anew meanwhile: both ask the realm then, and would wait.
  alone({
    title: "the ingress controller may not talk to Keycloak",
    file: "components/identity/keycloak.ts",
    from: "fromPeers([podsOf(ingress.namespace), podsOf(namespace, reconcileWorkload)], httpPort)",
    to: "fromPeers([podsOf(namespace, reconcileWorkload)], httpPort)",
    step: "discovery",
    says: /50[24]/,
    renews: [namespaces.ingress, "traefik"],
  }),
  alone({
    title: "the policy opens another bucket than the portal shows",
    file: "components/object-store/bucket-policy.ts",
    from: "homeOf(access, `\\${jwt:${access.claims.username}}`)",
    to: "homeOf(access, `x\\${jwt:${access.claims.username}}`)",
    step: "own-bucket",
    says: /user-alice|denied/i,
  }),
  alone({
    title: "the store answers the pages of another site",
    file: "components/object-store/server.ts",
    from: "MINIO_API_CORS_ALLOW_ORIGIN: addresses.portal",
    to: "MINIO_API_CORS_ALLOW_ORIGIN: addresses.identity",
    step: "cors",
    says: /portal|datalab\.demo\.test|origin/i,
  }),
  alone({
    title: "the ingress controller does not find the certificate",
    file: "components/ingress/traefik.ts",
    from: "secretName: secrets.platform",
    to: 'secretName: "nowhere"',
    step: "certificate:portal",
    says: /trust|certificate/i,
    // The store asks the realm when it starts, and would wait for a certificate that it trusts.
    neverReady: true,
  }),
  alone({
    title: "the portal's API asks for the realm by another name",
    file: "components/portal/environment.ts",
    from: '"oidc.issuer-uri": realm.issuerUrl',
    to: '"oidc.issuer-uri": `${realm.issuerUrl}x`',
    step: "pods:portal",
    says: /onyxia-api does not start.*(issuer|404)/,
    neverReady: true,
  }),
  alone({
    title: "the portal's API does not find the realm's host",
    file: "components/portal/api-pod.ts",
    from: "hostAliases: hostAliases(args.publicHosts, ...args.calledHosts)",
    // Without any, the cluster's DNS would help.
    to: 'hostAliases: [{ ip: "127.0.0.1", hostnames: [...args.calledHosts] }]',
    step: "pods:portal",
    says: /onyxia-api does not start.*auth\.demo\.test/,
    neverReady: true,
  }),
  // After those that leave the pod before in service: it would show this one's.
  alone({
    title: "the portal's region names another region of the store",
    file: "components/portal/region.ts",
    from: "region: objectStore.region",
    to: 'region: "elsewhere"',
    step: "portal-configuration",
    says: /elsewhere/,
  }),
  ...wallSlips,
];

interface Failure {
  readonly id: string;
  readonly says: string;
}

/** The steps of the doctor that fail, in their order. */
async function failures(walk: Walk, write: boolean): Promise<readonly Failure[]> {
  const { steps } = await examineAsAlice(walk, { write });
  return steps.flatMap((step) => (step.status === "failed" ? [{ id: step.id, says: step.problem }] : []));
}

interface Search {
  readonly write: boolean;
  /** In milliseconds. */
  readonly patience: number;
}

/** The failures that are the expected ones; the last that were seen if none are. */
async function failuresLike(
  walk: Walk,
  areExpected: (found: readonly Failure[]) => boolean,
  { write, patience }: Search,
): Promise<readonly Failure[]> {
  const deadline = Date.now() + patience;
  let found = await failures(walk, write);
  while (!areExpected(found) && Date.now() < deadline) found = await failures(walk, write);
  return found;
}

/**
 * Whether the doctor has found what was broken. One slip is to be the first thing that it says: what fails behind that
 * fails because of it. Of several each is to be said, and nothing else.
 */
function areNamed(found: readonly Failure[], { slips }: Breakage): boolean {
  const traces = slips.flatMap((slip) => slip.found);
  const concerned = slips.length === 1 ? found.slice(0, 1) : found;
  return (
    traces.every(({ step, says }) => concerned.some((failure) => failure.id === step && says.test(failure.says))) &&
    concerned.every(({ id }) => traces.some(({ step }) => step === id))
  );
}

/** The ingress controller learns of new pods a moment after they are ready. */
const aMoment = 15_000;

/** Each slip is installed and found; the next one takes it back. */
export function brokenWirings(walk: () => Walk): void {
  describe("a slip in the wiring", () => {
    // With some slips nobody can log in.
    beforeAll(async () => {
      await walk().person("alice");
    }, 10 * minutes);

    const install = async (project: string, readyTimeout = "20m") => {
      const { platform } = walk();
      platform.configure((config) => {
        config["datalab:platform"] = { ...config["datalab:platform"], readyTimeout };
      });
      const { toolchain, folder, engine } = platform;
      const state = join(folder, "state");
      const { stackFile } = engine;
      const other = await openEngine({ toolchain, state, project, stack: "dev", stackFile, checkpoints: false });
      return other.up();
    };

    /** Lets go of all connections of a part: those that are open outlive a policy that forbids them. */
    const renew = async (namespace: string, name: string) => {
      const { platform } = walk();
      const pods = ["pods", "--namespace", namespace, "-l", `app.kubernetes.io/name=${name}`];
      await platform.kubectl(["delete", ...pods, "--grace-period=1"]);
      await platform.kubectl(["rollout", "status", `deployment/${name}`, "--namespace", namespace, "--timeout=5m"]);
    };

    it.each(wirings.map((breakage) => [breakage.slips.map(({ title }) => title).join("; "), breakage] as const))(
      "is found: %s",
      async (_, breakage) => {
        const { slips, neverReady = false, renews, writes: write = false } = breakage;
        const project = brokenCheckout(join(walk().platform.folder, "broken"), slips);
        const { text } = await install(project, neverReady ? "45s" : undefined);
        if (text.includes("failed with an unhandled exception"))
          throw new Error(`the slip breaks the program:\n${text}`);
        if (renews !== undefined) await renew(...renews);
        await walk().settled();
        // A program that cannot stay has to start and end first.
        const patience = neverReady ? 5 * minutes : aMoment;
        const found = await failuresLike(walk(), (seen) => areNamed(seen, breakage), { write, patience });
        if (!areNamed(found, breakage)) {
          const due = slips.flatMap((slip) => slip.found.map(({ step, says }) => `${step} to say ${String(says)}`));
          throw new Error(`expected ${due.join(", ")}, not ${JSON.stringify(found)}\n${text}`);
        }
      },
      20 * minutes,
    );

    it(
      "is mended by the program without it",
      async () => {
        const { exitCode, text } = await install(checkout);
        if (exitCode !== 0) throw new Error(`pulumi up: exit code ${exitCode}\n${text}`);
        await walk().settled();
        const areNone = (found: readonly Failure[]) => found.length === 0;
        // Walls hold, and no longer hold, when the network has heard of them.
        expect(await failuresLike(walk(), areNone, { write: true, patience: 5 * minutes })).toEqual([]);
      },
      20 * minutes,
    );
  });
}
