/** The script that tells CoreDNS, with the rights of its Job on a real API server, and a real CoreDNS that reads the result. */
import { type ChildProcess, spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { nodeRecipes } from "../../testbed/toolchain/node-recipes.ts";
import { ensurePrograms } from "../../testbed/toolchain/programs.ts";
import { ClusterDnsBench } from "../support/cluster-dns-bench.ts";
import { eks, k3s, kubeadm } from "../support/corefiles.ts";
import { eventually, freePort } from "../support/dns-server.ts";

// Each call is a process, and the machine may be busy.
jest.setTimeout(120_000);

const address = "10.43.0.5";
const goFolder = join(import.meta.dirname, "../../testbed/toolchain/go");

let bench: ClusterDnsBench;
let coredns: string;

beforeAll(async () => {
  const recipes = nodeRecipes.filter(({ name }) => name === "coredns");
  coredns = (await ensurePrograms({ name: "node", recipes, goFolder })).get("coredns") ?? "";
  bench = await ClusterDnsBench.start();
}, 1_800_000);

afterAll(async () => {
  await bench.stop();
}, 60_000);

beforeEach(() => {
  bench.reset();
  bench.resolves(() => address);
});

const told = { code: 0, text: expect.stringContaining("leads auth.d.test s3.d.test") as unknown as string };

describe("a Corefile", () => {
  it.each([
    ["of kubeadm", kubeadm],
    ["of EKS, with what an operator added and no end of line", eks],
  ])("%s keeps every sign that it had, and gets one block more", (_, before) => {
    bench.ship(before);
    expect(bench.tell()).toEqual(told);
    const after = bench.corefile();
    expect(after).toContain(before);
    expect(after.slice(before.length).trim()).toMatch(
      /^# BEGIN datalab\nauth\.d\.test:53 s3\.d\.test:53 \{[^]*# END datalab$/,
    );
  });

  it("is not touched by a second time", () => {
    bench.ship(kubeadm);
    expect(bench.tell()).toEqual(told);
    const version = bench.versionOf("coredns");
    expect(bench.tell()).toEqual(told);
    expect(bench.versionOf("coredns")).toBe(version);
  });

  it("gets the new address in the place of the old one, and new names", () => {
    bench.ship(kubeadm);
    expect(bench.tell()).toEqual(told);
    bench.resolves(() => "10.43.0.9");
    const { code } = bench.tell({ ADDRESS: "10.43.0.9", HOSTS: "auth.d.test" });
    expect(code).toBe(0);
    expect(bench.corefile().match(/BEGIN datalab/g)).toHaveLength(1);
    expect(bench.corefile()).toContain("10.43.0.9 auth.d.test\n");
    expect(bench.corefile()).not.toMatch(/10\.43\.0\.5|s3\.d\.test/);
  });

  it("keeps what somebody else changes at the same moment", () => {
    bench.ship(kubeadm);
    bench.beforeTheFirstPatch({ Corefile: `# theirs\n${kubeadm}` });
    expect(bench.tell()).toEqual(told);
    expect(bench.corefile()).toMatch(/^# theirs\n[^]*# BEGIN datalab/);
  });
});

describe("k3s", () => {
  it("is told in the ConfigMap that is meant for it, beside what is there", () => {
    bench.ship(k3s);
    bench.ship("other.test:53 {\n}", "coredns-custom", "other.server");
    expect(bench.tell()).toEqual(told);
    expect(bench.tell()).toEqual(told);
    expect(bench.corefile()).toBe(k3s);
    expect(Object.keys(bench.dataOf("coredns-custom"))).toEqual(["datalab.server", "other.server"]);
    expect(bench.dataOf("coredns-custom")["datalab.server"]).toContain("lab.d.test:53 {");
  });

  it("is told where there was no such ConfigMap", () => {
    bench.ship(k3s);
    expect(bench.tell()).toEqual(told);
    expect(Object.keys(bench.dataOf("coredns-custom"))).toEqual(["datalab.server"]);
  });
});

describe("what cannot work", () => {
  it("is a DNS that is not CoreDNS", () => {
    expect(bench.tell()).toEqual({
      code: 1,
      text: expect.stringMatching(/no ConfigMap coredns[^]*dns\.clusterDns to none/),
    });
  });

  it.each([
    ["a CoreDNS that does not follow its Corefile", kubeadm.replace("    reload\n", ""), /add the plugin reload/],
    [
      "a name that the Corefile answers for",
      `${kubeadm}x.test lab.d.test:53 {\n}\n`,
      /answers for lab\.d\.test already/,
    ],
  ])("is %s, and nothing is changed", (_, before, message) => {
    bench.ship(before);
    expect(bench.tell()).toEqual({ code: 1, text: expect.stringMatching(message) });
    expect(bench.corefile()).toBe(before);
  });

  it("is taken back when no pod finds the names", () => {
    for (const before of [kubeadm, k3s]) {
      bench.ship(before);
      bench.resolves((name) => (name === "s3.d.test" ? "192.0.2.1" : address));
      expect(bench.tell()).toEqual({
        code: 1,
        text: expect.stringMatching(/s3\.d\.test leads to 192\.0\.2\.1 instead of/),
      });
      expect(bench.corefile()).toBe(before);
    }
    expect(bench.dataOf("coredns-custom")).toEqual({});
  });

  it("is an API server that does not answer", () => {
    expect(bench.tell({ API_SERVER: "https://127.0.0.1:1" })).toEqual({
      code: 1,
      text: expect.stringMatching(/does not answer/),
    });
  });
});

describe("CoreDNS with the Corefile that came of it", () => {
  let running: ChildProcess | undefined;

  afterEach(() => {
    running?.kill();
  });

  it.each([
    ["IPv4", "10.43.0.5", "resolve4", "resolve6"],
    ["IPv6", "fd00::5", "resolve6", "resolve4"],
  ] as const)(
    "answers for the platform's names without a restart, and for no other: %s",
    async (_, ip, right, other) => {
      const port = await freePort();
      const file = join(bench.folder, "Corefile");
      const before = `.:${port} {\n  errors\n  hosts {\n    192.0.2.7 other.d.test\n  }\n  reload 2s 1s\n}\n`;
      writeFileSync(file, before);
      running = spawn(coredns, ["-conf", file], { stdio: "ignore" });
      const resolver = new Resolver({ timeout: 1000, tries: 2 });
      resolver.setServers([`127.0.0.1:${port}`]);
      await eventually(async () => {
        expect(await resolver.resolve4("other.d.test")).toEqual(["192.0.2.7"]);
      });
      await expect(resolver[right]("s3.d.test")).rejects.toThrow();

      bench.ship(before);
      bench.resolves(() => ip);
      expect(bench.tell({ ADDRESS: ip }).code).toBe(0);
      writeFileSync(file, bench.corefile());
      await eventually(async () => {
        expect(await resolver[right]("s3.d.test")).toEqual([ip]);
      });
      for (const name of ["auth.d.test", "user-ada-1.lab.d.test", "a.b.lab.d.test"]) {
        expect([name, await resolver[right](name)]).toEqual([name, [ip]]);
        // No address, but not an unknown name: some clients would give up.
        await expect(resolver[other](name)).rejects.toMatchObject({ code: "ENODATA" });
      }
      expect(await resolver.resolve4("other.d.test")).toEqual(["192.0.2.7"]);
      for (const name of ["d.test", "www.d.test", "x.s3.d.test"]) await expect(resolver[right](name)).rejects.toThrow();
    },
  );
});
