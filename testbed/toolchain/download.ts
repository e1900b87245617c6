import { createHash } from "node:crypto";
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { byEnvironmentProxy } from "../../components/charts/environment-proxy.ts";
import { ToolchainError } from "./errors.ts";
import type { Download, Recipe } from "./recipes.ts";
import { run } from "./run.ts";

/** Where one item is downloaded to. */
export interface DownloadPlace {
  readonly scratch: string;
  readonly result: string;
  /** The Pulumi program that installs plugins. */
  readonly pulumi: string;
  readonly signal: AbortSignal;
}

/** Obtains the item the way its own project hands it out. Only where the internet is reachable: see testbed/docs/toolchain.md for what was tried. */
export async function downloadItem(recipe: Recipe, download: Download, place: DownloadPlace): Promise<void> {
  const { scratch, result, signal } = place;
  const target = join(result, recipe.name);
  switch (download.kind) {
    case "pulumi": {
      // The npm package fetches the release of its own version, language hosts included, when it is first run.
      const launcher = createRequire(import.meta.url).resolve("pulumi/run.js");
      const env = { ...process.env, PULUMI_HOME: scratch, PULUMI_VERSION: recipe.version };
      await run(process.execPath, [launcher, "version"], { env, signal });
      return cp(join(scratch, "versions", recipe.version, "bin"), result, { recursive: true });
    }
    case "plugin": {
      const env = { ...process.env, PULUMI_HOME: scratch };
      await run(place.pulumi, ["plugin", "install", "resource", download.plugin, `v${recipe.version}`], {
        env,
        signal,
      });
      const folder = `resource-${download.plugin}-v${recipe.version}`;
      return cp(join(scratch, "plugins", folder), result, { recursive: true });
    }
    case "file": {
      const content = await fetchBytes(download.url, signal);
      if (download.sha256Url !== undefined) {
        const expected = (await fetchBytes(download.sha256Url, signal)).toString().trim().split(/\s/)[0];
        const actual = createHash("sha256").update(content).digest("hex");
        if (actual !== expected)
          throw new ToolchainError(`${download.url} has the digest ${actual}, not ${String(expected)}`);
      }
      await writeFile(target, content);
      return chmod(target, 0o755);
    }
    case "archive": {
      const archive = join(scratch, "archive.tar.gz");
      await mkdir(scratch, { recursive: true });
      await writeFile(archive, await fetchBytes(download.url, signal));
      await run("tar", ["-xzf", archive, "-C", scratch, download.member], { signal });
      return cp(join(scratch, download.member), target);
    }
  }
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<Buffer> {
  return byEnvironmentProxy(async () => {
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new ToolchainError(`${url} answers ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  });
}
