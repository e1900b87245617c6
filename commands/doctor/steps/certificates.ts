import { checkServerIdentity, type DetailedPeerCertificate } from "node:tls";

import { caBundleKey, caBundleName } from "../../../components/kubernetes/ca-bundle.ts";
import type { PublicHost } from "../expectations.ts";
import { KubectlError } from "../../../checks/kubectl/kubectl.ts";
import { kubectlFinding } from "../network-errors.ts";
import { type Context, failed, type Finding, passed, type Step, warning } from "../step.ts";
import { chainOf, endOf, firstToEnd, nameOf } from "./chain.ts";
import { laxIn } from "./strict-chain.ts";

/** The authority that signs the platform's certificates, as its own pods trust it. */
export const authorityStep: Step = {
  id: "authority",
  title: "certificate authority to trust",
  hop: "certificate authority",
  needs: [],
  run: async ({ expected: { authority }, options, kubectl }) => {
    const given = options.authorities === undefined ? [] : [options.authorities];
    if (authority.kind === "public") return passed("public authorities", { authorities: given });
    if (authority.kind === "settings") return passed("stack file", { authorities: [...given, authority.pem] });
    if (given.length > 0) return passed("--ca", { authorities: given });
    const { namespace } = authority;
    try {
      const path = `/api/v1/namespaces/${namespace}/configmaps/${caBundleName}`;
      const { data } = await kubectl.get<{ data?: Record<string, string> }>(path);
      const pem = data?.[caBundleKey];
      if (pem !== undefined) return passed(`ConfigMap ${namespace}/${caBundleName}`, { authorities: [pem] });
      return failed(unreadable(namespace, `it has no key ${caBundleKey}`, "somebody has changed it"));
    } catch (error) {
      if (!(error instanceof KubectlError)) throw error;
      return failed(unreadable(namespace, error.message, kubectlFinding(error).cause));
    }
  },
};

function unreadable(namespace: string, reason: string, cause: string): Finding {
  return {
    problem: `The platform's own authority cannot be read from ConfigMap ${namespace}/${caBundleName}: ${reason}`,
    cause,
    cure: "Run `pulumi up`, or give the authority with --ca <file>",
  };
}

/** Whether HTTPS is answered at all. */
export function connectionStep({ key, host, port, own, part }: PublicHost): Step {
  return {
    id: `connection:${key}`,
    title: `HTTPS connection to ${host}`,
    hop: own ? "ingress controller" : part,
    needs: [`dns:${key}`],
    run: async ({ web }) => passed((await web.handshake(host, port)).address),
  };
}

/** Name, dates and trust of a host's certificate. */
export function certificateStep(at: PublicHost): Step {
  const { key, host, port, own, part } = at;
  return {
    id: `certificate:${key}`,
    title: `certificate of ${host}`,
    hop: own ? "ingress controller" : part,
    needs: ["authority", `connection:${key}`],
    run: async (context) => {
      const { certificate, chainError } = await context.web.handshake(host, port);
      const finding = refusal(context, at, certificate, chainError);
      if (finding !== undefined) return failed(finding);
      const now = context.now();
      const chain = chainOf(certificate);
      const { ends, name } = firstToEnd(chain.filter((one) => endOf(one) >= now));
      const days = Math.floor((ends.getTime() - now.getTime()) / 86_400_000);
      if (days < context.options.expiryDays) {
        return warning({
          problem: `The certificate "${name}" of ${host} ends in ${days} days, on ${day(ends)}`,
          cause: "it is not renewed in time",
          cure: renewal(context, at),
        });
      }
      const expired = chain.find((one) => endOf(one) < now);
      if (expired !== undefined) {
        return warning({
          problem: `The chain of ${host} holds "${nameOf(expired)}", which expired on ${day(endOf(expired))}`,
          cause: "the server still sends a certificate of its authority that is not needed any more",
          cure: "Take it out of the chain: older programs stumble over it",
        });
      }
      const lax = laxIn(chain);
      if (lax === undefined) return passed(`${days} days left`);
      return warning({
        problem: `requests, httpx and urllib refuse ${host} on Python 3.13 and later, also in notebooks: "${nameOf(lax.certificate)}" in its chain has no ${lax.lacks}`,
        cause: "it was made without what RFC 5280 wants of it, and most programs do not look",
        cure: "Have it made anew, with that extension; for an authority the key and the name can stay",
      });
    },
  };
}

function refusal(
  context: Context,
  at: PublicHost,
  certificate: DetailedPeerCertificate,
  chainError: string | undefined,
): Finding | undefined {
  const { host, own } = at;
  const names = (certificate.subjectaltname ?? "").replaceAll("DNS:", "") || certificate.subject.CN;
  if (checkServerIdentity(host, certificate) !== undefined) {
    return {
      problem: `The certificate that is served for ${host} holds for ${String(names)} only`,
      cause: own
        ? "the ingress controller does not have the wildcard certificate and serves another one"
        : "another server answers at its address",
      cure: renewal(context, at),
    };
  }
  const now = context.now();
  // A chain that is trusted may hold others that have ended, which nobody needs.
  const { ends, name } = firstToEnd(chainError === undefined ? [certificate] : chainOf(certificate));
  if (ends < now) {
    return {
      problem: `The certificate "${name}" of ${host} expired on ${day(ends)}`,
      cause: "it was not renewed",
      cure: renewal(context, at),
    };
  }
  if (new Date(certificate.valid_from) > now) {
    return {
      problem: `The certificate of ${host} is valid from ${certificate.valid_from} only`,
      cause: "the clock of this machine or of the issuer is wrong",
      cure: "Compare the clocks",
    };
  }
  if (chainError === undefined) return undefined;
  return {
    problem: `The certificate of ${host} is not trusted (${chainError}); "${issuerOf(certificate)}" has issued it`,
    ...distrust(context, at),
  };
}

function distrust(context: Context, at: PublicHost): Omit<Finding, "problem"> {
  const { authority } = context.expected;
  if (!at.own) {
    return {
      cause: "its authority is a private one, or an intermediate is missing",
      cure: "Browsers must trust that authority too; give it to the doctor with --ca <file>",
    };
  }
  if (authority.kind === "public" && authority.staging) {
    return {
      cause: "the stack uses Let's Encrypt's staging environment",
      cure: "Set datalab:certificates.environment to production once everything else passes",
    };
  }
  return {
    cause: "it comes from another authority than the one that the platform trusts, or an intermediate is missing",
    cure:
      authority.kind === "public"
        ? "Give a private authority with datalab:certificates.caBundle, or here with --ca <file>"
        : `${renewal(context, at)}; pods that trust the old authority must be started again`,
  };
}

function issuerOf(certificate: DetailedPeerCertificate): string {
  const { CN, O } = certificate.issuer as { CN?: string; O?: string };
  return CN ?? O ?? "somebody without a name";
}

function renewal({ expected }: Context, { own }: PublicHost): string {
  if (!own) return "Tell whoever runs that server";
  if (expected.authority.kind === "settings") return "Look at the certificate in the stack file or at its issuer";
  return "Look at `kubectl get certificates --all-namespaces` and at the logs of cert-manager";
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
