import { describe, expect, it } from "@jest/globals";

import { traefikArguments } from "../../components/ingress/traefik-arguments.ts";

/** Options by name, lower case as the program reads them; each may be given once. */
function optionsOf(args: readonly string[]): Map<string, string> {
  const options = args.map((argument) => {
    const [, name, value] = /^--([^=]+)=(.*)$/.exec(argument) ?? [];
    return [(name ?? "").toLowerCase(), value ?? ""] as const;
  });
  expect(new Set(options.map(([name]) => name)).size).toBe(args.length);
  return new Map(options);
}

describe("Traefik's arguments", () => {
  const options = optionsOf(traefikArguments({ proxyProtocolFrom: [] }));

  it.each(["web", "websecure"])(
    "let uploads and websockets last, and keep smuggled headers out, at %s",
    (entryPoint) => {
      const option = (name: string) => options.get(`entrypoints.${entryPoint}.${name}`);
      expect(option("transport.respondingtimeouts.readtimeout")).toBe("0s");
      expect(option("http.underscoreheadersstrategy")).toBe("delete");
      expect(option("proxyprotocol.trustedips")).toBeUndefined();
    },
  );

  it("serve the class of Onyxia's charts as ingress-nginx did, with patience for idle notebooks", () => {
    const provider = (name: string) => options.get(`providers.kubernetesingressnginx${name}`);
    expect(provider("")).toBe("true");
    expect(provider(".ingressclass")).toBe("nginx");
    expect(provider(".controllerclass")).toBe("k8s.io/ingress-nginx");
    expect(provider(".httpentrypoint")).toBe("web");
    expect(provider(".httpsentrypoint")).toBe("websecure");
    expect(provider(".proxyconnecttimeout")).toBe("5");
    expect(provider(".proxyreadtimeout")).toBe("3600");
    expect(provider(".proxysendtimeout")).toBe("3600");
  });

  it("give whoever may write an Ingress no more than that", () => {
    expect(options.get("providers.kubernetesingressnginx.allowsnippetannotations")).toBe("false");
    expect(options.get("providers.kubernetesingressnginx.disablesvcexternalname")).toBe("true");
    expect(options.get("providers.kubernetesingressnginx.globalallowedresponseheaders")).toBe(
      "Strict-Transport-Security",
    );
    expect([...options.keys()].filter((name) => /^(api|providers\.(?!kubernetesingressnginx))/.test(name))).toEqual([]);
  });

  it("report nothing to anybody", () => {
    expect(options.get("global.checknewversion")).toBe("false");
    expect(options.get("global.sendanonymoususage")).toBe("false");
  });

  it("believe the visitor's address only from the named load balancers, in whatever order they are named", () => {
    const nets = ["10.2.0.0/16", "10.1.0.0/16"];
    const args = traefikArguments({ proxyProtocolFrom: nets });
    expect(args).toEqual(traefikArguments({ proxyProtocolFrom: nets.toReversed() }));
    for (const entryPoint of ["web", "websecure"]) {
      expect(optionsOf(args).get(`entrypoints.${entryPoint}.proxyprotocol.trustedips`)).toBe("10.1.0.0/16,10.2.0.0/16");
    }
  });
});
