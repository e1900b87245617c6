import type { Finding } from "../step.ts";
import type { WebAnswer } from "../web-client.ts";

/** What an answer of the ingress controller itself means; undefined if the part behind it has answered. */
export function unavailable(
  address: string,
  answer: WebAnswer,
  part: { readonly name: string; readonly namespace: string },
): Finding | undefined {
  const problem = `${address} answers ${answer.status}`;
  const look = `Look at \`kubectl --namespace ${part.namespace} get pods\` and at the logs there`;
  if ([502, 503, 504].includes(answer.status)) {
    return {
      problem,
      hop: `ingress controller → ${part.name}`,
      cause: `no pod of the ${part.name} is ready, or a NetworkPolicy stands between`,
      cure: look,
    };
  }
  // Both controllers that serve the class say it so when no Ingress names host and path.
  if (answer.status === 404 && /^(404 page not found\s*$|default backend)/.test(answer.text)) {
    return {
      problem: `${problem}: the ingress controller knows no such host or path`,
      hop: "ingress controller",
      cause: "the Ingress is missing, or it is one of a class that this controller does not serve",
      cure: `Look at \`kubectl --namespace ${part.namespace} get ingresses\``,
    };
  }
  return undefined;
}

/** The beginning of an answer, for messages. */
export function excerpt(text: string): string {
  return text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 200);
}

/** JSON of an answer; undefined if it is none. */
export function jsonIn(answer: WebAnswer): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return undefined;
  }
}
