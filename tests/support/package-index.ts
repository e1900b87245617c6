/** The real package server, started with what the platform's pods would be started with. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { ownBucketPolicy, serviceBucketPolicy } from "../../components/object-store/bucket-policy.ts";
import { placesScript, setupScript } from "../../components/object-store/setup-job.ts";
import { placeOf } from "../../components/object-store/service-places.ts";
import { packagesBucket as bucket } from "../../components/packages/names.ts";
import { secretEnvironment, serverEnvironment, serverPort } from "../../components/packages/server.ts";
import type { PypironSettings } from "../../components/packages/settings.ts";
import type { AccessModel } from "../../components/access/access-model.ts";
import { freePorts } from "../../testbed/control-plane/ports.ts";
import type { RunningObjectStore } from "./object-store.ts";
import { type Outcome, statusOf, supervise, untilStatus } from "./started-program.ts";

export class RunningPackageServer {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** Stands for the pod's whole disk: home, working folder and the place of temporary files. */
  readonly #disk: string;
  #log = "";

  private constructor(child: ChildProcess, disk: string, port: number) {
    this.#child = child;
    this.#closed = once(child, "close");
    this.#disk = disk;
    this.endpoint = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
    }
  }

  /** @param disk Folder that is not there yet. */
  static async start(
    program: string,
    environment: Readonly<Record<string, string>>,
    disk: string,
  ): Promise<RunningPackageServer> {
    const [port = 0] = await freePorts(1);
    mkdirSync(disk, { recursive: true });
    const own = {
      PYPIRON_BIND_ADDR: environment["PYPIRON_BIND_ADDR"]?.replace(`0.0.0.0:${serverPort}`, `127.0.0.1:${port}`),
    };
    const child = spawn("sh", ["-c", supervise, "sh", program, "serve"], {
      cwd: disk,
      env: { ...environment, ...own, TMPDIR: disk },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new RunningPackageServer(child, disk, port);
  }

  /** Status of a probe's path; 0 as long as nobody listens. */
  probe(path: string): Promise<number> {
    return statusOf(this.endpoint + path);
  }

  waitFor(path: string, status: number): Promise<void> {
    return untilStatus(this.endpoint + path, status, () => this.#log);
  }

  /** Files on the disk. */
  files(): string[] {
    return readdirSync(this.#disk, { recursive: true, encoding: "utf8" }).map((name) => join(this.#disk, name));
  }

  /** Whoever stops it a second time is content. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#closed;
  }
}

/** Passwords of the accounts of the server. */
export const passwords = { admin: "password-of-admin", publisher: "password-of-publisher" } as const;

/** The environment of a pod, with what the Secrets would hold. @param endpoint of the store */
export function podVariables(
  settings: PypironSettings,
  endpoint: string,
  key: string,
  authorities?: string,
): Record<string, string> {
  const values: Readonly<Record<string, string>> = {
    "packages-bucket account": bucket,
    "packages-bucket secretKey": key,
    "packages-admin username": "admin",
    "packages-admin password": passwords.admin,
    "packages-publisher username": "publisher",
    "packages-publisher password": passwords.publisher,
  };
  // The key of a place is an output, and is not read here.
  const { access, ...rest } = placeOf(bucket, "us-east-1", undefined as never);
  const place = { ...rest, access: { ...access, endpoint } };
  return {
    ...serverEnvironment({ settings, place, authorities }),
    ...Object.fromEntries(
      Object.entries(secretEnvironment({ settings, place })).map(([variable, { name, key: entry }]) => [
        variable,
        values[`${name} ${entry}`] ?? "",
      ]),
    ),
  };
}

/** What the store's Job does where packages have a bucket there. */
export function setUpPackages(
  store: RunningObjectStore,
  access: AccessModel,
  root: { readonly user: string; readonly password: string },
  key: string,
): Promise<Outcome> {
  const own = store.file("own-bucket.json", JSON.stringify(ownBucketPolicy(access)));
  store.file(`${bucket}.json`, JSON.stringify(serviceBucketPolicy(bucket)));
  const keys = join(dirname(own), "keys");
  mkdirSync(keys, { recursive: true });
  writeFileSync(join(keys, bucket), key);
  return store.script(`${setupScript}${placesScript}`, {
    ROOT_USER: root.user,
    ROOT_PASSWORD: root.password,
    STORE: store.endpoint.replace("http://", ""),
    POLICY_NAME: access.objectStore.policyName,
    POLICY_FILE: own,
    PLACES: bucket,
    POLICIES: dirname(own),
    KEYS: keys,
  });
}
