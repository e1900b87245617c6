import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { packageChart } from "../../testbed/toolchain/chart.ts";
import { ToolchainInterrupted } from "../../testbed/toolchain/errors.ts";
import { withInterrupt } from "../../testbed/toolchain/interrupt.ts";
import { cacheKey } from "../../testbed/toolchain/key.ts";
import { processStart, withLock, type Owner } from "../../testbed/toolchain/lock.ts";
import { obtainAll } from "../../testbed/toolchain/obtain.ts";
import { parseMode, plan } from "../../testbed/toolchain/plan.ts";
import { lineProgress } from "../../testbed/toolchain/progress.ts";
import { recipes, toolNames, type Recipe } from "../../testbed/toolchain/recipes.ts";
import {
  assemble,
  cacheDirectory,
  clearScratch,
  cachedNames,
  fileName,
  isAssembled,
  itemsOf,
  toolchainFolder,
} from "../../testbed/toolchain/store.ts";
import { ensureToolchain } from "../../testbed/toolchain/toolchain.ts";

const etcd: Recipe = {
  name: "etcd",
  version: "1.0.0",
  group: "one",
  sources: ["main.go"],
  build: { kind: "program", package: ".", stamps: { "main.Version": "1.0.0" } },
  download: { kind: "file", url: "https://download.invalid/etcd" },
};
const kubectl: Recipe = { ...etcd, name: "kubectl", group: "two" };
const sourceOnly: Recipe = {
  name: "cert-manager",
  version: "1.0.0",
  group: "two",
  sources: [],
  build: { kind: "program", package: "." },
};

// A busy machine takes its time to start processes.
jest.setTimeout(30_000);

let folder: string;
let goFolder: string;
const realPath = process.env["PATH"];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "datalab-toolchain-"));
  goFolder = join(folder, "go");
  for (const group of ["one", "two"]) {
    write(`go/${group}/go.mod`, `module ${group}\n\ngo 1.26.0\n`);
    write(`go/${group}/go.sum`, "");
    write(`go/${group}/main.go`, "package main\n");
  }
});

