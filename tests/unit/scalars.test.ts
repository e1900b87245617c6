import { describe, expect, it } from "@jest/globals";
import type { z } from "zod";

import { mailSettings } from "../../components/identity/mail-settings.ts";
import { imagePullSettings } from "../../components/kubernetes/image-pull.ts";
import { portalSettings } from "../../components/portal/settings.ts";
import {
  bytesOf,
  cpuQuantity,
  dnsLabel,
  dnsSubdomain,
  domainName,
  duration,
  durationBetween,
  httpsUrl,
  quantity,
  secondsOf,
} from "../../components/scalars.ts";

interface Form {
  readonly schema: z.ZodType;
  readonly takes: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const label63 = "a".repeat(63);
const mail = { from: "lab@example.org" };

/** What a text may be, and what is like it and must not pass: something before, after, or a letter too many. */
const forms: Readonly<Record<string, Form>> = {
  "a domain": {
    schema: domainName,
    takes: ["example.org", "a.b", "1-2.x-y.org", `${label63}.org`, `example.${label63}`],
    refuses: ["org", "Example.org", "example.org.", ".example.org", "-a.org", "a-.org", "a.1org", "a.org-", "a b.org"],
  },
  "a domain of some length": {
    schema: domainName,
    takes: [`${"a.".repeat(98)}org1`],
    refuses: [`${"a.".repeat(99)}org`, `${label63}a.org`, `example.${label63}a`],
  },
  "a label": {
    schema: dnsLabel,
    takes: ["a", "0", "a-b", label63],
    refuses: ["", "-a", "a-", "A", "a.b", `${label63}a`, "a b"],
  },
  "a name of an object": {
    schema: dnsSubdomain,
    takes: ["fast", "a.b", "a-1.b-2", "0", "a".repeat(253)],
    refuses: ["", "-a", "a-", "a..b", ".a", "a.", "a.-b", "a.b-", "A.b", "a.B", "a.b c", "a".repeat(254)],
  },
  "an amount": {
    schema: quantity,
    takes: ["1Ki", "10Gi", "256M", "2T", "1P"],
    refuses: ["10", "0Gi", "Gi", "1.5Gi", "-1Gi", "1Gib", "about 1Gi", "1m"],
  },
  CPU: {
    schema: cpuQuantity,
    takes: ["250m", "10m", "2", "20", "1.5", "0.125", 2, 0.5],
    refuses: ["0", "0m", "m", "1.", "1.2345", "1.5m", "2 cores", "x2", "-1", ".5", 0, -1],
  },
  "a length of time": {
    schema: duration,
    takes: ["1s", "90m", "12h", "7d"],
    refuses: ["0s", "h", "12", "1w", "1h30m", "1.5h", "in 2h", "-1h"],
  },
  "a length of time within bounds": {
    schema: durationBetween("15m", "12h"),
    takes: ["15m", "900s", "12h"],
    refuses: ["14m", "899s", "13h", "1d", "soon"],
  },
  "an address": {
    schema: httpsUrl,
    takes: ["https://a", "https://a-1.example.org", "https://a.org:8443", "https://a.org/path/x", "https://a.org:1/y"],
    refuses: [
      "http://a.org",
      "a.org",
      "see https://a.org",
      "https://a.org/",
      "https://a.org/p q",
      "https://a.org/p?q",
      "https://a.org/p#q",
      "https://-a.org",
      "https://a-",
      "https://A.org",
      "https://a.org:123456",
      "https://a.org:x",
      "https://",
    ],
  },
  "a mail server": {
    schema: mailSettings,
    takes: [
      { ...mail, host: "mail.example.org" },
      { ...mail, host: "M" },
      { ...mail, host: "192.0.2.1", port: 65535 },
      { ...mail, host: "mail", user: "lab", password: "x" },
      { ...mail, host: "mail", encryption: "none" },
    ],
    refuses: [
      { ...mail, host: "-mail" },
      { ...mail, host: "mail-" },
      { ...mail, host: "mail.example.org:587" },
      { ...mail, host: "a".repeat(254) },
      { ...mail, host: "mail", port: 0 },
      { ...mail, host: "mail", port: 65536 },
      { ...mail, host: "mail", user: "lab" },
      { ...mail, host: "mail", password: "x" },
      { ...mail, host: "mail", user: "", password: "x" },
      { ...mail, host: "mail", user: "lab", password: "" },
      { ...mail, host: "mail", user: "l".repeat(321), password: "x" },
      { ...mail, host: "mail", encryption: "none", user: "lab", password: "x" },
      { host: "mail", from: "lab" },
    ],
  },
  "a login to a registry": {
    schema: imagePullSettings,
    takes: [
      { username: "robot$lab", password: "x" },
      { username: "r", password: "x", registry: "r" },
      { username: "r", password: "x", registry: "registry-1.example.org:5000" },
    ],
    refuses: [
      { username: "a:b", password: "x" },
      { username: "a b", password: "x" },
      { username: "", password: "x" },
      { username: "a", password: "" },
      { username: "a", password: "x", registry: "https://registry.example.org" },
      { username: "a", password: "x", registry: "registry.example.org/lab" },
      { username: "a", password: "x", registry: "registry-" },
      { username: "a", password: "x", registry: "-registry" },
      { username: "a", password: "x", registry: "registry:123456" },
    ],
  },
  "a catalogue": {
    schema: portalSettings,
    takes: [
      { catalogs: [{ id: "a", name: "A", location: "https://charts.example.org" }] },
      { catalogs: [{ id: "a", name: "A", location: "https://charts.example.org:8443/lab/stable" }] },
      { catalogs: [{ id: "a", name: "A", location: "http://charts.catalogue.svc" }] },
      { catalogs: [{ id: "a", name: "A", location: "http://charts.catalogue.svc.cluster.local:8080/x" }] },
    ],
    refuses: [
      { catalogs: [{ id: "a", name: "A", location: "http://charts.example.org" }] },
      { catalogs: [{ id: "a", name: "A", location: "at https://charts.example.org" }] },
      { catalogs: [{ id: "a", name: "A", location: "https://charts.example.org/index.yaml?x" }] },
      { catalogs: [{ id: "a", name: "A", location: "https://charts.example.org/${x}" }] },
      { catalogs: [{ id: "a", name: "A", location: "https://charts-" }] },
      { catalogs: [{ id: "a", name: "A", location: "http://charts.svc" }] },
      { catalogs: [{ id: "a", name: "A", location: "http://charts.catalogue.svc.example.org" }] },
      { catalogs: [{ id: "a", name: "A", location: "oci://charts.example.org" }] },
    ],
  },
  "further kinds of charts": {
    schema: portalSettings,
    takes: [{ chartKinds: [{ group: "postgresql.cnpg.io", resources: ["clusters", "v2pools"] }] }],
    refuses: [
      { chartKinds: [{ group: "a.org", resources: [] }] },
      { chartKinds: [{ group: "a.org", resources: ["Clusters"] }] },
      { chartKinds: [{ group: "a.org", resources: ["clusters/status"] }] },
      { chartKinds: [{ group: "-a.org", resources: ["clusters"] }] },
      { chartKinds: [{ group: "a.org/v1", resources: ["clusters"] }] },
      { chartKinds: [{ group: "rbac.authorization.k8s.io", resources: ["roles"] }] },
      { chartKinds: [{ group: "admissionregistration.k8s.io", resources: ["validatingadmissionpolicies"] }] },
    ],
  },
};

describe.each(Object.entries(forms))("%s", (_, { schema, takes, refuses }) => {
  it.each(takes)("may be %j", (value) => {
    expect(schema.safeParse(value).error).toBeUndefined();
  });

  it.each(refuses)("is not %j", (value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });
});

describe("amounts", () => {
  it.each([
    ["1Ki", 1024],
    ["10Gi", 10 * 1024 ** 3],
    ["1Pi", 1024 ** 5],
    ["1k", 1000],
    ["2T", 2e12],
  ])("of %s are %d bytes", (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each([
    ["90s", 90],
    ["15m", 900],
    ["12h", 43_200],
    ["7d", 604_800],
  ])("of %s are %d seconds", (text, seconds) => {
    expect(secondsOf(text)).toBe(seconds);
  });

  it("of CPU that are written as numbers are the same as text", () => {
    expect(cpuQuantity.parse(0.5)).toBe("0.5");
  });
});

describe("a length of time", () => {
  it("that is none is told once", () => {
    expect(durationBetween("15m", "12h").safeParse("soon").error?.issues).toHaveLength(1);
  });
});
