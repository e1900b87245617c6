/** DNS, connection, certificates, clock, redirects. */
import { caBundleName } from "../../../components/kubernetes/ca-bundle.ts";
import { namespaces } from "../../../components/names.ts";
import { issue, makeAuthority, validNow } from "../../support/certificate-maker.ts";
import type { DoctorBench } from "../../support/doctor-bench.ts";
import { domain } from "../../support/doctor-servers.ts";
import type { Break, Breaks } from "./break.ts";

/** Serves another certificate for the platform's hosts. */
export function otherCertificate(make: (bench: DoctorBench) => ReturnType<typeof issue>): Break {
  return async (bench) => {
    const { certificates } = bench.front.behaviour;
    const name = `*.${domain}`;
    const before = certificates.get(name)!;
    certificates.set(name, await make(bench));
    return {
      mend: () => {
        certificates.set(name, before);
      },
    };
  };
}

export const waysIn: Breaks = {
  "DNS that leads nowhere": {
    step: "dns:portal",
    hop: "DNS",
    says: /datalab\.demo\.test has no address/,
    cause: /record is missing/,
    breaks: (bench) =>
      Promise.resolve({
        mend: () => undefined,
        options: { all: ["-s", "dev", "--config-file", bench.platform.engine.stackFile] },
      }),
  },
  "an address at which nobody listens": {
    step: "connection:portal",
    hop: "ingress controller",
    says: /ECONNREFUSED/,
    cause: /nothing listens/,
    breaks: (bench) =>
      Promise.resolve({
        mend: () => undefined,
        options: { args: [], all: [...bench.args.slice(0, 6), "--https-port", "9"] },
      }),
  },
  "an authority that nobody can read": {
    step: "authority",
    hop: "certificate authority",
    says: /cannot be read from ConfigMap datalab-portal\/platform-ca: it has no key/,
    cause: /changed it/,
    breaks: async (bench) => {
      const name = ["--namespace", namespaces.portal];
      const text = await bench.platform.kubectl(...name, "get", "configmap", caBundleName, "-o", "json");
      const { data } = JSON.parse(text) as { data: object };
      const patch = (change: object) =>
        bench.platform.kubectl(
          ...name,
          "patch",
          "configmap",
          caBundleName,
          "--type=merge",
          "--patch",
          JSON.stringify(change),
        );
      await patch({ data: null });
      return { mend: () => patch({ data }) };
    },
  },
  "a certificate of a stranger": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /not trusted.*Somebody else/,
    cause: /another authority/,
    breaks: otherCertificate(async () =>
      issue(await makeAuthority("Somebody else"), { names: [`*.${domain}`], ...validNow }),
    ),
  },
  "an expired certificate": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /expired on 2026-01-02/,
    cause: /not renewed/,
    breaks: otherCertificate((bench) =>
      issue(bench.authority, {
        names: [`*.${domain}`],
        from: new Date("2025-10-01"),
        to: new Date("2026-01-02"),
      }),
    ),
  },
  "a certificate for another name": {
    step: "certificate:portal",
    hop: "ingress controller",
    says: /holds for \*\.elsewhere\.test only/,
    cause: /serves another one/,
    breaks: otherCertificate((bench) => issue(bench.authority, { names: ["*.elsewhere.test"], ...validNow })),
  },
  "a clock that is wrong": {
    step: "clock:portal",
    hop: "portal",
    says: /(1199|1200|1201) s ahead/,
    cause: /time server/,
    breaks: (bench) => {
      bench.front.behaviour.clockAhead = 1200;
      return Promise.resolve({
        mend: () => {
          bench.front.behaviour.clockAhead = 0;
        },
      });
    },
  },
  "plain HTTP that is served": {
    step: "redirect:portal",
    hop: "ingress controller",
    says: /answers 200 instead of a redirect/,
    cause: /TLS section/,
    breaks: (bench) => {
      bench.front.behaviour.redirects = false;
      return Promise.resolve({
        mend: () => {
          bench.front.behaviour.redirects = true;
        },
      });
    },
  },
};