afterEach(() => {
  process.env["PATH"] = realPath;
  delete process.env["DATALAB_CACHE"];
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string): string {
  const full = join(folder, path);
  mkdirSync(join(full, ".."), { recursive: true });
  writeFileSync(full, content);
  return full;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

describe("the recipes", () => {
  it("make each tool once, from modules that are pinned", () => {
    const names: string[] = recipes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining([...toolNames]));
    const modules = join(__dirname, "../../testbed/toolchain/go");
    for (const recipe of recipes) {
      const goMod = readFileSync(join(modules, recipe.group, "go.mod"), "utf8");
      // Pinned to registry versions, or to folders of the group itself.
      for (const [, target = ""] of goMod.matchAll(/=> (.+)$/gm)) expect(target).toMatch(/^(\.\/[\w-]+|\S+ v\d\S+)$/);
      expect(readFileSync(join(modules, recipe.group, "go.sum"), "utf8")).not.toBe("");
    }
  });
});

describe("the plan", () => {
  const all = [etcd, sourceOnly];
  const sources = (mode: Parameters<typeof plan>[1]["mode"], online: boolean, cached: Recipe["name"][] = []) =>
    plan(all, { mode, online, cached: new Set(cached) }).map((step) => step.sources);

  it("prefers the cache, then the download, then the build", () => {
    expect(sources("auto", true, ["etcd", "cert-manager"])).toEqual([[], []]);
    expect(sources("auto", true)).toEqual([["download", "build"], ["build"]]);
    expect(sources("auto", false)).toEqual([["build"], ["build"]]);
  });

  it("obeys a forced source", () => {
    expect(sources("offline", true)).toEqual([["build"], ["build"]]);
    expect(sources("online", false)).toEqual([["download"], ["build"]]);
    expect(sources("cache", true, ["etcd", "cert-manager"])).toEqual([[], []]);
    expect(() => sources("cache", true, ["etcd"])).toThrow("lacks cert-manager 1.0.0");
  });

  it("refuses an unknown source and names the known ones", () => {
    expect(parseMode(undefined)).toBe("auto");
    expect(parseMode("offline")).toBe("offline");
    expect(() => parseMode("ofline")).toThrow(/"ofline".*auto, cache, online, offline/);
  });
});

describe("the cache", () => {
  it("lies where the user or XDG says", () => {
    expect(cacheDirectory({ DATALAB_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheDirectory({ XDG_CACHE_HOME: "/b" })).toBe("/b/datalab");
    expect(cacheDirectory({ DATALAB_CACHE: "", XDG_CACHE_HOME: "relative" })).toMatch(/\.cache\/datalab$/);
  });

  const changes: [string, () => Recipe][] = [
    ["the version", () => ({ ...etcd, version: "1.0.1" })],
    ["a stamp", () => ({ ...etcd, build: { kind: "program", package: ".", stamps: { "main.Version": "2" } } })],
    ["the build tags", () => ({ ...etcd, build: { kind: "program", package: ".", tags: ["static"] } })],
    ...["go.mod", "go.sum", "main.go"].map((file): [string, () => Recipe] => [
      file,
      () => {
        write(`go/one/${file}`, "changed");
        return etcd;
      },
    ]),
  ];
  it.each(changes)("has a new key for a tool, and for no other, when %s changes", (_, change) => {
    const before = [cacheKey(etcd, goFolder), cacheKey(kubectl, goFolder)];
    const changed = change();
    expect(cacheKey(changed, goFolder)).not.toBe(before[0]);
    expect(cacheKey(kubectl, goFolder)).toBe(before[1]);
  });

  it("keeps the key when a file that the tool is not made of changes", () => {
    const before = cacheKey(etcd, goFolder);
    write("go/one/other.go", "package other\n");
    expect(cacheKey(etcd, goFolder)).toBe(before);
  });
});

it("a folder for unfinished things goes, even while a program of an ended run removes files of its own in it", async () => {
  const scratch = join(folder, "scratch");
  const parts = Array.from({ length: 60 }, (_, index) => join(scratch, `part-${index}`));
  for (const part of parts) {
    mkdirSync(part, { recursive: true });
    for (let index = 0; index < 40; index++) writeFileSync(join(part, String(index)), "");
  }
  const other = spawn("rm", ["-rf", ...parts]);
  const ended = once(other, "close");
  await sleep(3);
  await clearScratch(scratch);
  expect(existsSync(scratch)).toBe(false);
  await ended;
});

describe("the lock", () => {
  const signal = new AbortController().signal;
  const onWait = (): void => undefined;

  it("lets a second run wait, and tells it for whom", async () => {
    const path = join(folder, "lock");
    const events: string[] = [];
    const run = (name: string) =>
      withLock(path, { signal, onWait: ({ pid }) => events.push(`${name} waits for ${pid}`) }, async () => {
        events.push(`${name} begins`);
        await sleep(50);
        events.push(`${name} ends`);
      });
    await Promise.all([run("a"), run("b")]);
    expect(events).toEqual(["a begins", `b waits for ${process.pid}`, "a ends", "b begins", "b ends"]);
    expect(readdirSync(folder)).not.toContain("lock");
  });

  const since = new Date(0).toISOString();
  const stale: [string, () => Owner][] = [
    ["has ended", () => ({ pid: endedProcess(), processStart: "1", since })],
    ["had our process id before us", () => ({ pid: process.pid, processStart: "1", since })],
  ];
  it.each(stale)("is taken over by exactly one at a time from a process that %s", async (_, owner) => {
    const path = write("lock", JSON.stringify(owner()));
    let inside = 0;
    const runs = Array.from({ length: 8 }, () =>
      withLock(path, { signal, onWait }, async () => {
        expect(++inside).toBe(1);
        await sleep(5);
        inside--;
      }),
    );
    await Promise.all(runs);
    expect(existsSync(path)).toBe(false);
  });

  it("is respected while its process lives, until the waiting is aborted", async () => {
    const owner: Owner = { pid: process.pid, processStart: processStart(process.pid), since };
    const path = write("lock", JSON.stringify(owner));
    const abort = new AbortController();
    const waiting = withLock(
      path,
      {
        signal: abort.signal,
        onWait: () => {
          abort.abort();
        },
      },
      () => Promise.resolve(),
    );
    await expect(waiting).rejects.toThrow();
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(owner);
  });

  it("is released when the work fails", async () => {
    const path = join(folder, "lock");
    await expect(withLock(path, { signal, onWait }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(existsSync(path)).toBe(false);
  });

  function endedProcess(): number {
    return Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
  }
});

describe("building", () => {
  /** A go client that does as it is told by the script, with its output path in $out. */
  function installGo(build: string, version = "go1.26.8"): void {
    const script = `#!/bin/sh
case "$1" in
  env) echo ${version} ;;
  build) for word; do [ "$last" = -o ] && out=$word; last=$word; done; ${build} ;;
esac
`;
    chmodSync(write("bin/go", script), 0o755);
    process.env["PATH"] = [join(folder, "bin"), realPath].join(delimiter);
  }

  function install(list: readonly Recipe[], signal: AbortSignal, lines: string[] = []): Promise<void> {
    const items = itemsOf(list, goFolder, join(folder, "cache"));
    const steps = plan(list, { mode: "offline", online: false, cached: cachedNames(items) });
    const scratch = join(folder, "cache", "tmp");
    return obtainAll(steps, items, { goFolder, scratch, signal, progress: lineProgress((line) => lines.push(line)) });
  }

  const cached = (list: readonly Recipe[]) => [...cachedNames(itemsOf(list, goFolder, join(folder, "cache")))];

  it("fills the cache, and does nothing the second time", async () => {
    installGo('echo made > "$out"');
    const lines: string[] = [];
    const { signal } = new AbortController();
    await install([etcd, kubectl], signal, lines);
    expect(cached([etcd, kubectl])).toEqual(["etcd", "kubectl"]);
    expect(lines[0]).toMatch(/^\[1\/2\] building etcd 1\.0\.0/);
    await install([etcd, kubectl], signal, lines);
    expect(lines).toHaveLength(4);
  });

  it("lets compilers keep their garbage, within the memory of the machine", async () => {
    installGo('echo "$GOGC $GOMEMLIMIT" > "$out"');
    await install([etcd], new AbortController().signal);
    const [item] = itemsOf([etcd], goFolder, join(folder, "cache"));
    const [gogc, limit = ""] = textOf(join(item!.folder, "etcd")).trim().split(" ");
    expect(gogc).toBe("off");
    expect(limit).toMatch(/^\d+B$/);
    expect(Number.parseInt(limit, 10) * (availableParallelism() + 1)).toBeLessThanOrEqual(totalmem());
  });

  it("leaves nothing that looks finished, and no process, when it is interrupted; the next run completes it", async () => {
    const pidFile = join(folder, "pid");
    installGo(
      `case "$out" in *kubectl) echo half > "$out"; sleep 60 & echo $! > ${pidFile}; wait ;; *) echo made > "$out" ;; esac`,
    );
    const abort = new AbortController();
    const interrupted = withInterrupt(abort.signal, (signal) => install([etcd, kubectl], signal));
    const outcome = expect(interrupted).rejects.toThrow(ToolchainInterrupted);
    for (let i = 0; i < 1000 && !/\d+\n/.test(textOf(pidFile)); i++) await sleep(10);
    abort.abort();
    await outcome;
    expect(cached([etcd, kubectl])).toEqual(["etcd"]);
    expect(processStart(Number(readFileSync(pidFile, "utf8")))).toBe("");

    installGo('echo made > "$out"');
    const lines: string[] = [];
    await install([etcd, kubectl], new AbortController().signal, lines);
    expect(cached([etcd, kubectl])).toEqual(["etcd", "kubectl"]);
    expect(lines.join("\n")).not.toContain("etcd");
  });

  const onLinux = process.platform === "linux" ? it : it.skip;
  onLinux("leaves no program behind when it is killed", async () => {
    const pidFile = join(folder, "pid");
    const module = join(__dirname, "../../testbed/toolchain/run.ts");
    const code = `import { run } from ${JSON.stringify(module)};
      const script = "echo $$ > ${pidFile}; exec sleep 60";
      await run("sh", ["-c", script], { signal: new AbortController().signal });`;
    const installer = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
    for (let i = 0; i < 1000 && !/\d+\n/.test(textOf(pidFile)); i++) await sleep(10);
    const pid = Number(textOf(pidFile));
    expect(processStart(pid)).not.toBe("");
    installer.kill("SIGKILL");
    for (let i = 0; i < 500 && processStart(pid) !== ""; i++) await sleep(10);
    expect(processStart(pid)).toBe("");
  });

  it("reports what the go client says when it fails", async () => {
    installGo("echo main.go:7: undefined >&2; exit 1");
    await expect(install([etcd], new AbortController().signal)).rejects.toThrow(/go build[\s\S]*main\.go:7: undefined/);
    expect(cached([etcd])).toEqual([]);
  });

  it("says what is missing and the two ways out when there is no go client", async () => {
    process.env["PATH"] = join(folder, "nothing");
    const { signal } = new AbortController();
    await expect(install([etcd, sourceOnly], signal)).rejects.toThrow(
      /etcd 1\.0\.0, cert-manager 1\.0\.0[\s\S]*missing[\s\S]*1\. install Go 1\.26\.0[\s\S]*2\. let this machine reach[\s\S]*cert-manager/,
    );
  });

  it("says so when the go client is too old", async () => {
    installGo("exit 1", "go1.9.7");
    await expect(install([etcd], new AbortController().signal)).rejects.toThrow(/is 1\.9\.7, but they need 1\.26\.0/);
  });
});

describe("a toolchain's folder", () => {
  it("is complete only while each of its tools is there", () => {
    const cache = join(folder, "cache");
    const items = itemsOf([etcd], goFolder, cache);
    const target = join(cache, "toolchains", "x");
    for (const item of items) write(join(item.folder.slice(folder.length), "etcd"), "made");
    mkdirSync(join(cache, "tmp"));
    assemble(items, target, join(cache, "tmp", "draft"));
    expect(isAssembled(items, target)).toBe(true);
    expect(readFileSync(join(target, "bin", "etcd"), "utf8")).toBe("made");
    rmSync(join(cache, "tools"), { recursive: true });
    expect(isAssembled(items, target)).toBe(false);
  });

  it("is left alone by a run that has waited for the one that made it", async () => {
    const cache = join(folder, "cache");
    process.env["DATALAB_CACHE"] = cache;
    mkdirSync(cache);
    const items = itemsOf(recipes, join(__dirname, "../../testbed/toolchain/go"), cache);
    const target = toolchainFolder(items, cache);
    const signal = new AbortController().signal;
    const made = Promise.withResolvers<number>();
    const waits = Promise.withResolvers<undefined>();
    const first = withLock(join(cache, "lock"), { signal, onWait: () => undefined }, async () => {
      await waits.promise;
      for (const { recipe, folder: item } of items) write(join(item, fileName(recipe)).slice(folder.length), "made");
      mkdirSync(join(cache, "tmp"));
      assemble(items, target, join(cache, "tmp", "draft"));
      made.resolve(statSync(target).ino);
    });
    const report = (line: string) => {
      if (line.includes("Waiting for process")) waits.resolve(undefined);
    };
    const second = await ensureToolchain({ mode: "cache", signal, report });
    await first;
    expect(second.directory).toBe(target);
    expect(statSync(target).ino).toBe(await made.promise);
  });
});

describe("a packaged chart", () => {
  beforeEach(() => {
    write("chart/Chart.yaml", "name: demo\nversion: v0.0.0\nappVersion: v0.0.0\n");
    write("chart/README.template.md", "Release {{RELEASE_VERSION}}\n");
    write("chart/values.yaml", `text: ${"x".repeat(70_000)}\n`);
    write("chart/values.schema.json", "{}");
    write("chart/templates/deep/a.yaml", "a: 1\n");
    write("chart/tests/b.yaml", "b: 1\n");
  });

  it("has the same bytes each time, whenever its sources were written", () => {
    const first = packageChart(join(folder, "chart"), "v1.2.3");
    write("chart/templates/deep/a.yaml", "a: 1\n");
    expect(packageChart(join(folder, "chart"), "v1.2.3").equals(first)).toBe(true);
  });

  it("is what tar reads as a release of that version", () => {
    const archive = join(folder, "demo.tgz");
    writeFileSync(archive, packageChart(join(folder, "chart"), "v1.2.3"));
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
    const read = (path: string) => readFileSync(join(folder, "demo", path), "utf8");
    expect(read("Chart.yaml")).toBe("name: demo\nversion: v1.2.3\nappVersion: v1.2.3\n");
    expect(read("README.md")).toBe("Release v1.2.3\n");
    expect(read("values.yaml")).toHaveLength(70_007);
    expect(read("templates/deep/a.yaml")).toBe("a: 1\n");
    expect(readdirSync(join(folder, "demo")).sort()).toEqual([
      "Chart.yaml",
      "README.md",
      "templates",
      "values.schema.json",
      "values.yaml",
    ]);
  });
});
