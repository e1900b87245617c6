/** What a context of a kubeconfig leads to, seen without a network. */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

import type { Obstacle } from "./problem.ts";

interface Named {
  readonly name: string;
}

/** @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
export interface KubeconfigFile {
  readonly "current-context"?: string;
  readonly contexts?: readonly (Named & { readonly context?: { readonly cluster?: string; readonly user?: string } })[];
  readonly clusters?: readonly (Named & { readonly cluster?: { readonly "certificate-authority"?: string } })[];
  readonly users?: readonly (Named & {
    readonly user?: {
      readonly "client-certificate"?: string;
      readonly "client-key"?: string;
      readonly tokenFile?: string;
      readonly exec?: { readonly command?: string; readonly installHint?: string };
    };
  })[];
}

export interface ChosenContext {
  readonly file: KubeconfigFile;
  readonly name: string;
  /** Beginning of a sentence. @example "Kubeconfig ~/.kube/config" */
  readonly where: string;
  /** What paths in it begin at. */
  readonly folder: string;
  /** Programs are looked for in its `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Entries, files and programs that the context names and that are not there. */
export function entryObstacles({ file, name, where, folder, environment }: ChosenContext): Obstacle[] {
  const { cluster, user } = (file.contexts ?? []).find((each) => each.name === name)?.context ?? {};
  const clusterEntry = entryOf(file.clusters, cluster);
  const userEntry = entryOf(file.users, user);
  const obstacles: Obstacle[] = [];
  const say = (message: string, cure: string) => obstacles.push({ message: `${where} ${message}.`, cures: [cure] });

  const anew = "Fetch the kubeconfig anew from whoever runs the cluster.";
  if (cluster === undefined) say(`names no cluster in its context ${name}`, anew);
  else if (clusterEntry === undefined) say(`has no cluster ${cluster}, which its context ${name} names`, anew);
  // Without a user it is anonymous, which some proxies want.
  if (user !== undefined && userEntry === undefined) say(`has no user ${user}, which its context ${name} names`, anew);
  const paths = {
    "certificate-authority": clusterEntry?.cluster?.["certificate-authority"],
    "client-certificate": userEntry?.user?.["client-certificate"],
    "client-key": userEntry?.user?.["client-key"],
    tokenFile: userEntry?.user?.tokenFile,
  };
  for (const [field, path] of Object.entries(paths)) {
    if (path === undefined || existsSync(resolve(folder, path))) continue;
    say(`names ${path} as ${field}, and it is not there`, "Put the file there, or fetch the kubeconfig anew.");
  }
  const { command, installHint } = userEntry?.user?.exec ?? {};
  if (command !== undefined && !isProgram(command, folder, environment["PATH"])) {
    const hint = installHint === undefined ? `Install ${command}, or add its folder to PATH.` : installHint.trim();
    say(`logs in with the program ${command}, which is not on the PATH`, hint);
  }
  return obstacles;
}

function entryOf<Entry extends Named>(entries: readonly Entry[] | undefined, name: string | undefined) {
  return (entries ?? []).find((entry) => entry.name === name);
}

/** As client-go finds it: with a slash it is a path, else it is on the PATH. */
function isProgram(command: string, folder: string, path = ""): boolean {
  const places = command.includes("/")
    ? [resolve(folder, command)]
    : path.split(delimiter).map((at) => join(at, command));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
