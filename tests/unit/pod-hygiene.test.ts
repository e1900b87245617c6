import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";

import { caBundleConfigMap, trustedFolder } from "../../components/kubernetes/ca-bundle.ts";
import { configHash } from "../../components/kubernetes/config-hash.ts";
import { hostAliases } from "../../components/kubernetes/host-aliases.ts";
import { labelsFor, selectorFor } from "../../components/kubernetes/labels.ts";
import { denyAll } from "../../components/kubernetes/network-policy.ts";
import { platformContainer, platformPod } from "../../components/kubernetes/pod-hygiene.ts";
import { untilAddressed, untilRolledOut, withoutWait } from "../../components/kubernetes/rollout.ts";

describe("a pod of the platform", () => {
  it("runs as a plain user on level `restricted`, before users' pods, without variables of its neighbours", () => {
    expect(platformPod(1000, 999)).toEqual({
      priorityClassName: "datalab-platform",
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 999,
        fsGroup: 999,
        // Otherwise every start changes the owner of every file of a volume.
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    expect(platformPod(1000).securityContext).toMatchObject({ runAsGroup: 1000, fsGroup: 1000 });
  });

  it("can gain nothing, writes into its volumes alone, and has the memory that it asked for and no more", () => {
    expect(platformContainer({ cpu: "250m", memory: "1Gi" })).toEqual({
      resources: { requests: { cpu: "250m", memory: "1Gi" }, limits: { memory: "1Gi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
      },
      terminationMessagePolicy: "FallbackToLogsOnError",
    });
  });

  it("is another one when its configuration is, and the same one otherwise", () => {
    const hash = (content: object) => configHash(content)["datalab.dev/config-hash"];
    expect(hash({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
    expect(hash({ a: 1 })).toBe(hash({ a: 1 }));
    expect(hash({ a: 1 })).not.toBe(hash({ a: 2 }));
  });

  it("reaches public hosts by the controller's address where that is known, and by their names otherwise", () => {
    const ingress = { namespace: "ways-in", podHttpsPort: 8443 };
    const clusterIp = pulumi.output("10.96.0.10");
    expect(hostAliases({ clusterIp, caBundle: undefined, ingress }, "a.org", "b.org")).toEqual([
      { ip: clusterIp, hostnames: ["a.org", "b.org"] },
    ]);
    expect(hostAliases({ clusterIp: undefined, caBundle: undefined, ingress }, "a.org")).toEqual([]);
  });

  it("trusts the platform's authority beside the public ones", () => {
    expect(caBundleConfigMap("somewhere", "PEM")).toMatchObject({
      metadata: { name: "platform-ca", namespace: "somewhere" },
      data: { "ca.crt": "PEM" },
    });
    expect(trustedFolder("/trust")).toEqual({ name: "SSL_CERT_DIR", value: "/etc/ssl/certs:/trust" });
  });
});

describe("an object of the platform", () => {
  it("says what it is, and is selected by what can never change", () => {
    const selector = { "app.kubernetes.io/name": "a", "app.kubernetes.io/part-of": "datalab" };
    expect(selectorFor("a")).toEqual(selector);
    expect(labelsFor("a")).toEqual({ ...selector, "app.kubernetes.io/managed-by": "pulumi" });
  });

  it("in a namespace that denies everything needs a policy of its own to connect", () => {
    expect(denyAll("somewhere")).toMatchObject({
      metadata: { name: "deny-all", namespace: "somewhere" },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });
  });

  it("is waited for until what it runs is new and ready, or not at all, or until it has an address", () => {
    expect(JSON.parse(untilRolledOut["pulumi.com/waitFor"])).toEqual([
      "jsonpath={$[?$.status.observedGeneration == $.metadata.generation]}",
      "jsonpath={$[?$.status.updatedReplicas == $.spec.replicas]}",
      "jsonpath={$[?$.status.readyReplicas == $.spec.replicas]}",
    ]);
    expect(withoutWait).toEqual({ "pulumi.com/skipAwait": "true" });
    expect(untilAddressed).toEqual({ "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress}" });
  });
});
