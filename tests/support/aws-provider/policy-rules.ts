/** What IAM refuses in a policy document. */
import type { Failure } from "./check-shape.ts";
import { isObject, list, text, type Value, type Values } from "./values.ts";

/** Fields that hold a document, and whether it says who may act (a trust or resource policy). */
const documents: readonly { readonly field: string; readonly of: RegExp; readonly principal: boolean }[] = [
  { field: "assumeRolePolicy", of: /^aws:iam\/role:/, principal: true },
  { field: "policy", of: /^aws:iam\/(policy|rolePolicy):/, principal: false },
  { field: "policy", of: /^aws:(kms\/key|s3\/bucketPolicy|efs\/fileSystemPolicy|ec2\/vpcEndpoint):/, principal: true },
];

export function policyFailures(token: string, inputs: Values): Failure[] {
  return documents
    .filter(({ of }) => of.test(token))
    .flatMap(({ field, principal }) => {
      const document = text(inputs[field]);
      return document === undefined
        ? []
        : problems(document, principal).map((reason) => ({
            property: field,
            reason: `MalformedPolicyDocument: ${reason}`,
          }));
    });
}

function problems(document: string, principal: boolean): string[] {
  let parsed: Value;
  try {
    parsed = JSON.parse(document) as Value;
  } catch {
    return ["it is not JSON"];
  }
  if (!isObject(parsed)) return ["it is not an object"];
  if (parsed["Version"] !== "2012-10-17") return ["Version must be 2012-10-17"];
  const statements = isObject(parsed["Statement"]) ? [parsed["Statement"]] : list(parsed["Statement"]);
  if (statements.length === 0) return ["it has no statement"];
  return statements.flatMap((statement, index) =>
    isObject(statement) ? statementProblems(statement, principal).map((reason) => `statement ${index}: ${reason}`) : [],
  );
}

const elements = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);

function statementProblems(statement: Values, principal: boolean): string[] {
  const found: string[] = [];
  const has = (...names: string[]) => names.some((name) => name in statement);
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") found.push("Effect is neither Allow nor Deny");
  if (!has("Action", "NotAction")) found.push("it has no Action");
  if (principal !== has("Principal", "NotPrincipal"))
    found.push(principal ? "it has no Principal" : "it may have no Principal");
  if (!principal && !has("Resource", "NotResource")) found.push("it has no Resource");
  const { Sid: sid } = statement;
  if (typeof sid === "string" && !/^[A-Za-z0-9]*$/.test(sid))
    found.push(`Sid ${sid} has other signs than letters and digits`);
  const strange = Object.keys(statement).find((name) => !elements.has(name));
  if (strange !== undefined) found.push(`there is no element ${strange}`);
  return found;
}
