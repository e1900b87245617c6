import { describe, expect, it } from "@jest/globals";

import { issuerPolicy, issuerPolicyName } from "../../components/certificates/issuer-policy.ts";
import { ownIssuerLimits } from "../../components/certificates/own-issuer.ts";
import { certificatesSettings } from "../../components/certificates/settings.ts";
import { hostsOf } from "../../components/names.ts";
import { enforced } from "../../components/workspaces/policy.ts";

const args = { issuerName: "datalab-ca", namespace: "ingress", domains: ["example.org", "lab.example.org"] };

/** What the API server makes of it is asked in tests/engine/issuer-policy.test.ts. */
describe("the policy of the platform's own issuer", () => {
  const expressions = (domains: readonly string[]) => JSON.stringify(issuerPolicy({ ...args, domains }).spec);

  it("looks at whatever asks cert-manager for a certificate, and at nothing else of its", () => {
    expect(issuerPolicy(args)).toMatchObject({
      metadata: { name: "datalab-issuer" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["cert-manager.io"],
              operations: ["CREATE", "UPDATE"],
              resources: ["certificates", "certificaterequests"],
            },
          ],
        },
      },
    });
  });

  it("names a domain once, and one that is none below it beside it", () => {
    expect(expressions(args.domains)).not.toContain("lab.example.org");
    expect(expressions(["example.org", "example.net"])).toContain("below example.org and example.net");
    // The end of a name that has another beginning is no name below it.
    expect(expressions(["example.org", "lab-example.org"])).toContain("lab-example.org");
  });

  it.each([
    [{ issuer: "privateCa" }, "datalab-ca"],
    [{ issuer: "letsencrypt", email: "ops@example.org", environment: "staging" }, "letsencrypt-staging"],
    [{ issuer: "existing", issuerName: "company" }, undefined],
  ])("is that of the issuer which the platform makes: %j", (certificates, issuerName) => {
    const hosts = hostsOf({ domain: "example.org", servicesDomain: "services.example" });
    const limits = ownIssuerLimits(certificatesSettings.parse(certificates), hosts, "ingress");
    const domains = ["example.org", "services.example"];
    expect(limits).toEqual(issuerName && { issuerName, namespace: "ingress", domains });
  });

  it("is in force", () => {
    expect(enforced(issuerPolicyName).spec).toEqual({ policyName: "datalab-issuer", validationActions: ["Deny"] });
  });
});
