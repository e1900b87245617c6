import { randomBytes } from "node:crypto";

import { homeOf, homeUri, type StorageHome } from "../../components/access/access-model.ts";
import { namespaces } from "../../components/names.ts";
import { type S3Credentials, s3Error, type S3Request, sendSigned, xmlField } from "../s3.ts";
import { type Context, fact, failed, type Finding, passed, type Step, storeOf } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";
import { storePart } from "./store.ts";
import { unavailable } from "./unavailable.ts";

/** The token for S3 keys, as a browser exchanges it. */
export const exchangeStep: Step = {
  id: "exchange",
  title: "token exchanged for S3 keys",
  hop: "object store → Keycloak",
  needs: ["object-store", "storage-token"],
  run: async (context) => {
    const { sts } = storeOf(context);
    const answer = await context.web.request(sts.url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        WebIdentityToken: fact(context, "storageToken"),
        // The shortest life that there is.
        DurationSeconds: "900",
        ...(sts.roleArn === "" ? {} : { RoleArn: sts.roleArn, RoleSessionName: sts.roleSessionName }),
      }).toString(),
    });
    const down = unavailable(sts.url, answer, storePart);
    if (down !== undefined) return failed(down);
    const credentials: S3Credentials = {
      accessKey: xmlField(answer.text, "AccessKeyId"),
      secretKey: xmlField(answer.text, "SecretAccessKey"),
      sessionToken: xmlField(answer.text, "SessionToken"),
    };
    if (answer.status === 200 && credentials.accessKey !== "") return passed(undefined, { credentials });
    return failed({
      problem: `The object store gives no keys for the token: ${s3Error(answer)}`,
      cause:
        "it expects another audience or issuer, does not know the policy, or cannot reach or trust the realm's keys",
      cure: `Look at \`kubectl --namespace ${namespaces.objectStore} logs statefulset/object-store\` and at the Job beside it`,
    });
  },
};

export const ownBucketStep: Step = {
  id: "own-bucket",
  title: "own bucket is open",
  hop: "object store",
  needs: ["exchange"],
  run: async (context) => {
    const { access } = context.expected;
    const uri = homeUri(access, user(context));
    const answer = await list(context, homeOf(access, user(context)));
    if (answer.status === 200) return passed(uri);
    // Who may not look is refused; who may is told that there is nothing yet.
    if (isMissing(answer)) return passed(`${uri}, which the portal makes at the first visit`);
    return failed(storeFinding(`The user may not list ${uri}`, answer));
  },
};

export const foreignBucketStep: Step = {
  id: "foreign-bucket",
  title: "other buckets are closed",
  hop: "object store",
  needs: ["exchange"],
  run: async (context) => {
    const { access } = context.expected;
    const own = homeOf(access, user(context));
    // Nobody's, one whose name begins like the own one's, and all of a bucket that users share.
    const others = ["doctor-nobody", `${user(context)}-2`].map((name) => homeOf(access, name));
    if (own.prefix !== "") others.push({ bucket: own.bucket, prefix: "" });
    for (const home of others) {
      const answer = await list(context, home);
      if (answer.status !== 403) {
        return failed(open(`The user is not refused s3://${home.bucket}/${home.prefix}: ${s3Error(answer)}`));
      }
    }
    const buckets = await send(context, { method: "GET", bucket: "" });
    const names = [...buckets.text.matchAll(/<Bucket><Name>([^<]*)</g)].flatMap(([, name = ""]) => name);
    const foreign = names.filter((name) => name !== own.bucket);
    if (foreign.length > 0) return failed(open(`The user is told of other buckets: ${foreign.slice(0, 3).join(", ")}`));
    return passed();
  },
};

/** Writes one object, reads it and deletes it; the bucket too, if it was not there. */
export const writeStep: Step = {
  id: "write",
  title: "object written, read and deleted",
  hop: "object store",
  needs: ["own-bucket"],
  unless: ({ options }) => (options.write ? undefined : "--write was not given"),
  run: async (context) => {
    const home = homeOf(context.expected.access, user(context));
    const { bucket } = home;
    const makesBucket = isMissing(await list(context, home));
    if (makesBucket) {
      const made = await send(context, { method: "PUT", bucket });
      if (made.status !== 200) return failed(storeFinding(`The bucket ${bucket} could not be made`, made));
    }
    try {
      return await writeAndDelete(context, home);
    } finally {
      if (makesBucket) await send(context, { method: "DELETE", bucket });
    }
  },
};

async function writeAndDelete(context: Context, { bucket, prefix }: StorageHome) {
  const key = `${prefix}.datalab-doctor-${randomBytes(8).toString("hex")}`;
  const name = `s3://${bucket}/${key}`;
  const body = randomBytes(32).toString("hex");
  const written = await send(context, { method: "PUT", bucket, key, body });
  if (written.status !== 200) return failed(storeFinding(`${name} could not be written`, written));
  const read = await send(context, { method: "GET", bucket, key });
  const deleted = await send(context, { method: "DELETE", bucket, key });
  if (read.text !== body) return failed(storeFinding(`${name} does not come back as it was written`, read));
  return deleted.status === 204 ? passed() : failed(storeFinding(`${name} could not be deleted`, deleted));
}

function user({ options }: Context): string {
  return options.user ?? "";
}

function list(context: Context, { bucket, prefix }: StorageHome): Promise<WebAnswer> {
  const query = `list-type=2&max-keys=1&prefix=${encodeURIComponent(prefix)}`;
  return send(context, { method: "GET", bucket, query });
}

function isMissing({ status, text }: WebAnswer): boolean {
  return status === 404 && xmlField(text, "Code") === "NoSuchBucket";
}

function send(context: Context, request: Omit<S3Request, "at">): Promise<WebAnswer> {
  const credentials = fact(context, "credentials");
  return sendSigned(context.web, storeOf(context), credentials, { ...request, at: context.now() });
}

function storeFinding(problem: string, answer: WebAnswer): Finding {
  const said = `${problem}: ${s3Error(answer)}`;
  if (/StorageFull|no space/i.test(answer.text) || answer.status === 507) {
    return {
      problem: said,
      cause: "the store's volumes are full",
      cure: "Delete what is not needed, or give the store more room",
    };
  }
  return {
    problem: said,
    cause: "the policy of the store is not the one of this stack",
    cure: `Look at \`kubectl --namespace ${namespaces.objectStore} get jobs,pods\`, and run \`pulumi up\``,
  };
}

function open(problem: string): Finding {
  return {
    problem,
    cause: "the policy of the store is wider than the one of this stack",
    cure: "Take the store off the network until its policies are compared with docs/object-store.md",
  };
}
