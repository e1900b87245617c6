import { randomBytes } from "node:crypto";

import { homeOf, homeUri, type StorageHome } from "../../../components/access/access-model.ts";
import { s3Error, type S3Request, sendSigned, xmlField } from "../s3.ts";
import { type Context, fact, failed, type Finding, passed, type Step, storeOf, warning } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";
import { isDenied, isMissing, isShared, missingBucket } from "./bucket-answers.ts";
import { storeLogs, storeUnavailable } from "./store.ts";

export const ownBucketStep: Step = {
  id: "own-bucket",
  title: "own bucket is open",
  hop: "object store",
  needs: ["exchange"],
  run: async (context) => {
    const { access } = context.expected;
    const uri = homeUri(access, userOf(context));
    const home = homeOf(access, userOf(context));
    const answer = await list(context, home);
    if (answer.status === 200) return passed(uri);
    // Who may not look is refused; who may is told that there is nothing yet.
    if (isMissing(answer)) {
      if (isShared(context.expected)) return failed(missingBucket(home.bucket));
      return passed(`${uri}, which the portal makes at the first visit`);
    }
    return failed(storeFinding(context, `The user may not list ${uri}`, answer));
  },
};

export const foreignBucketStep: Step = {
  id: "foreign-bucket",
  title: "other buckets are closed",
  hop: "object store",
  // A store that refuses everything would look well closed.
  needs: ["exchange", "own-bucket"],
  run: async (context) => {
    const { access, ownObjectStore } = context.expected;
    const own = homeOf(access, userOf(context));
    // Nobody's, one whose name begins like the own one's, and all of a bucket that users share.
    const others = ["doctor-nobody", `${userOf(context)}-2`].map((name) => homeOf(access, name));
    if (isShared(context.expected)) others.push({ bucket: own.bucket, prefix: "" });
    const unclear: { readonly what: string; readonly answer: WebAnswer }[] = [];
    for (const home of others) {
      for (const ask of [list, getAnything]) {
        const answer = await ask(context, home);
        const what = `s3://${home.bucket}/${home.prefix}`;
        const down = storeUnavailable(context.expected, what, answer);
        if (down !== undefined) return failed(down);
        if (isOpen(context, answer)) return failed(open(`The user is not refused ${what}: ${s3Error(answer)}`));
        if (!isDenied(answer)) unclear.push({ what, answer });
      }
    }
    const buckets = await send(context, { method: "GET", bucket: "" });
    if (buckets.status === 200) {
      const names = [...buckets.text.matchAll(/<Bucket>.*?<Name>([^<]*)</gs)].flatMap(([, name = ""]) => name);
      const foreign = names.filter((name) => name !== own.bucket);
      if (foreign.length > 0)
        return failed(open(`The user is told of other buckets: ${foreign.slice(0, 3).join(", ")}`));
    } else if (!isDenied(buckets)) unclear.push({ what: "list of buckets", answer: buckets });
    const [first] = unclear;
    if (first === undefined) return passed();
    const finding = {
      problem: `It cannot be told whether other buckets are closed: ${first.what}: ${s3Error(first.answer)}`,
      cause: isMissing(first.answer)
        ? "nobody has that place, and the store says so to everybody"
        : "the store refuses the request before it looks at its policies",
      cure: "Let two users each try the other's bucket",
    };
    return ownObjectStore ? failed({ ...finding, cure: storeLogs(context.expected) }) : warning(finding);
  },
};

/**
 * Whether the answer shows that the user may. Everybody may know which buckets exist on some stores; the platform's own
 * looks at the policy first.
 */
function isOpen({ expected: { ownObjectStore } }: Context, answer: WebAnswer): boolean {
  if (answer.status !== 404) return answer.status === 200;
  return ownObjectStore || xmlField(answer.text, "Code") === "NoSuchKey";
}

export function userOf({ options }: Context): string {
  return options.user ?? "";
}

export function list(context: Context, { bucket, prefix }: StorageHome): Promise<WebAnswer> {
  const query = `list-type=2&max-keys=1&prefix=${encodeURIComponent(prefix)}`;
  return send(context, { method: "GET", bucket, query });
}

function getAnything(context: Context, { bucket, prefix }: StorageHome): Promise<WebAnswer> {
  return send(context, { method: "GET", bucket, key: randomKey(prefix) });
}

/** A key that nobody has. */
export function randomKey(prefix: string): string {
  return `${prefix}.datalab-doctor-${randomBytes(8).toString("hex")}`;
}

export function send(context: Context, request: Omit<S3Request, "at">): Promise<WebAnswer> {
  const credentials = fact(context, "credentials");
  return sendSigned(context.web, storeOf(context), credentials, { ...request, at: context.now() });
}

/** What it means that the store refuses what it must allow. */
export function storeFinding({ expected }: Context, problem: string, answer: WebAnswer): Finding {
  const said = `${problem}: ${s3Error(answer)}`;
  if (/StorageFull|no space/i.test(answer.text) || answer.status === 507) {
    return {
      problem: said,
      cause: "the store's volumes are full",
      cure: "Delete what is not needed, or give the store more room",
    };
  }
  const down = storeUnavailable(expected, problem, answer);
  if (down !== undefined) return { ...down, problem: said };
  return {
    problem: said,
    cause: "the policy of the store is not the one of this stack",
    cure: expected.ownObjectStore ? `${storeLogs(expected)}, and run \`pulumi up\`` : storeLogs(expected),
  };
}

function open(problem: string): Finding {
  return {
    problem,
    cause: "the policy of the store is wider than the one of this stack",
    cure: "Take the store off the network until its policies are compared with docs/object-store.md",
  };
}
