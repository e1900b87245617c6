/** `npm run doctor`: checks a deployed stack, hop by hop. */
import { lookup } from "node:dns/promises";
import { constants } from "node:os";
import process from "node:process";

import { PlatformError } from "../../components/errors.ts";
import { type Expectations, expectationsOf } from "./expectations.ts";
import { FirstImages, firstImagesFile } from "./first-images.ts";
import { Kubectl } from "../../checks/kubectl/kubectl.ts";
import { UsageError } from "../usage-error.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { readPassword } from "./password.ts";
import { isUsable, jsonOf, summaryOf, textOf } from "./print.ts";
import { runSteps } from "./runner.ts";
import { connectionOf, readSettings } from "../stack-file/connection.ts";
import type { Context, Facts } from "./step.ts";
import { stepsFor } from "./steps/all.ts";
import type { Surroundings } from "./surroundings.ts";
import { WebClient } from "./web-client.ts";

/** Exit codes. */
export const exitCodes = { usable: 0, unusable: 1, usage: 2 } as const;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs everything and returns the exit code. */
export async function doctor(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { output, errors } = surroundings;
  try {
    const options = parseOptions(args, surroundings.project);
    if (options !== "help") return await examine(options, surroundings);
    output.write(`${usage}\n`);
    return exitCodes.usable;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof PlatformError)) throw error;
    const hint = error instanceof UsageError ? "\n\n`npm run doctor -- --help` lists the options." : "";
    errors.write(`${error.message}${hint}\n`);
    return exitCodes.usage;
  }
}

/** The platform's own hosts, and the ports that they are found at. */
export function wayIn({ hosts, publicHosts, publicPorts }: Expectations) {
  return { hosts, publicPorts, ownHosts: publicHosts.filter(({ own }) => own).map(({ host }) => host) };
}

async function examine(options: Options, surroundings: Surroundings): Promise<number> {
  const { environment, project, output } = surroundings;
  const settings = await readSettings(options, surroundings);
  const expected = expectationsOf(settings);
  const password = options.user === undefined ? undefined : await readPassword(options.user, surroundings);
  const { timeout } = options;
  const kubectl = new Kubectl({ ...connectionOf(settings, options, surroundings), project, environment, timeout });
  const contextOf = (facts: Facts): Context => ({
    expected,
    options,
    password,
    kubectl,
    facts,
    web: new WebClient({ ...options, ...wayIn(expected), authorities: facts.authorities ?? [] }),
    firstImages: new FirstImages(firstImagesFile(options.stackFile)),
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    now: () => new Date(),
  });
  // A signal runs no `finally`.
  const end = (signal: NodeJS.Signals) => {
    kubectl.close();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    const results = await runSteps(stepsFor(expected), contextOf, (result) => {
      if (!options.json) output.write(`${textOf(result)}\n`);
    });
    output.write(options.json ? `${jsonOf(options.stack, results)}\n` : `\n${summaryOf(options.stack, results)}\n`);
    return isUsable(results) ? exitCodes.usable : exitCodes.unusable;
  } finally {
    for (const signal of signals) process.off(signal, end);
    kubectl.close();
  }
}
