/** What the doctor says of names and of differences to what is expected. */
import { describe, expect, it } from "@jest/globals";

import { expectationsOf } from "../../../commands/doctor/expectations.ts";
import { type Context } from "../../../commands/doctor/step.ts";
import { differences } from "../../../commands/doctor/steps/differences.ts";
import { ingressAddress, nameStep } from "../../../commands/doctor/steps/names.ts";
import { contextWith, external, minimal } from "../../support/doctor-context.ts";

describe("DNS", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };
  const resolve = (addresses: Record<string, string[]>) => (name: string) =>
    addresses[name] === undefined ? Promise.reject(new Error(`ENOTFOUND ${name}`)) : Promise.resolve(addresses[name]);
  const options = { address: undefined } as Context["options"];

  it.each([
    ["192.0.2.1", "passed"],
    ["192.0.2.9", "warning"],
  ])("that leads to %s is compared with the ingress controller's address: %s", async (address, status) => {
    const context = contextWith({
      options,
      facts: { ingressAddresses: ["lb.example.net"] },
      resolve: resolve({ "datalab.example.test": [address], "lb.example.net": ["192.0.2.1"] }),
    });
    expect(await nameStep(host).run(context)).toMatchObject({ status });
  });

  it("of a store elsewhere is asked, whatever stands for the platform's hosts", async () => {
    const [store] = expectationsOf(minimal({ objectStore: external })).publicHosts.filter(({ own }) => !own);
    const context = contextWith({
      options: { address: "192.0.2.1" } as Context["options"],
      facts: { ingressAddresses: ["192.0.2.1"] },
      resolve: resolve({ "s3.elsewhere.test": ["192.0.2.9"] }),
    });
    expect(await nameStep(store!).run(context)).toEqual({ status: "passed", note: "192.0.2.9" });
    expect(await nameStep(host).run(context)).toMatchObject({ note: expect.stringContaining("--address") });
  });

  it("that has no answer is told which address is right", async () => {
    const context = contextWith({ options, facts: { ingressAddresses: ["192.0.2.1"] }, resolve: resolve({}) });
    const outcome = await nameStep(host).run(context);
    expect(outcome).toMatchObject({ status: "failed", cure: expect.stringContaining("192.0.2.1") });
  });

  it.each([
    [{ type: "LoadBalancer" }, [{ ip: "192.0.2.1" }], "passed"],
    [{ type: "LoadBalancer" }, undefined, "failed"],
    [{ type: "LoadBalancer", loadBalancerClass: "example.org/lb" }, undefined, "failed"],
    // Its load balancer stands in the graph.
    [{ type: "LoadBalancer", loadBalancerClass: "datalab.dev/graph" }, undefined, "passed"],
    [{ type: "NodePort" }, undefined, "passed"],
  ])("needs an address of a Service like %j with %j: %s", async (spec, ingress, status) => {
    const get = () => Promise.resolve({ spec, status: { loadBalancer: { ingress } } });
    const context = contextWith({
      expected: expectationsOf(minimal()),
      kubectl: { get } as unknown as Context["kubectl"],
    });
    expect(await ingressAddress.run(context)).toMatchObject({ status });
  });
});

describe("a difference", () => {
  it("is named by its place; what a server adds, drops when empty or writes as a number is none", () => {
    const expected = { a: [{ b: "30", c: {}, d: false, e: "" }], f: "x" };
    expect(differences(expected, { a: [{ b: 30, more: 1 }], f: "x", g: 1 })).toEqual([]);
    expect(differences(expected, { a: [{ b: 31, d: true }, {}] })).toEqual([
      'a[0].b is 31, not "30"',
      "a[0].d is true, not false",
      "a has 2 entries, not 1",
      'f is missing, not "x"',
    ]);
  });
});
