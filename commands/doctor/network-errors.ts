import { KubectlError } from "../../checks/kubectl/kubectl.ts";
import type { Finding } from "./step.ts";

const known: Readonly<Record<string, Omit<Finding, "problem">>> = {
  ECONNREFUSED: {
    cause: "nothing listens at that address and port",
    cure: "Check the address; for the platform's own hosts, that the ingress controller's Service has it and that its pods are ready",
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
  ...Object.fromEntries(
    [
      "CERT_HAS_EXPIRED",
      "CERT_NOT_YET_VALID",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    ].map((code) => [
      code,
      {
        cause: "its certificate is not trusted here: it has ended, or comes from an authority that is not known",
        cure: "Look at that certificate, or give its authority with --ca <file>",
      },
    ]),
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: {
    cause: "the certificate that is served there is for other names",
    cure: "Look at that certificate, and at who answers at this address",
  },
  EPROTO: {
    cause: "it does not speak TLS at that port, or has no certificate for this name",
    cure: "Check the address and port, and the server's certificates",
  },
  EAI_AGAIN: { cause: "the DNS server of this machine does not answer", cure: "Check this machine's DNS settings" },
};

/** What an exception says, for the person who runs the doctor. Nothing is swallowed: the message is part of it. */
export function networkFinding(title: string, error: unknown): Finding {
  if (error instanceof KubectlError) return kubectlFinding(error);
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

const kubectlCauses: Readonly<Record<KubectlError["kind"], Omit<Finding, "problem">>> = {
  missing: { hop: "this machine", cause: "it is not installed", cure: "Install kubectl" },
  "not found": { cause: "the stack is not deployed, or somebody has deleted it", cure: "Run `pulumi up --refresh`" },
  refused: {
    hop: "Kubernetes API",
    cause: "the login of the kubeconfig has run out, or it may not read this",
    cure: "Log in again, or ask for the right to read what is named here",
  },
  other: {
    hop: "Kubernetes API",
    cause: "the API server cannot be reached any more",
    cure: "Run the doctor again; if it stays, try `kubectl get nodes` with the kubeconfig of the stack",
  },
};

/** What kubectl says, and why, most likely. */
export function kubectlFinding({ kind, message }: KubectlError): Finding {
  return { problem: `The cluster cannot be asked: ${message}`, ...kubectlCauses[kind] };
}
