/** What cert-manager may do in the zones: prove the two wildcards, nothing else. */
import type { PolicyDocument } from "@pulumi/aws/iam/documents.js";

import type { Hosts } from "../names.ts";

/** Records by which an ACME server believes that the two domains are ours. */
export function challengeNames(hosts: Hosts): string[] {
  return [hosts.domain, hosts.services].map((domain) => `_acme-challenge.${domain}`);
}

export function challengePolicy(hosts: Hosts, zoneIds: readonly string[]): PolicyDocument {
  const zones = zoneIds.map((id) => `arn:aws:route53:::hostedzone/${id}`);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ChangeChallenges",
        Effect: "Allow",
        Action: ["route53:ChangeResourceRecordSets"],
        Resource: zones,
        Condition: {
          "ForAllValues:StringEquals": {
            "route53:ChangeResourceRecordSetsNormalizedRecordNames": challengeNames(hosts),
            "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
          },
        },
      },
      // It looks at what is there before it removes its own.
      { Sid: "ReadRecords", Effect: "Allow", Action: ["route53:ListResourceRecordSets"], Resource: zones },
      // A change gets an id of its own, which nobody knows beforehand.
      { Sid: "AwaitChanges", Effect: "Allow", Action: ["route53:GetChange"], Resource: ["arn:aws:route53:::change/*"] },
    ],
  };
}
