import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { planOf } from "../../stacks/plan.ts";
import { stackFile } from "../support/stack-file.ts";
import { parseSettings } from "../../stacks/settings/read.ts";

const root = join(import.meta.dirname, "../..");

function withoutPackages() {
  const { values, ...file } = stackFile("dev");
  return { ...file, values: Object.fromEntries(Object.entries(values).filter(([key]) => key !== "packages")) };
}

describe("the plan", () => {
  it("holds the settings, and what follows from them", () => {
    const settings = parseSettings(stackFile("dev"));
    const plan = planOf(settings);
    expect(plan).toMatchObject(settings);
    expect(plan.addresses.portal).toBe(`https://${plan.hosts.portal}`);
    expect(plan.access.home).toEqual({ bucket: "user-{username}", prefix: "" });
    expect(plan.controller).toEqual({ className: "nginx", namespace: "datalab-ingress", podHttpsPort: 8443 });
    expect(plan.dataNamespaces).toEqual(["datalab-identity", "datalab-storage"]);
    expect(plan.publicHosts.map(({ host }) => host)).toEqual([
      "identity",
      "objectStore",
      "objectStoreConsole",
      "packages",
      "portal",
    ]);
    expect(plan.packageIndex).toEqual({
      indexUrl: "https://packages.demo.test/simple/",
      uploadUrl: "https://packages.demo.test/legacy/",
      replacesPublicIndex: false,
    });
    expect(plan.buckets).toEqual([
      { name: "datalab-packages", client: { namespace: "datalab-packages", workload: "packages" } },
    ]);
  });

  it("names another controller as the settings do, and a store outside by none of its own hosts", () => {
    const { values, ...file } = withoutPackages();
    const ingress = {
      kind: "existing",
      className: "edge",
      namespace: "edge-system",
      address: "192.0.2.1",
      clusterIp: "10.0.0.1",
      podHttpsPort: 443,
    };
    const objectStore = { kind: "external", endpoint: "https://store.example.net" };
    const plan = planOf(parseSettings({ ...file, values: { ...values, ingress, objectStore } }));
    expect(plan.controller).toEqual({ className: "edge", namespace: "edge-system", podHttpsPort: 443 });
    expect(plan.publicHosts.map(({ host }) => host)).toEqual(["identity", "portal"]);
    expect(plan.dataNamespaces).toEqual(["datalab-identity"]);
  });

  it("names no page of a console that is off", () => {
    const { values, ...file } = withoutPackages();
    const plan = planOf(parseSettings({ ...file, values: { ...values, objectStore: { kind: "minio" } } }));
    expect(plan).toMatchObject({ packageIndex: undefined, buckets: [] });
    expect(plan.publicHosts.map(({ host }) => host)).toEqual(["identity", "objectStore", "portal"]);
  });

  it("is the only place where graph and commands derive them", () => {
    const files = ["stacks", "checks", "commands"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name)),
    );
    const derives = /\b(hostsOf|addressesOf|storageLayout|accessModel)\(/;
    const found = files.filter((file) => derives.test(readFileSync(join(root, file), "utf8")));
    // Rules read settings that are not complete yet.
    expect(found.filter((file) => !/-?rules\.ts$/.test(file))).toEqual(["stacks/plan.ts"]);
  });
});
