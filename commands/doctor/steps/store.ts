import { homeOf } from "../../../components/access/access-model.ts";
import { namespaces } from "../../../components/names.ts";
import type { Expectations } from "../expectations.ts";
import { placeOf } from "../s3.ts";
import { type Context, failed, type Finding, passed, type Step, storeOf, warning } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";
import { isMissing, isShared, missingBucket } from "./bucket-answers.ts";
import { excerpt, unavailable } from "./unavailable.ts";

/** Whether the store serves. The platform's own servers need each other and the realm's keys for it, and say so. */
export function storeStep({ ownObjectStore, objectStore }: Expectations): Step {
  return {
    id: "object-store",
    title: "object store answers",
    hop: "object store",
    needs: objectStore === undefined ? ["authority", "portal-configuration"] : ["certificate:object-store"],
    run: async (context) => {
      const address = `${storeOf(context).endpoint}${ownObjectStore ? "/minio/health/cluster/read" : "/"}`;
      const answer = await context.web.request(address);
      // Who does not say who he is, is refused, and that is an answer.
      if (answer.status === 200 || (!ownObjectStore && answer.status < 500)) return passed();
      return failed(storeUnavailable(context.expected, address, answer) ?? ill(context.expected, address, answer));
    },
  };
}

/** What an answer means that says nothing of what was asked for; undefined for any other. */
export function storeUnavailable(expected: Expectations, address: string, answer: WebAnswer): Finding | undefined {
  // The servers' own refusal has the same status as an ingress controller without a pod, but says who speaks.
  const speaks = !expected.ownObjectStore || /minio|silo/i.test([answer.headers.server].flat().join(""));
  const between = speaks
    ? undefined
    : unavailable(address, answer, { name: "object store", namespace: namespaces.objectStore });
  return between ?? (answer.status >= 500 ? ill(expected, address, answer) : undefined);
}

function ill(expected: Expectations, address: string, answer: WebAnswer): Finding {
  return {
    problem: `${address} answers ${answer.status}: ${excerpt(answer.text)}`,
    cause: expected.ownObjectStore
      ? "too few servers are up, or they cannot reach or trust the realm, whose keys they need"
      : "it is overloaded or under repair, or something before it is",
    cure: storeLogs(expected),
  };
}

/** Where to look when the store refuses something. */
export function storeLogs({ ownObjectStore }: Expectations): string {
  return ownObjectStore
    ? `Look at \`kubectl --namespace ${namespaces.objectStore} logs statefulset/object-store\` and at the Job beside it`
    : "Look at the store's own log, or ask whoever runs it";
}

/** Whether the portal's pages may talk to the store: without it the browser itself refuses. */
export const corsStep: Step = {
  id: "cors",
  title: "object store lets the portal's pages in (CORS)",
  hop: "browser → object store",
  needs: ["object-store"],
  run: async (context) => {
    const { expected, options } = context;
    // Some stores keep the list with each bucket.
    const { bucket } = homeOf(expected.access, options.user ?? "doctor");
    const portal = expected.addresses.portal;
    const own = await preflight(context, bucket, portal);
    const { origin, methods } = allowanceIn(own);
    if ((origin !== portal && origin !== "*") || !/PUT|\*/.test(methods ?? "")) {
      const down = storeUnavailable(expected, own.address, own);
      if (down !== undefined) return failed(down);
      if (isMissing(own)) {
        if (isShared(expected)) return failed(missingBucket(bucket));
        return warning({
          problem: `The store says nothing of its rules: there is no bucket ${bucket}`,
          cause: "the portal makes it at the user's first visit, and the store keeps its rules with each bucket",
          cure: "Run the doctor with --user and somebody who has been there; new buckets must get their rules by themselves",
        });
      }
      return failed({
        problem: `The object store does not allow PUT from ${portal}: it allows ${methods ?? "no method"} from ${origin ?? "nowhere"}`,
        cause: "its list of allowed origins lacks the portal, or something in front of it removes the headers",
        cure: "Run `pulumi up`; on servers of your own, allow the portal's origin",
      });
    }
    const foreign = allowanceIn(await preflight(context, bucket, "https://doctor.invalid"));
    if (foreign.origin === undefined) return passed();
    return warning({
      problem: `The object store lets pages of any site in (${foreign.origin})`,
      cause: "its list of allowed origins is open",
      cure: `Allow ${portal} alone`,
    });
  },
};

async function preflight(context: Context, bucket: string, origin: string) {
  const { host, path } = placeOf(storeOf(context), { bucket, key: "file" });
  const address = `https://${host}${path}`;
  const answer = await context.web.request(address, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "PUT",
      "access-control-request-headers":
        "authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token",
    },
  });
  return { ...answer, address };
}

function allowanceIn({ headers }: WebAnswer) {
  return { origin: headers["access-control-allow-origin"], methods: headers["access-control-allow-methods"] };
}
