import { homeOf } from "../../components/access/access-model.ts";
import { namespaces } from "../../components/names.ts";
import type { Expectations } from "../expectations.ts";
import { failed, passed, type Step, storeOf, warning } from "../step.ts";
import { excerpt, unavailable } from "./unavailable.ts";

export const storePart = { name: "object store", namespace: namespaces.objectStore };

/** Whether the store serves. The platform's own servers need each other and the realm's keys for it, and say so. */
export function storeStep({ ownObjectStore, objectStore }: Expectations): Step {
  const known = objectStore === undefined ? ["portal-configuration"] : [];
  return {
    id: "object-store",
    title: "object store answers",
    hop: "object store",
    needs: ownObjectStore ? ["certificate:object-store"] : ["authority", ...known],
    run: async (context) => {
      const address = `${storeOf(context).endpoint}${ownObjectStore ? "/minio/health/cluster/read" : "/"}`;
      const answer = await context.web.request(address);
      // Who does not say who he is, is refused, and that is an answer.
      if (answer.status === 200 || (!ownObjectStore && answer.status < 500)) return passed();
      // The servers' own refusal has the same status as an ingress controller without a pod, but says who speaks.
      const own = /minio|silo/i.test([answer.headers.server].flat().join(""));
      return failed(
        (own ? undefined : unavailable(address, answer, storePart)) ?? {
          problem: `${address} answers ${answer.status}: ${excerpt(answer.text)}`,
          cause: "too few servers are up, or they cannot reach or trust the realm, whose keys they need",
          cure: `Look at \`kubectl --namespace ${namespaces.objectStore} logs statefulset/object-store\``,
        },
      );
    },
  };
}

/** Whether the portal's pages may talk to the store: without it the browser itself refuses. */
export const corsStep: Step = {
  id: "cors",
  title: "object store lets the portal's pages in (CORS)",
  hop: "browser → object store",
  needs: ["object-store"],
  run: async (context) => {
    const { access, hosts } = context.expected;
    const { bucket } = homeOf(access, "doctor");
    const allowed = async (origin: string) => {
      const { headers } = await context.web.request(`${storeOf(context).endpoint}/${bucket}/file`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "PUT",
          "access-control-request-headers":
            "authorization,content-type,x-amz-content-sha256,x-amz-date,x-amz-security-token",
        },
      });
      return { origin: headers["access-control-allow-origin"], methods: headers["access-control-allow-methods"] };
    };
    const portal = `https://${hosts.portal}`;
    const own = await allowed(portal);
    const origin = own.origin === portal || own.origin === "*";
    if (!origin || !/PUT|\*/.test(own.methods ?? "")) {
      return failed({
        problem: `The object store does not allow PUT from ${portal}: it allows ${own.methods ?? "no method"} from ${own.origin ?? "nowhere"}`,
        cause: "its list of allowed origins lacks the portal, or something in front of it removes the headers",
        cure: "Run `pulumi up`; on servers of your own, allow the portal's origin",
      });
    }
    const foreign = await allowed("https://doctor.invalid");
    if (foreign.origin === undefined) return passed();
    return warning({
      problem: `The object store lets pages of any site in (${foreign.origin})`,
      cause: "its list of allowed origins is open",
      cure: `Allow ${portal} alone`,
    });
  },
};
