import { describe, expect, it } from "@jest/globals";

import { deployment } from "../../components/ingress/traefik.ts";
import { ingressSettings, type TraefikSettings } from "../../components/ingress/settings.ts";
import { spread } from "../../components/kubernetes/spread.ts";

describe("replicas", () => {
  const labelSelector = {
    matchLabels: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/part-of": "datalab" },
  };

  it("are spread over nodes and over zones, and start where neither is possible", () => {
    const { topologySpreadConstraints, affinity } = spread("traefik");
    // One constraint only: nodes without the label of a second one would get no points for the first either.
    expect(topologySpreadConstraints).toEqual([
      { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
    ]);
    expect(affinity).toEqual({
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: "topology.kubernetes.io/zone", labelSelector } },
        ],
      },
    });
  });

  it("of the ingress controller are", () => {
    const settings = ingressSettings.parse({ kind: "traefik" }) as TraefikSettings;
    const { spec } = deployment(settings, "traefik") as { spec: { template: { spec: object } } };
    expect(spec.template.spec).toMatchObject(spread("traefik"));
  });
});
