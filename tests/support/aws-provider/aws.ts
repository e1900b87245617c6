/** `aws eks get-token`: lets those in whom the cluster's access entries name. */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Account, accountId } from "./account.ts";
import { KubernetesApi } from "./kubernetes.ts";
import { object, text } from "./values.ts";

/** Who runs the program: one of the administrators in Pulumi.prod.yaml. */
const caller = process.env["DATALAB_TEST_AWS_CALLER"] ?? `arn:aws:iam::${accountId}:role/operators`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "cluster-name": { type: "string" },
    region: { type: "string" },
    output: { type: "string" },
    "role-arn": { type: "string" },
    profile: { type: "string" },
  },
});
const folder = process.env["DATALAB_TEST_AWS"];
const name = values["cluster-name"];
if (folder === undefined || positionals.join(" ") !== "eks get-token" || name === undefined) {
  console.error(
    `the stand-in of aws knows "eks get-token --cluster-name <name>" only, not "${process.argv.slice(2).join(" ")}"`,
  );
  process.exit(252);
}
console.log(JSON.stringify(credential(new Account(folder), name)));

function credential(account: Account, clusterName: string): object {
  const principal = values["role-arn"] ?? caller;
  if (!mayEnter(account, clusterName, principal)) {
    console.error(`Unauthorized: ${principal} has no access to the cluster ${clusterName}`);
    process.exit(255);
  }
  const { certificate, key } = new KubernetesApi(join(folder ?? "", "kubeconfig"));
  return {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: {},
    // A certificate in place of a token: what the embedded API server accepts.
    status: { clientCertificateData: certificate, clientKeyData: key },
  };
}

/** Whether an access entry makes the principal an administrator, or he has created the cluster and that suffices. */
function mayEnter(account: Account, clusterName: string, principal: string): boolean {
  const cluster = account.find("aws:eks/cluster:Cluster", clusterName);
  if (cluster === undefined) return false;
  if (object(cluster.outputs["accessConfig"])["bootstrapClusterCreatorAdminPermissions"] === true) return true;
  return account.resources().some(({ token, inputs }) => {
    const own = text(inputs["clusterName"]) === clusterName && text(inputs["principalArn"]) === principal;
    const policy = text(inputs["policyArn"]) ?? "";
    return (
      own &&
      token === "aws:eks/accessPolicyAssociation:AccessPolicyAssociation" &&
      /AmazonEKSClusterAdminPolicy$/.test(policy)
    );
  });
}
