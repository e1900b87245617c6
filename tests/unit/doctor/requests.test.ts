/** What the doctor says of requests, redirects, clocks, certificates and pages. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it } from "@jest/globals";

import { hostsOf } from "../../../components/names.ts";
import { elementText } from "../../../commands/doctor/browser.ts";
import { type Expectations, expectationsOf } from "../../../commands/doctor/expectations.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { networkFinding } from "../../../commands/doctor/network-errors.ts";
import { type Context } from "../../../commands/doctor/step.ts";
import { certificateStep, connectionStep } from "../../../commands/doctor/steps/certificates.ts";
import { clusterStep } from "../../../commands/doctor/steps/cluster.ts";
import { clockStep } from "../../../commands/doctor/steps/clock.ts";
import { redirectStep } from "../../../commands/doctor/steps/redirects.ts";
import { WebClient } from "../../../commands/doctor/web-client.ts";
import { contextWith, minimal } from "../../support/doctor-context.ts";

describe("a request", () => {
  const options = {
    hosts: hostsOf({ domain: "example.test" }),
    httpsPort: 9,
    httpPort: 9,
    authorities: [],
    timeout: 5,
  };

  it("goes to the given address for the platform's hosts alone", () => {
    const web = new WebClient({ ...options, address: "127.0.0.1" });
    const hosts = [
      "s3.example.test",
      "any.lab.example.test",
      "charts.example.test",
      "example.test",
      "lab.example.test",
    ];
    expect(hosts.map((host) => web.isOwn(host))).toEqual([true, true, false, false, false]);
    const others = new WebClient({ ...options, address: "127.0.0.1", ownHosts: ["auth.example.test"] });
    expect(["auth.example.test", "s3.example.test"].map((host) => others.isOwn(host))).toEqual([true, false]);
  });

  it("goes to the port that the address names", async () => {
    const server = createServer((call, answer) => answer.end(call.headers.host)).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const web = new WebClient({ ...options, address: "127.0.0.1" });
      expect(await web.request(`http://s3.example.test:${port}/`)).toMatchObject({ text: `s3.example.test:${port}` });
      await expect(web.request("http://s3.example.test/")).rejects.toThrow(/ECONNREFUSED/);
    } finally {
      server.close();
    }
  });

  const coded = (code: string) => Object.assign(new Error(`the message of ${code}`), { code });

  it.each<[string, Error, string | undefined, RegExp]>([
    ["no kubectl", new KubectlError("missing", "kubectl is not on the PATH"), "this machine", /not installed/],
    ["a refusal", new KubectlError("refused", "warning\nyou may not"), "Kubernetes API", /login .* has run out/],
    ["an object that is missing", new KubectlError("not found", "no such thing"), undefined, /not deployed/],
    ["a cluster that is gone", new KubectlError("other", "refused"), "Kubernetes API", /cannot be reached/],
    ["a certificate that has ended", coded("CERT_HAS_EXPIRED"), undefined, /not trusted/],
    ["another's certificate", coded("ERR_TLS_CERT_ALTNAME_INVALID"), undefined, /other names/],
  ])("that ends with %s has a likely cause", (_, error, hop, cause) => {
    const finding = networkFinding("a step", error);
    expect(finding).toMatchObject({ cause: expect.stringMatching(cause) });
    expect(finding.problem).toContain(error.message);
    expect(finding.problem).not.toContain("warning");
    expect(finding.hop).toBe(hop);
  });

  it("of a cluster that the stack has made is tried with the stack's output", async () => {
    const kubectl = { get: () => Promise.reject(new KubectlError("other", "gone")) } as unknown as Context["kubectl"];
    const run = (ownCluster: boolean) =>
      clusterStep.run(
        contextWith({
          expected: { ownCluster } as Expectations,
          options: { stack: "prod" } as Context["options"],
          kubectl,
        }),
      );
    expect(await run(true)).toMatchObject({
      cure: expect.stringContaining("pulumi stack output kubeconfig --stack prod"),
    });
    expect(await run(false)).toMatchObject({ cure: expect.stringContaining("datalab:cluster names") });
  });
});

describe("plain HTTP", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };

  it.each([
    ["https://datalab.example.test/", "passed"],
    ["https://datalab.example.test:443/", "passed"],
    ["https://datalab.example.test:8443/", "failed"],
    ["https://datalab.example.test.elsewhere.test/", "failed"],
    ["http://datalab.example.test/", "failed"],
    ["/elsewhere", "failed"],
  ])("that leads to %s: %s", async (location, status) => {
    const request = () => Promise.resolve({ status: 308, headers: { location }, text: "" });
    const context = contextWith({ web: { request } as unknown as Context["web"] });
    expect(await redirectStep(host, "/").run(context)).toMatchObject({ status });
  });

  it("leads to the port of the addresses, where it is another one", async () => {
    const to = (location: string) => {
      const request = () => Promise.resolve({ status: 308, headers: { location }, text: "" });
      const context = contextWith({ web: { request } as unknown as Context["web"] });
      return redirectStep({ ...host, port: "8443" }, "/").run(context);
    };
    expect(await to("https://datalab.example.test:8443/")).toMatchObject({ status: "passed" });
    expect(await to("https://datalab.example.test/")).toMatchObject({ status: "failed" });
  });

  it("that is closed is told with the port that was tried", async () => {
    const context = (options: object) =>
      contextWith({
        web: { request: () => Promise.reject(new Error("refused")) } as unknown as Context["web"],
        expected: { publicPorts: { http: 30080, https: 30443 } } as Context["expected"],
        options: options as Context["options"],
      });
    expect(await redirectStep(host, "/").run(context({}))).toMatchObject({ cause: "port 30080 is closed" });
    expect(await redirectStep(host, "/").run(context({ httpPort: 81 }))).toMatchObject({ cause: "port 81 is closed" });
  });
});

describe("a clock", () => {
  it("is asked for at the port of the address", async () => {
    const asked: string[] = [];
    const request = (address: string) => {
      asked.push(address);
      return Promise.resolve({ status: 200, headers: { date: "Sat, 21 Nov 2026 12:00:00 GMT" }, text: "" });
    };
    const context = contextWith({ web: { request } as unknown as Context["web"] });
    const host = { key: "portal", host: "datalab.example.test", port: "8443", own: true, part: "portal", path: "/" };
    expect(await clockStep(host, "/").run(context)).toMatchObject({ status: "passed" });
    await clockStep({ ...host, port: "" }, "/").run(context);
    expect(asked).toEqual(["https://datalab.example.test:8443/", "https://datalab.example.test/"]);
  });
});

describe("a certificate", () => {
  const host = { key: "portal", host: "datalab.example.test", port: "", own: true, part: "portal", path: "/" };
  const certificate = (name: string, end: string, issuerCertificate?: object) => ({
    subject: { CN: name },
    subjectaltname: "DNS:*.example.test",
    issuer: { CN: "Root" },
    fingerprint256: name,
    valid_from: "Jan  1 00:00:00 2026 GMT",
    valid_to: end,
    issuerCertificate,
    raw: Buffer.from("0603551d0e 0603551d0f 0603551d23".replaceAll(" ", ""), "hex"),
  });
  const old = certificate("Old Root", "Sep 30 00:00:00 2026 GMT");
  const fresh = "Mar  1 00:00:00 2027 GMT";

  it.each<[string, object, string | undefined, string, RegExp | undefined]>([
    ["that is fresh", certificate("leaf", fresh), undefined, "passed", undefined],
    [
      "of an authority that has ended, and is not trusted",
      certificate("leaf", fresh, old),
      "CERT_HAS_EXPIRED",
      "failed",
      /"Old Root" .* expired on 2026-09-30/,
    ],
    [
      "that is trusted beside an authority that has ended",
      certificate("leaf", fresh, old),
      undefined,
      "warning",
      /chain .* holds "Old Root", which expired/,
    ],
    [
      "of an authority that does not say what its key is for",
      certificate("leaf", fresh, { ...certificate("Lax Root", fresh), raw: Buffer.alloc(0) }),
      undefined,
      "warning",
      /refuse datalab\.example\.test on Python 3\.13 .*"Lax Root" .* no Key Usage/,
    ],
    [
      "that ends, beside an authority that has ended",
      certificate("leaf", "Nov 25 00:00:00 2026 GMT", old),
      undefined,
      "warning",
      /"leaf" .* ends in 3 days/,
    ],
    [
      "that has ended",
      certificate("leaf", "Nov 20 00:00:00 2026 GMT"),
      "CERT_HAS_EXPIRED",
      "failed",
      /"leaf" .* expired/,
    ],
  ])("%s", async (_, served, chainError, status, problem) => {
    const handshake = () => Promise.resolve({ address: "", certificate: served, chainError });
    const context = contextWith({
      expected: expectationsOf(minimal()),
      options: { expiryDays: 14 } as Context["options"],
      web: { handshake } as unknown as Context["web"],
    });
    const outcome = await certificateStep(host).run(context);
    expect(outcome).toMatchObject({
      status,
      ...(problem === undefined ? {} : { problem: expect.stringMatching(problem) }),
    });
  });

  it("of a store elsewhere is asked for at its port, and is not cert-manager's", async () => {
    const asked: unknown[] = [];
    const handshake = (...given: unknown[]) => {
      asked.push(given);
      return Promise.resolve({ address: "", certificate: certificate("leaf", fresh), chainError: undefined });
    };
    const store = {
      key: "sts",
      host: "sts.elsewhere.test",
      port: "8443",
      own: false,
      part: "object store",
      path: undefined,
    };
    const context = contextWith({
      expected: expectationsOf(minimal()),
      web: { handshake } as unknown as Context["web"],
    });
    expect(await certificateStep(store).run(context)).toMatchObject({
      status: "failed",
      problem: expect.stringContaining("holds for *.example.test only"),
      cure: "Tell whoever runs that server",
    });
    await connectionStep(store).run(context);
    expect(asked).toEqual([
      ["sts.elsewhere.test", "8443"],
      ["sts.elsewhere.test", "8443"],
    ]);
  });
});

describe("a page", () => {
  it("gives the text of an element", () => {
    const html = '<div><span id="input-error" class="x">\n Invalid &quot;name&quot;\n</span></div>';
    expect(elementText(html, /<[^>]*id="input-error[^"]*"[^>]*>/)).toBe('Invalid "name"');
    expect(elementText(html, /<h1>/)).toBeUndefined();
  });
});
