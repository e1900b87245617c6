import type { Expectations } from "../expectations.ts";
import { type S3Credentials, s3Error, xmlField } from "../s3.ts";
import { fact, failed, passed, type Step, storeOf } from "../step.ts";
import { storeLogs, storeUnavailable } from "./store.ts";

/** The token for S3 keys, as a browser exchanges it. */
export function exchangeStep({ publicHosts }: Expectations): Step {
  const elsewhere = publicHosts.filter(({ key }) => key === "sts").map(({ key }) => `certificate:${key}`);
  return {
    id: "exchange",
    title: "token exchanged for S3 keys",
    hop: "object store → Keycloak",
    needs: ["object-store", "storage-token", ...elsewhere],
    run: async (context) => {
      const { sts } = storeOf(context);
      const answer = await context.web.request(sts.url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({
          Action: "AssumeRoleWithWebIdentity",
          Version: "2011-06-15",
          WebIdentityToken: fact(context, "storageToken"),
          // A store may refuse a life that is longer than it allows.
          DurationSeconds: String(sts.durationSeconds),
          ...(sts.roleArn === "" ? {} : { RoleArn: sts.roleArn, RoleSessionName: sts.roleSessionName }),
        }).toString(),
      });
      const down = storeUnavailable(context.expected, sts.url, answer);
      if (down !== undefined) return failed(down);
      const credentials: S3Credentials = {
        accessKey: xmlField(answer.text, "AccessKeyId"),
        secretKey: xmlField(answer.text, "SecretAccessKey"),
        sessionToken: xmlField(answer.text, "SessionToken"),
      };
      if (answer.status === 200 && credentials.accessKey !== "") return passed(undefined, { credentials });
      const problem = `The object store gives no keys for the token: ${s3Error(answer)}`;
      if (/DurationSeconds|MaxSessionDuration/.test(answer.text)) {
        return failed({
          problem,
          cause: `it does not let keys live for ${sts.durationSeconds} s, for which every browser asks`,
          cure: "Set datalab:objectStore.credentialsLifetime to what it allows, or let the role's sessions be longer",
        });
      }
      return failed({
        problem,
        cause:
          "it expects another audience or issuer, does not know the policy, or cannot reach or trust the realm's keys",
        cure: storeLogs(context.expected),
      });
    },
  };
}
