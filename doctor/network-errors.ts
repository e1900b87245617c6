import type { Finding } from "./step.ts";

const known: Readonly<Record<string, Omit<Finding, "problem">>> = {
  ECONNREFUSED: {
    cause: "nothing listens at that address and port",
    cure: "Check that the ingress controller's Service has this address and that its pods are ready",
  },
  ETIMEDOUT: {
    cause: "the address is wrong, or a firewall drops the packets",
    cure: "Check the address, the firewall and the load balancer; a slow platform needs a larger --timeout",
  },
  ECONNRESET: {
    cause: "something on the way closes the connection, or the server ended",
    cure: "Look at the logs of the ingress controller and of the part that is asked",
  },
  EHOSTUNREACH: { cause: "there is no route to that address", cure: "Check the address and your network or VPN" },
  ENETUNREACH: { cause: "there is no route to that address", cure: "Check the address and your network or VPN" },
  ENOTFOUND: { cause: "the name is not in DNS", cure: "Create the record, or give --address <ip>" },
  EAI_AGAIN: { cause: "the DNS server of this machine does not answer", cure: "Check this machine's DNS settings" },
};

/** What an exception says, for the person who runs the doctor. Nothing is swallowed: the message is part of it. */
export function networkFinding(title: string, error: unknown): Finding {
  const { code } = error as { code?: string };
  // A name with several addresses fails with one error for each of them, and without a message of its own.
  const message =
    error instanceof AggregateError
      ? error.errors.map((inner) => (inner as Error).message).join(", ")
      : error instanceof Error
        ? error.message
        : String(error);
  const finding = known[code ?? ""];
  if (finding !== undefined) return { problem: `No answer for ${title}: ${message}`, ...finding };
  return {
    problem: `The step "${title}" ended with: ${message}`,
    cause: "the answer was not what this step can read",
    cure: "Look at the part named here and at its log",
  };
}
